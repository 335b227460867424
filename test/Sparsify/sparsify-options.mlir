// RUN: split-file %s %t
// RUN: not pixelfly-opt %t/model.mlir --pixelfly-sparsify="density=0" 2>&1 | FileCheck %s --check-prefix=DENSITY
// RUN: not pixelfly-opt %t/model.mlir --pixelfly-sparsify="density=1.01" 2>&1 | FileCheck %s --check-prefix=DENSITY
// RUN: not pixelfly-opt %t/model.mlir --pixelfly-sparsify="density=nan" 2>&1 | FileCheck %s --check-prefix=DENSITY
// RUN: not pixelfly-opt %t/model.mlir --pixelfly-sparsify="low-rank-share=1" 2>&1 | FileCheck %s --check-prefix=SHARE
// RUN: not pixelfly-opt %t/model.mlir --pixelfly-sparsify="low-rank-share=-0.1" 2>&1 | FileCheck %s --check-prefix=SHARE
// RUN: not pixelfly-opt %t/model.mlir --pixelfly-sparsify="block=24" 2>&1 | FileCheck %s --check-prefix=BLOCK
// RUN: not pixelfly-opt %t/model.mlir --pixelfly-sparsify="function=forward" 2>&1 | FileCheck %s --check-prefix=FUNCTION
// RUN: not pixelfly-opt %t/model.mlir --pixelfly-sparsify="layers=fc[" 2>&1 | FileCheck %s --check-prefix=GLOB
// RUN: not pixelfly-opt %t/attribute.mlir --pixelfly-sparsify 2>&1 | FileCheck %s --check-prefix=ATTRIBUTE
// RUN: not pixelfly-opt %t/declaration.mlir --pixelfly-sparsify 2>&1 | FileCheck %s --check-prefix=FUNCTION

// Options that make no sense are errors that say what would.

// DENSITY: error: option density must lie in (0, 1], but is
// SHARE: error: option low-rank-share must be at least 0 and less than 1, but is
// BLOCK: error: option block must be 8, 16, 32, 64 or 128, or 0 for the default, but is 24
// FUNCTION: error: there is no function '{{forward|model}}' with a body; name one with the option function
// GLOB: error: layers: 'fc[' is not a glob pattern: invalid glob pattern
// ATTRIBUTE: error: 'pixelfly.sparsify' must be an array of strings

//--- model.mlir
func.func @model() {
  return
}

//--- attribute.mlir
module attributes {pixelfly.sparsify = ["fc", 3]} {
  func.func @model() {
    return
  }
}

//--- declaration.mlir
func.func private @model()
