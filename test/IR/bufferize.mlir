// RUN: pixelfly-opt %s --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" | FileCheck %s

#p = #pixelfly.flat_butterfly<rows = 512, cols = 256, block = 32, radices = [2, 2, 2], factors = 2>

// The result takes the init's buffer; the inputs are not copied.
// CHECK-LABEL: func.func @matmul(
// CHECK-SAME:    %[[X:[^:]*]]: memref<96x256xf32>, %[[W:[^:]*]]: memref<48x32x32xf32>, %[[INIT:[^:]*]]: memref<96x512xf32>)
// CHECK-NEXT:    pixelfly.matmul ins(%[[X]], %[[W]] : memref<96x256xf32>, memref<48x32x32xf32>) outs(%[[INIT]] : memref<96x512xf32>) pattern
// CHECK-NEXT:    return %[[INIT]]
func.func @matmul(%x: tensor<96x256xf32>, %w: tensor<48x32x32xf32>, %init: tensor<96x512xf32>) -> tensor<96x512xf32> {
  %y = pixelfly.matmul ins(%x, %w : tensor<96x256xf32>, tensor<48x32x32xf32>)
         outs(%init : tensor<96x512xf32>) pattern #p -> tensor<96x512xf32>
  return %y : tensor<96x512xf32>
}

// Properties and discardable attributes survive.
// CHECK-LABEL: func.func @matmul_transposed(
// CHECK:         pixelfly.matmul transposed ins({{.*}}) outs({{.*}}) pattern {{.*}} {note = 1 : i64}
func.func @matmul_transposed(%x: tensor<96x512xf32>, %w: tensor<48x32x32xf32>, %init: tensor<96x256xf32>) -> tensor<96x256xf32> {
  %y = pixelfly.matmul transposed ins(%x, %w : tensor<96x512xf32>, tensor<48x32x32xf32>)
         outs(%init : tensor<96x256xf32>) pattern #p {note = 1} -> tensor<96x256xf32>
  return %y : tensor<96x256xf32>
}

// The accumulated value is read, so an init that lives on is copied first.
// CHECK-LABEL: func.func @sddmm_copies_live_init(
// CHECK-SAME:    %[[DY:[^:]*]]: memref<96x512xf32>, %[[X:[^:]*]]: memref<96x256xf32>, %[[INIT:[^:]*]]: memref<48x32x32xf32>)
// CHECK:         %[[COPY:.*]] = memref.alloc() {{.*}}: memref<48x32x32xf32>
// CHECK:         memref.copy %[[INIT]], %[[COPY]]
// CHECK:         pixelfly.sddmm ins(%[[DY]], %[[X]] : {{.*}}) outs(%[[COPY]] : memref<48x32x32xf32>)
// CHECK:         return %[[COPY]], %[[INIT]]
func.func @sddmm_copies_live_init(%dy: tensor<96x512xf32>, %x: tensor<96x256xf32>, %init: tensor<48x32x32xf32>)
    -> (tensor<48x32x32xf32>, tensor<48x32x32xf32>) {
  %dw = pixelfly.sddmm ins(%dy, %x : tensor<96x512xf32>, tensor<96x256xf32>)
          outs(%init : tensor<48x32x32xf32>) pattern #p -> tensor<48x32x32xf32>
  return %dw, %init : tensor<48x32x32xf32>, tensor<48x32x32xf32>
}

// A layer overwrites its init: one that lives on needs a new buffer, no copy.
// CHECK-LABEL: func.func @linear_does_not_read_init(
// CHECK:         %[[NEW:.*]] = memref.alloc() {{.*}}: memref<96x512xf32>
// CHECK-NOT:     memref.copy
// CHECK:         pixelfly.linear ins({{.*}}) bias({{.*}}) outs(%[[NEW]] : memref<96x512xf32>)
func.func @linear_does_not_read_init(%x: tensor<96x256xf32>, %w: tensor<48x32x32xf32>, %bias: tensor<512xf32>,
                                     %init: tensor<96x512xf32>) -> (tensor<96x512xf32>, tensor<96x512xf32>) {
  %y = pixelfly.linear ins(%x, %w : tensor<96x256xf32>, tensor<48x32x32xf32>)
         bias(%bias : tensor<512xf32>)
         outs(%init : tensor<96x512xf32>) pattern #p -> tensor<96x512xf32>
  return %y, %init : tensor<96x512xf32>, tensor<96x512xf32>
}

