// A train step becomes one C function that allocates nothing, calls no function
// a lane, and updates in place.
//
// RUN: pixelfly-opt %s --pixelfly-cpu-artifact | FileCheck %s --implicit-check-not=@malloc --implicit-check-not=@erff --implicit-check-not=memref.

// CHECK:     module attributes {pixelfly.entry_points = [{arena_bytes = {{[1-9][0-9]*}} : i64
// CHECK:     llvm.func internal @train_step(
// CHECK:     llvm.func @pf_train_step(%{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr)
// CHECK:       llvm.call @train_step(
// CHECK:     llvm.func @pf_abi_version() -> i32

#w = #pixelfly.parameter<name = "w", init = #pixelfly.init<uniform, 0.1 : f64>, decay = true>

func.func @train_step(
    %w: tensor<256x64xf32> {pixelfly.parameter = #w},
    %x: tensor<512x64xf32> {pixelfly.input = "images"},
    %rate: tensor<f32> {pixelfly.input = "learning_rate"})
    -> (tensor<256x64xf32>, tensor<512x256xf32> {pixelfly.output = "logits"}) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<512x256xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<512x256xf32>) -> tensor<512x256xf32>
  %y = linalg.matmul
      indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
                       affine_map<(m, n, k) -> (m, n)>]
      ins(%x, %w : tensor<512x64xf32>, tensor<256x64xf32>)
      outs(%init : tensor<512x256xf32>) -> tensor<512x256xf32>
  %logits = linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%y : tensor<512x256xf32>) outs(%empty : tensor<512x256xf32>) {
  ^bb0(%a: f32, %unused: f32):
    %b = math.erf %a : f32
    linalg.yield %b : f32
  } -> tensor<512x256xf32>
  %g0 = tensor.empty() : tensor<256x64xf32>
  %g1 = linalg.fill ins(%zero : f32) outs(%g0 : tensor<256x64xf32>) -> tensor<256x64xf32>
  %gradient = linalg.matmul
      indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>,
                       affine_map<(m, n, k) -> (m, n)>]
      ins(%logits, %x : tensor<512x256xf32>, tensor<512x64xf32>)
      outs(%g1 : tensor<256x64xf32>) -> tensor<256x64xf32>
  %r = tensor.extract %rate[] : tensor<f32>
  %new = linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%gradient : tensor<256x64xf32>) outs(%w : tensor<256x64xf32>) {
  ^bb0(%g: f32, %old: f32):
    %d = arith.mulf %r, %g : f32
    %n = arith.subf %old, %d : f32
    linalg.yield %n : f32
  } -> tensor<256x64xf32>
  return %new, %logits : tensor<256x64xf32>, tensor<512x256xf32>
}
