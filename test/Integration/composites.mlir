// A softmax and a gather, which linalg and tensor have as one operation each, go
// through our code as what they are short for.
//
// RUN: pixelfly-opt %s --pixelfly-to-llvm=plain-loops \
// RUN:   | mlir-runner -e main -entry-point-result=void %runner_libs | FileCheck %s
// RUN: pixelfly-opt %s --pixelfly-to-llvm \
// RUN:   | mlir-runner -e main -entry-point-result=void %runner_libs | FileCheck %s

// exp(0), exp(1) and exp(2) over their sum.
// CHECK: {{\[\[}}0.333333, {{ *}}0.333333, {{ *}}0.333333],
// CHECK: [0.09003{{[0-9]*}}, {{ *}}0.24472{{[0-9]*}}, {{ *}}0.66524{{[0-9]*}}],
// CHECK: [0.333333, {{ *}}0.333333, {{ *}}0.333333]]

func.func private @printMemrefF32(tensor<*xf32> {bufferization.access = "read"})
func.func @main() {
  %x = arith.constant dense<[[0.0, 1.0, 2.0], [3.0, 3.0, 3.0]]> : tensor<2x3xf32>
  %places = arith.constant dense<[[1], [0], [1]]> : tensor<3x1xindex>
  %e = tensor.empty() : tensor<2x3xf32>
  %s = linalg.softmax dimension(1) ins(%x : tensor<2x3xf32>) outs(%e : tensor<2x3xf32>) -> tensor<2x3xf32>
  %g = tensor.gather %s[%places] gather_dims([0]) : (tensor<2x3xf32>, tensor<3x1xindex>) -> tensor<3x3xf32>
  %any = tensor.cast %g : tensor<3x3xf32> to tensor<*xf32>
  call @printMemrefF32(%any) : (tensor<*xf32>) -> ()
  return
}
