# A chain of `products` products with parameters of 1024 x 1024.
BEGIN {
  print "#x = affine_map<(m, n, k) -> (m, k)>"
  print "#w = affine_map<(m, n, k) -> (n, k)>"
  print "#y = affine_map<(m, n, k) -> (m, n)>"
  print "func.func @model("
  for (i = 0; i < products; i++) {
    printf "    %%w%d: tensor<1024x1024xf32> {pixelfly.parameter = #pixelfly.parameter<", i
    printf "name = \"layer%d.weight\", init = <uniform, 0.03125 : f64>, decay = true>},\n", i
  }
  print "    %v0: tensor<8x1024xf32>) -> tensor<8x1024xf32> {"
  print "  %init = arith.constant dense<0.0> : tensor<8x1024xf32>"
  for (i = 0; i < products; i++) {
    printf "  %%v%d = linalg.matmul indexing_maps = [#x, #w, #y]\n", i + 1
    printf "    ins(%%v%d, %%w%d : tensor<8x1024xf32>, tensor<1024x1024xf32>)\n", i, i
    print "    outs(%init : tensor<8x1024xf32>) -> tensor<8x1024xf32>"
  }
  printf "  return %%v%d : tensor<8x1024xf32>\n}\n", products
}
