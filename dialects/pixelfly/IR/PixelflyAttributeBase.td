// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef PIXELFLY_IR_PIXELFLYATTRIBUTEBASE_TD
#define PIXELFLY_IR_PIXELFLYATTRIBUTEBASE_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "pixelfly/IR/PixelflyDialect.td"

class Pixelfly_Attr<string name, string attrMnemonic, list<Trait> traits = []>
    : AttrDef<Pixelfly_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

#endif // PIXELFLY_IR_PIXELFLYATTRIBUTEBASE_TD
