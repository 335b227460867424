// RUN: pixelfly-opt %s --pixelfly-lower-to-linalg=keep-products | FileCheck %s
// RUN: pixelfly-opt %s --pixelfly-lower-to-linalg="keep-products narrow-products" | FileCheck %s --check-prefix=NARROW

#p = #pixelfly.flat_butterfly<rows = 32, cols = 64, block = 8, radices = [2, 2], factors = 1>

// CHECK-LABEL: func.func @products(
// CHECK-NEXT:    pixelfly.matmul
// CHECK-NEXT:    pixelfly.sddmm
// CHECK-NEXT:    return
func.func @products(%x: tensor<4x64xf32>, %w: tensor<16x8x8xf32>, %init: tensor<4x32xf32>) -> tensor<16x8x8xf32> {
  %y = pixelfly.matmul ins(%x, %w : tensor<4x64xf32>, tensor<16x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
  %dw = pixelfly.sddmm ins(%y, %x : tensor<4x32xf32>, tensor<4x64xf32>)
          outs(%w : tensor<16x8x8xf32>) pattern #p -> tensor<16x8x8xf32>
  return %dw : tensor<16x8x8xf32>
}

// The rest becomes linalg; a layer's sparse product stays.
// CHECK-LABEL: func.func @rest(
// CHECK-NOT:     pixelfly.linear
// CHECK:         linalg.fill
// CHECK:         pixelfly.matmul
// CHECK-NOT:     pixelfly.from_dense
// CHECK:         linalg.generic
func.func @rest(%x: tensor<32x64xf32>, %w: tensor<16x8x8xf32>, %m: tensor<32x64xf32>,
                %init: tensor<32x32xf32>) -> (tensor<32x32xf32>, tensor<16x8x8xf32>) {
  %y = pixelfly.linear ins(%x, %w : tensor<32x64xf32>, tensor<16x8x8xf32>)
         outs(%init : tensor<32x32xf32>) pattern #p -> tensor<32x32xf32>
  %blocks = pixelfly.from_dense %m : tensor<32x64xf32> pattern #p -> tensor<16x8x8xf32>
  return %y, %blocks : tensor<32x32xf32>, tensor<16x8x8xf32>
}

// A product of dynamic shape has no faster path.
// CHECK-LABEL: func.func @dynamic(
// CHECK-NOT:     pixelfly.matmul
// CHECK:         linalg.matmul
func.func @dynamic(%x: tensor<?x64xf32>, %w: tensor<16x8x8xf32>, %init: tensor<?x32xf32>) -> tensor<?x32xf32> {
  %y = pixelfly.matmul ins(%x, %w : tensor<?x64xf32>, tensor<16x8x8xf32>)
         outs(%init : tensor<?x32xf32>) pattern #p -> tensor<?x32xf32>
  return %y : tensor<?x32xf32>
}

// Nor has one in other types, but where the target has kernels for them.
// CHECK-LABEL: func.func @mixed_types(
// CHECK-NOT:     pixelfly.matmul
// CHECK:         linalg.matmul
// NARROW-LABEL: func.func @dynamic(
// NARROW:         linalg.matmul
// NARROW-LABEL: func.func @mixed_types(
// NARROW:         pixelfly.matmul {{.*}} tensor<4x64xbf16>
func.func @mixed_types(%x: tensor<4x64xbf16>, %w: tensor<16x8x8xbf16>, %init: tensor<4x32xf32>) -> tensor<4x32xf32> {
  %y = pixelfly.matmul ins(%x, %w : tensor<4x64xbf16>, tensor<16x8x8xbf16>)
         outs(%init : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
  return %y : tensor<4x32xf32>
}

// A product on memrefs stays, too.
// CHECK-LABEL: func.func @memrefs(
// CHECK-NEXT:    pixelfly.matmul
func.func @memrefs(%x: memref<4x64xf32>, %w: memref<16x8x8xf32>, %y: memref<4x32xf32>) {
  pixelfly.matmul ins(%x, %w : memref<4x64xf32>, memref<16x8x8xf32>)
    outs(%y : memref<4x32xf32>) pattern #p
  return
}
