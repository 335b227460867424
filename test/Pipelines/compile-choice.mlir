// A product that says which pattern it should get is asked for by that; no option
// need name it.
// RUN: pixelfly-compile %s --quiet --compile-to=sparsify | FileCheck %s
// CHECK-DAG: #[[$P:.*]] = #pixelfly.mask_rule<longformer, rows = 64, cols = 64, block = 8, window = 3, global = 1>
// CHECK: pixelfly.linear {{.*}} pattern #[[$P]]
//
// It stays what it is where everything is to be dense.
// RUN: pixelfly-compile %s --quiet --dense --compile-to=sparsify | FileCheck %s --check-prefix=DENSE
// DENSE-NOT: pixelfly.linear
// DENSE: linalg.matmul
// DENSE-NOT: pixelfly.linear

#p = #pixelfly.mask_rule<longformer, rows = 64, cols = 64, block = 8, window = 3, global = 1>
func.func @model(%w: tensor<64x64xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <uniform, 0.04 : f64>, decay = true>},
                 %x: tensor<8x64xf32> {pixelfly.input = "x"})
    -> (tensor<f32> {pixelfly.output = "loss"}) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<8x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<8x64xf32>) -> tensor<8x64xf32>
  %y = linalg.matmul
      indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
                       affine_map<(m, n, k) -> (m, n)>]
      {pixelfly.choice = #pixelfly.layer_choice<pattern = #p, rank = 8>}
      ins(%x, %w : tensor<8x64xf32>, tensor<64x64xf32>) outs(%init : tensor<8x64xf32>) -> tensor<8x64xf32>
  %scalar = tensor.empty() : tensor<f32>
  %sum = linalg.fill ins(%zero : f32) outs(%scalar : tensor<f32>) -> tensor<f32>
  %loss = linalg.reduce { arith.addf } ins(%y : tensor<8x64xf32>) outs(%sum : tensor<f32>) dimensions = [0, 1]
  return %loss : tensor<f32>
}
