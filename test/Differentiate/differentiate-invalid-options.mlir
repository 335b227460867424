// RUN: pixelfly-opt %s --verify-diagnostics --pixelfly-differentiate="function=index result=0 arguments=1"
// RUN: not pixelfly-opt %s --pixelfly-differentiate="function=index result=0 arguments=7" 2>&1 \
// RUN:   | FileCheck %s --check-prefix=ARGUMENT
// RUN: not pixelfly-opt %s --pixelfly-differentiate="function=index result=3 arguments=0" 2>&1 \
// RUN:   | FileCheck %s --check-prefix=RESULT

// ARGUMENT: error: cannot differentiate with respect to argument 7 of a function with 2 arguments
// RESULT: error: cannot differentiate result 3 of a function with 1 results

// expected-error @below {{cannot differentiate with respect to argument 1 of type 'tensor<4xi32>'; it must be a float or a tensor of floats}}
func.func @index(%x: f32, %labels: tensor<4xi32>) -> f32 {
  return %x : f32
}
