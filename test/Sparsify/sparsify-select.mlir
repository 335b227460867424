// RUN: pixelfly-opt %s --pixelfly-sparsify="block=8 low-rank-share=0" \
// RUN:   | FileCheck %s --check-prefixes=CHECK,ATTR
// RUN: pixelfly-opt %s --pixelfly-sparsify="block=8 low-rank-share=0 \
// RUN:     layers=blocks.1.*,head" | FileCheck %s --check-prefixes=CHECK,LAYERS
// RUN: pixelfly-opt %s --pixelfly-sparsify="block=8 low-rank-share=0 \
// RUN:     layers=* exclude=head" | FileCheck %s --check-prefixes=CHECK,EXCLUDE
// RUN: not pixelfly-opt %s --pixelfly-sparsify="block=8 low-rank-share=0 \
// RUN:     layers=none exclude=never" 2>&1 \
// RUN:   | FileCheck %s --check-prefix=NOMATCH

// Which layers are replaced: those the module names, unless the option names
// others, without those that are excluded. A glob that matches nothing is
// probably misspelt, so it is an error, with what there is. The "X.weight" of a
// norm is not a layer.

// CHECK: func.func @model
// ATTR-SAME: tensor<4x8x8xf32> {{.+}}"blocks.0.fc.weight"{{.+}} tensor<4x8x8xf32> {{.+}}"blocks.1.fc.weight"{{.+}} tensor<32x32xf32> {{.+}}"head.weight"
// LAYERS-SAME: tensor<32x32xf32> {{.+}}"blocks.0.fc.weight"{{.+}} tensor<4x8x8xf32> {{.+}}"blocks.1.fc.weight"{{.+}} tensor<4x8x8xf32> {{.+}}"head.weight"
// EXCLUDE-SAME: tensor<4x8x8xf32> {{.+}}"blocks.0.fc.weight"{{.+}} tensor<4x8x8xf32> {{.+}}"blocks.1.fc.weight"{{.+}} tensor<32x32xf32> {{.+}}"head.weight"

// NOMATCH: error: layers: no layer of @model matches 'none'; it has blocks.0.fc, blocks.1.fc, head
// NOMATCH: error: exclude: no layer of @model matches 'never'; it has blocks.0.fc, blocks.1.fc, head
module attributes {pixelfly.sparsify = ["blocks.*.fc"]} {
  func.func @model(
      %w0: tensor<32x32xf32> {pixelfly.parameter = #pixelfly.parameter<
        name = "blocks.0.fc.weight", init = <normal, 0.1 : f64>, decay = true>},
      %norm: tensor<32xf32> {pixelfly.parameter = #pixelfly.parameter<
        name = "norm.weight", init = <constant, 1.0 : f64>, decay = false>},
      %w1: tensor<32x32xf32> {pixelfly.parameter = #pixelfly.parameter<
        name = "blocks.1.fc.weight", init = <normal, 0.1 : f64>, decay = true>},
      %w2: tensor<32x32xf32> {pixelfly.parameter = #pixelfly.parameter<
        name = "head.weight", init = <normal, 0.1 : f64>, decay = true>},
      %x: tensor<4x32xf32>) -> tensor<4x32xf32> {
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<4x32xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x32xf32>)
      -> tensor<4x32xf32>
    %a = linalg.matmul ins(%x, %w0 : tensor<4x32xf32>, tensor<32x32xf32>)
      outs(%init : tensor<4x32xf32>) -> tensor<4x32xf32>
    %b = linalg.matmul ins(%a, %w1 : tensor<4x32xf32>, tensor<32x32xf32>)
      outs(%init : tensor<4x32xf32>) -> tensor<4x32xf32>
    %c = linalg.matmul ins(%b, %w2 : tensor<4x32xf32>, tensor<32x32xf32>)
      outs(%init : tensor<4x32xf32>) -> tensor<4x32xf32>
    return %c : tensor<4x32xf32>
  }
}
