// RUN: pixelfly-opt %s --verify-roundtrip | FileCheck %s
// RUN: pixelfly-opt %s --mlir-print-op-generic | pixelfly-opt | FileCheck %s
// Without aliases the pattern stands in the middle of the op.
// RUN: pixelfly-opt %s --mlir-print-local-scope | pixelfly-opt | FileCheck %s

// Patterns are printed as aliases.
// CHECK-DAG: #[[$RECTANGLE:flat_butterfly.*]] = #pixelfly.flat_butterfly<rows = 512, cols = 256, block = 32, radices = [2, 2, 2], factors = 2>
// CHECK-DAG: #[[$MIXED:flat_butterfly.*]] = #pixelfly.flat_butterfly<rows = 48, cols = 96, block = 8, radices = [2, 3], factors = 2>
// CHECK-DAG: #[[$DIAGONAL:flat_butterfly.*]] = #pixelfly.flat_butterfly<rows = 8, cols = 8, block = 8, radices = [], factors = 0>
// CHECK-DAG: #[[$CHAIN:flat_butterfly.*]] = #pixelfly.flat_butterfly<rows = 32, cols = 32, block = 8, radices = [2, 2], factors = 2>
// CHECK-DAG: #[[$MASK:block_mask.*]] = #pixelfly.block_mask<block = 8, mask = ["#.#", ".#."]>
// CHECK-DAG: #[[$RULE:mask_rule.*]] = #pixelfly.mask_rule<bigbird, rows = 64, cols = 64, block = 8, window = 3, global = 1, random = 2, seed = 5, causal, transposed>
#rectangle = #pixelfly.flat_butterfly<rows = 512, cols = 256, block = 32, radices = [2, 2, 2], factors = 2>
#mixed = #pixelfly.flat_butterfly<rows = 48, cols = 96, block = 8, radices = [2, 3], factors = 2>
#diagonal = #pixelfly.flat_butterfly<rows = 8, cols = 8, block = 8, radices = [], factors = 0>
#chain = #pixelfly.flat_butterfly<rows = 32, cols = 32, block = 8, radices = [2, 2], factors = 2>
#mask = #pixelfly.block_mask<block = 8, mask = ["#.#", ".#."]>

// Parameters stand in any order.
#rule = #pixelfly.mask_rule<bigbird, rows = 64, causal, cols = 64, transposed, block = 8, seed = 5, random = 2, window = 3, global = 1>

// CHECK-LABEL: func.func @mask_rule
// CHECK:         pixelfly.to_dense %{{.*}} : tensor<30x8x8xf32> pattern #[[$RULE]] -> tensor<64x64xf32>
func.func @mask_rule(%w: tensor<30x8x8xf32>) -> tensor<64x64xf32> {
  %dense = pixelfly.to_dense %w : tensor<30x8x8xf32> pattern #rule -> tensor<64x64xf32>
  return %dense : tensor<64x64xf32>
}

// CHECK-LABEL: func.func @matmul
// CHECK:         pixelfly.matmul ins(%{{.*}}, %{{.*}} : tensor<96x256xf32>, tensor<48x32x32xf32>) outs(%{{.*}} : tensor<96x512xf32>) pattern #[[$RECTANGLE]] -> tensor<96x512xf32>
func.func @matmul(%x: tensor<96x256xf32>, %w: tensor<48x32x32xf32>, %init: tensor<96x512xf32>) -> tensor<96x512xf32> {
  %y = pixelfly.matmul ins(%x, %w : tensor<96x256xf32>, tensor<48x32x32xf32>)
         outs(%init : tensor<96x512xf32>) pattern #rectangle -> tensor<96x512xf32>
  return %y : tensor<96x512xf32>
}

// CHECK-LABEL: func.func @matmul_transposed
// CHECK:         pixelfly.matmul transposed ins(%{{.*}}, %{{.*}} : tensor<?x512xbf16>, tensor<48x32x32xbf16>) outs(%{{.*}} : tensor<?x256xf32>) pattern #[[$RECTANGLE]] {note = "kept"} -> tensor<?x256xf32>
func.func @matmul_transposed(%dy: tensor<?x512xbf16>, %w: tensor<48x32x32xbf16>, %init: tensor<?x256xf32>) -> tensor<?x256xf32> {
  %dx = pixelfly.matmul transposed ins(%dy, %w : tensor<?x512xbf16>, tensor<48x32x32xbf16>)
          outs(%init : tensor<?x256xf32>) pattern #rectangle {note = "kept"} -> tensor<?x256xf32>
  return %dx : tensor<?x256xf32>
}

// CHECK-LABEL: func.func @sddmm
// CHECK:         pixelfly.sddmm ins(%{{.*}}, %{{.*}} : tensor<10x48xf32>, tensor<10x96xf32>) outs(%{{.*}} : tensor<48x8x8xf32>) pattern #[[$MIXED]] -> tensor<48x8x8xf32>
func.func @sddmm(%dy: tensor<10x48xf32>, %x: tensor<10x96xf32>, %init: tensor<48x8x8xf32>) -> tensor<48x8x8xf32> {
  %dw = pixelfly.sddmm ins(%dy, %x : tensor<10x48xf32>, tensor<10x96xf32>)
          outs(%init : tensor<48x8x8xf32>) pattern #mixed -> tensor<48x8x8xf32>
  return %dw : tensor<48x8x8xf32>
}

