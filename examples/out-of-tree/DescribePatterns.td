// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

include "mlir/Pass/PassBase.td"

def DescribePatterns : Pass<"example-describe-patterns"> {
  let summary = "Describe the block pattern of each operation that has one";
  let description = [{
    Leaves the program as it is and emits a remark at each operation with a
    pattern: the size of the matrix and how many of its blocks are stored.
  }];
}
