// A program whose batch has no size.
func.func @model(%x: tensor<?x32xf32> {pixelfly.input = "x"})
    -> (tensor<f32> {pixelfly.output = "loss"}) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<f32>
  %loss = linalg.fill ins(%zero : f32) outs(%empty : tensor<f32>) -> tensor<f32>
  return %loss : tensor<f32>
}
