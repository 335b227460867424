//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/StaticShape.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

std::string mlir::pixelfly::explainDynamicShape(Type type) {
  auto shaped = dyn_cast_if_present<ShapedType>(type);
  if (!shaped || shaped.hasStaticShape())
    return "";
  if (!shaped.hasRank())
    return "it has no rank; write a static shape into its type";
  SmallVector<int64_t> dims;
  for (int64_t i = 0; i < shaped.getRank(); ++i)
    if (shaped.isDynamicDim(i))
      dims.push_back(i);
  std::string text = dims.size() == 1 ? "dimension " : "dimensions ";
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(dims, os);
  os << (dims.size() == 1 ? " is dynamic; write its size into the type"
                          : " are dynamic; write their sizes into the type");
  return text;
}
