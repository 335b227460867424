// The mean of squares of x * w, and nothing that could be evaluated.
func.func @model(
    %w: tensor<16xf32> {pixelfly.parameter = #pixelfly.parameter<
      name = "w", init = <uniform, 0.1 : f64>, decay = true>},
    %x: tensor<16xf32> {pixelfly.input = "images"})
    -> (tensor<f32> {pixelfly.output = "loss"}) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<f32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<f32>) -> tensor<f32>
  %loss = linalg.generic {indexing_maps = [
        affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> ()>],
      iterator_types = ["reduction"]}
    ins(%w, %x : tensor<16xf32>, tensor<16xf32>) outs(%init : tensor<f32>) {
  ^bb0(%a: f32, %b: f32, %sum: f32):
    %product = arith.mulf %a, %b : f32
    %square = arith.mulf %product, %product : f32
    %next = arith.addf %sum, %square : f32
    linalg.yield %next : f32
  } -> tensor<f32>
  return %loss : tensor<f32>
}