#chain = #pixelfly.flat_butterfly<rows = 32, cols = 32, block = 8, radices = [2, 2], factors = 2>

// CHECK-LABEL: func.func @butterfly_matmul(
// CHECK-SAME:    %[[X:[^:]*]]: memref<4x32xf32>, %[[A:[^:]*]]: memref<8x8x8xf32>, %[[INIT:[^:]*]]: memref<4x32xf32>)
// CHECK-NEXT:    pixelfly.butterfly_matmul ins(%[[X]] : memref<4x32xf32>) factors(%[[A]], %[[A]] : {{.*}}) outs(%[[INIT]] : memref<4x32xf32>) pattern
// CHECK-NEXT:    return %[[INIT]]
func.func @butterfly_matmul(%x: tensor<4x32xf32>, %a: tensor<8x8x8xf32>, %init: tensor<4x32xf32>) -> tensor<4x32xf32> {
  %y = pixelfly.butterfly_matmul ins(%x : tensor<4x32xf32>) factors(%a, %a : tensor<8x8x8xf32>, tensor<8x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #chain -> tensor<4x32xf32>
  return %y : tensor<4x32xf32>
}

#square = #pixelfly.flat_butterfly<rows = 256, cols = 256, block = 32, radices = [2, 2], factors = 1>

// The product cannot overwrite what it reads.
// CHECK-LABEL: func.func @input_is_init(
// CHECK-SAME:    %[[X:[^:]*]]: memref<96x256xf32>
// CHECK:         %[[COPY:.*]] = memref.alloc()
// CHECK:         memref.copy %[[X]], %[[COPY]]
// CHECK:         pixelfly.matmul ins(%[[X]], {{.*}}) outs(%[[COPY]] :
func.func @input_is_init(%x: tensor<96x256xf32>, %w: tensor<32x32x32xf32>) -> tensor<96x256xf32> {
  %y = pixelfly.matmul ins(%x, %w : tensor<96x256xf32>, tensor<32x32x32xf32>)
         outs(%x : tensor<96x256xf32>) pattern #square -> tensor<96x256xf32>
  return %y : tensor<96x256xf32>
}

#mask = #pixelfly.block_mask<block = 8, mask = ["#.#", ".#."]>

// Conversions have no destination: a new buffer, filled by their linalg form.
// CHECK-LABEL: func.func @to_dense(
// CHECK-SAME:    %[[W:[^:]*]]: memref<3x8x8xf32>)
// CHECK:         %[[TABLE:.*]] = memref.get_global {{.*}} : memref<2x3xi64>
// CHECK:         %[[DENSE:.*]] = memref.alloc() {{.*}}: memref<16x24xf32>
// CHECK:         linalg.generic {{.*}} outs(%[[DENSE]] : memref<16x24xf32>)
// CHECK:           memref.load %[[TABLE]]
// CHECK:           memref.load %[[W]]
// CHECK-NOT:     memref.copy
// CHECK:         return %[[DENSE]] : memref<16x24xf32>
func.func @to_dense(%w: tensor<3x8x8xf32>) -> tensor<16x24xf32> {
  %dense = pixelfly.to_dense %w : tensor<3x8x8xf32> pattern #mask -> tensor<16x24xf32>
  return %dense : tensor<16x24xf32>
}

// The matrix may change once its blocks are taken: no copy of it either way.
// CHECK-LABEL: func.func @from_dense_then_overwrite(
// CHECK-SAME:    %[[DENSE:[^:]*]]: memref<512x256xf32>)
// CHECK:         %[[W:.*]] = memref.alloc() {{.*}}: memref<48x32x32xf32>
// CHECK:         linalg.generic {{.*}} outs(%[[W]] : memref<48x32x32xf32>)
// CHECK:           memref.load %[[DENSE]]
// CHECK:         linalg.fill {{.*}} outs(%[[DENSE]] : memref<512x256xf32>)
// CHECK:         return %[[W]], %[[DENSE]]
func.func @from_dense_then_overwrite(%dense: tensor<512x256xf32>) -> (tensor<48x32x32xf32>, tensor<512x256xf32>) {
  %zero = arith.constant 0.0 : f32
  %w = pixelfly.from_dense %dense : tensor<512x256xf32> pattern #p -> tensor<48x32x32xf32>
  %new = linalg.fill ins(%zero : f32) outs(%dense : tensor<512x256xf32>) -> tensor<512x256xf32>
  return %w, %new : tensor<48x32x32xf32>, tensor<512x256xf32>
}