// CHECK-LABEL: func.func @linear
// CHECK:         pixelfly.linear ins(%{{.*}}, %{{.*}} : tensor<4x8xf64>, tensor<1x8x8xf64>) low_rank(%{{.*}}, %{{.*}}, %{{.*}} : tensor<8x8xf64>, tensor<8x8xf64>, tensor<f64>) bias(%{{.*}} : tensor<8xf64>) outs(%{{.*}} : tensor<4x8xf64>) pattern #[[$DIAGONAL]] -> tensor<4x8xf64>
// CHECK:         pixelfly.linear ins(%{{.*}}, %{{.*}} : tensor<4x8xf64>, tensor<1x8x8xf64>) outs(%{{.*}} : tensor<4x8xf64>) pattern #[[$DIAGONAL]] -> tensor<4x8xf64>
func.func @linear(%x: tensor<4x8xf64>, %w: tensor<1x8x8xf64>, %u: tensor<8x8xf64>, %v: tensor<8x8xf64>,
                  %gamma: tensor<f64>, %bias: tensor<8xf64>, %init: tensor<4x8xf64>) -> tensor<4x8xf64> {
  %y = pixelfly.linear ins(%x, %w : tensor<4x8xf64>, tensor<1x8x8xf64>)
         low_rank(%u, %v, %gamma : tensor<8x8xf64>, tensor<8x8xf64>, tensor<f64>)
         bias(%bias : tensor<8xf64>) outs(%init : tensor<4x8xf64>) pattern #diagonal -> tensor<4x8xf64>
  %z = pixelfly.linear ins(%y, %w : tensor<4x8xf64>, tensor<1x8x8xf64>)
         outs(%init : tensor<4x8xf64>) pattern #diagonal -> tensor<4x8xf64>
  return %z : tensor<4x8xf64>
}

// CHECK-LABEL: func.func @linear_gate
// CHECK:         pixelfly.linear ins(%{{.*}}, %{{.*}} : {{.*}}) low_rank(%{{.*}}, %{{.*}} : tensor<8x8xf64>, tensor<8x8xf64>) gate(%{{.*}}, %{{.*}} : tensor<8xf64>, tensor<f64>) bias(%{{.*}} : tensor<8xf64>) outs(%{{.*}} : tensor<4x8xf64>) pattern #[[$DIAGONAL]] -> tensor<4x8xf64>
func.func @linear_gate(%x: tensor<4x8xf64>, %w: tensor<1x8x8xf64>, %u: tensor<8x8xf64>, %v: tensor<8x8xf64>,
                       %gw: tensor<8xf64>, %gb: tensor<f64>, %bias: tensor<8xf64>, %init: tensor<4x8xf64>) -> tensor<4x8xf64> {
  %y = pixelfly.linear ins(%x, %w : tensor<4x8xf64>, tensor<1x8x8xf64>)
         low_rank(%u, %v : tensor<8x8xf64>, tensor<8x8xf64>) gate(%gw, %gb : tensor<8xf64>, tensor<f64>)
         bias(%bias : tensor<8xf64>) outs(%init : tensor<4x8xf64>) pattern #diagonal -> tensor<4x8xf64>
  return %y : tensor<4x8xf64>
}

