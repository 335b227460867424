// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef PIXELFLY_IR_PIXELFLYENUMS_TD
#define PIXELFLY_IR_PIXELFLYENUMS_TD

include "mlir/IR/EnumAttr.td"

def Pixelfly_InitKind : I32Enum<"InitKind",
    "Distribution a parameter is drawn from before training", [
  I32EnumCase<"Constant", 0, "constant">,
  I32EnumCase<"Uniform", 1, "uniform">,
  I32EnumCase<"Normal", 2, "normal">,
  I32EnumCase<"TruncatedNormal", 3, "truncated_normal">,
  I32EnumCase<"SingularVectors", 4, "singular_vectors">
]> {
  let cppNamespace = "::mlir::pixelfly";
}

def Pixelfly_InitRule : I32Enum<"InitRule",
    "How the parameters of a sparse layer follow from the dense weight's", [
  I32EnumCase<"KeepVariance", 0, "keep_variance">,
  I32EnumCase<"AuthorsDefault", 1, "authors_default">,
  I32EnumCase<"AuthorsViT", 2, "authors_vit">,
  I32EnumCase<"AuthorsMixer", 3, "authors_mixer">
]> {
  let cppNamespace = "::mlir::pixelfly";
}

def Pixelfly_LayerMix : I32Enum<"LayerMix",
    "What weighs the butterfly against the low-rank term", [
  I32EnumCase<"Scalar", 0, "scalar">,
  I32EnumCase<"Gate", 1, "gate">
]> {
  let cppNamespace = "::mlir::pixelfly";
}

def Pixelfly_BudgetMeasure : I32Enum<"BudgetMeasure",
    "What a budget counts", [
  I32EnumCase<"Parameters", 0, "parameters">,
  I32EnumCase<"MultiplyAdds", 1, "multiply_adds">,
  I32EnumCase<"Time", 2, "time">
]> {
  let cppNamespace = "::mlir::pixelfly";
}

def Pixelfly_MaskRuleKind : I32Enum<"MaskRuleKind",
    "Rule that says which blocks of a grid are nonzero", [
  I32EnumCase<"Dense", 0, "dense">,
  I32EnumCase<"BlockDiagonal", 1, "block_diagonal">,
  I32EnumCase<"Local", 2, "local">,
  I32EnumCase<"Global", 3, "global">,
  I32EnumCase<"Random", 4, "random">,
  I32EnumCase<"BigBird", 5, "bigbird">,
  I32EnumCase<"Longformer", 6, "longformer">,
  I32EnumCase<"Fixed", 7, "fixed">,
  I32EnumCase<"ButterflyGlobal", 8, "butterfly_global">,
  I32EnumCase<"StretchedButterfly", 9, "stretched_butterfly">,
  I32EnumCase<"ButterflyFactor", 10, "butterfly_factor">
]> {
  let cppNamespace = "::mlir::pixelfly";
}

def Pixelfly_Schedule : I32Enum<"Schedule",
    "How the learning rate falls after the warm-up", [
  I32EnumCase<"Constant", 0, "constant">,
  I32EnumCase<"Linear", 1, "linear">,
  I32EnumCase<"Cosine", 2, "cosine">
]> {
  let cppNamespace = "::mlir::pixelfly";
}

#endif // PIXELFLY_IR_PIXELFLYENUMS_TD
