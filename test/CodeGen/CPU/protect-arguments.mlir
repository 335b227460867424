// RUN: pixelfly-opt %s --pixelfly-protect-arguments | FileCheck %s

// CHECK-LABEL: func.func @step
// CHECK-SAME:    (%{{[a-z0-9]+}}: tensor<8xf32>, %{{[a-z0-9]+}}: tensor<8xf32> {bufferization.writable = false})
func.func @step(%p: tensor<8xf32>, %x: tensor<8xf32>)
    -> (tensor<8xf32>, tensor<8xf32> {pixelfly.output = "logits"}) {
  return %p, %x : tensor<8xf32>, tensor<8xf32>
}

// CHECK-LABEL: func.func @evaluate
// CHECK-SAME:    (%{{[a-z0-9]+}}: tensor<8xf32> {bufferization.writable = false})
func.func @evaluate(%p: tensor<8xf32>)
    -> (tensor<8xf32> {pixelfly.output = "logits"}) {
  return %p : tensor<8xf32>
}

// Declines: what is called from within the module is bufferization's business.
// CHECK-LABEL: func.func private @helper
// CHECK-NOT:     writable
func.func private @helper(%x: tensor<8xf32>) -> tensor<8xf32> {
  return %x : tensor<8xf32>
}