// CHECK-LABEL: func.func @butterfly_matmul
// CHECK:         pixelfly.butterfly_matmul ins(%{{.*}} : tensor<4x32xf32>) factors(%{{.*}}, %{{.*}} : tensor<8x8x8xf32>, tensor<8x8x8xf32>) outs(%{{.*}} : tensor<4x32xf32>) pattern #[[$CHAIN]] -> tensor<4x32xf32>
// CHECK:         pixelfly.butterfly_matmul ins(%{{.*}} : tensor<4x32xf32>) factors(%{{.*}}, %{{.*}} : tensor<8x8x8xf32>, tensor<8x8x8xf32>) residual(%{{.*}} : tensor<f32>) outs(%{{.*}} : tensor<4x32xf32>) pattern #[[$CHAIN]] {note} -> tensor<4x32xf32>
func.func @butterfly_matmul(%x: tensor<4x32xf32>, %a: tensor<8x8x8xf32>, %b: tensor<8x8x8xf32>, %lambda: tensor<f32>,
                            %init: tensor<4x32xf32>) -> tensor<4x32xf32> {
  %y = pixelfly.butterfly_matmul ins(%x : tensor<4x32xf32>) factors(%a, %b : tensor<8x8x8xf32>, tensor<8x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #chain -> tensor<4x32xf32>
  %z = pixelfly.butterfly_matmul ins(%y : tensor<4x32xf32>) factors(%a, %b : tensor<8x8x8xf32>, tensor<8x8x8xf32>)
         residual(%lambda : tensor<f32>) outs(%init : tensor<4x32xf32>) pattern #chain {note} -> tensor<4x32xf32>
  return %z : tensor<4x32xf32>
}

// CHECK-LABEL: func.func @memrefs
// CHECK:         pixelfly.matmul ins(%{{.*}}, %{{.*}} : memref<4x8xf32, strided<[16, 1]>>, memref<1x8x8xf32>) outs(%{{.*}} : memref<4x8xf32>) pattern #[[$DIAGONAL]]{{$}}
// CHECK:         pixelfly.sddmm ins(%{{.*}}, %{{.*}} : memref<4x8xf32>, memref<4x8xf32, strided<[16, 1]>>) outs(%{{.*}} : memref<1x8x8xf32>) pattern #[[$DIAGONAL]]{{$}}
// CHECK:         pixelfly.linear ins(%{{.*}}, %{{.*}} : memref<4x8xf32, strided<[16, 1]>>, memref<1x8x8xf32>) outs(%{{.*}} : memref<4x8xf32>) pattern #[[$DIAGONAL]]{{$}}
func.func @memrefs(%x: memref<4x8xf32, strided<[16, 1]>>, %w: memref<1x8x8xf32>, %y: memref<4x8xf32>) {
  pixelfly.matmul ins(%x, %w : memref<4x8xf32, strided<[16, 1]>>, memref<1x8x8xf32>)
    outs(%y : memref<4x8xf32>) pattern #diagonal
  pixelfly.sddmm ins(%y, %x : memref<4x8xf32>, memref<4x8xf32, strided<[16, 1]>>)
    outs(%w : memref<1x8x8xf32>) pattern #diagonal
  pixelfly.linear ins(%x, %w : memref<4x8xf32, strided<[16, 1]>>, memref<1x8x8xf32>)
    outs(%y : memref<4x8xf32>) pattern #diagonal
  return
}

// CHECK-LABEL: func.func @dense
// CHECK:         pixelfly.to_dense %{{.*}} : tensor<48x32x32xf32> pattern #[[$RECTANGLE]] -> tensor<512x256xf32>
// CHECK:         pixelfly.from_dense %{{.*}} : tensor<512x256xf32> pattern #[[$RECTANGLE]] -> tensor<48x32x32xf32>
func.func @dense(%w: tensor<48x32x32xf32>) -> tensor<48x32x32xf32> {
  %dense = pixelfly.to_dense %w : tensor<48x32x32xf32> pattern #rectangle -> tensor<512x256xf32>
  %blocks = pixelfly.from_dense %dense : tensor<512x256xf32> pattern #rectangle -> tensor<48x32x32xf32>
  return %blocks : tensor<48x32x32xf32>
}

// CHECK-LABEL: func.func @dense_mask
// CHECK:         pixelfly.to_dense %{{.*}} : tensor<3x8x8xf32> pattern #[[$MASK]] -> tensor<16x24xf32>
func.func @dense_mask(%w: tensor<3x8x8xf32>) -> tensor<16x24xf32> {
  %dense = pixelfly.to_dense %w : tensor<3x8x8xf32> pattern #mask -> tensor<16x24xf32>
  return %dense : tensor<16x24xf32>
}

// CHECK-LABEL: func.func @function_attributes(
// CHECK-SAME:    %{{.*}}: tensor<48x32x32xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <uniform, 5.000000e-01 : f64>, decay = true, pattern = #[[$RECTANGLE]]>}
// CHECK-SAME:    %{{.*}}: tensor<512xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.bias", init = <constant, -1.000000e+00 : f64>, decay = false>}
// CHECK-SAME:    %{{[a-z0-9]*}}: tensor<512xf32> {pixelfly.optimizer_state = "velocity"}
// CHECK-SAME:    %{{[a-z0-9]*}}: tensor<512xf32> {pixelfly.optimizer_state = "velocity"}
// CHECK-SAME:    %{{.*}}: tensor<8xi32> {pixelfly.input = "labels"}
// CHECK-SAME:    -> (tensor<512xf32> {pixelfly.output = "loss"}, tensor<512xf32>, tensor<8xi32> {pixelfly.output = "logits"})
func.func @function_attributes(
    %w: tensor<48x32x32xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <uniform, 0.5>, decay = true, pattern = #rectangle>},
    %b: tensor<512xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.bias", init = <constant, -1.0>, decay = false>},
    %s: tensor<512xf32> {pixelfly.optimizer_state = "velocity"},
    %t: tensor<512xf32> {pixelfly.optimizer_state = "velocity"},
    %labels: tensor<8xi32> {pixelfly.input = "labels"})
    -> (tensor<512xf32> {pixelfly.output = "loss"}, tensor<512xf32>, tensor<8xi32> {pixelfly.output = "logits"}) {
  return %b, %s, %labels : tensor<512xf32>, tensor<512xf32>, tensor<8xi32>
}
