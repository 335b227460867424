// RUN: pixelfly-opt %s --split-input-file --verify-diagnostics

// One test for each numbered constraint of PixelflyOps.td, named after it.

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @matmul_c1(%x: tensor<4x16xf32>, %w: tensor<5x8x8xf32>, %init: tensor<4x32xf32>) {
  // expected-error @below {{'pixelfly.matmul' op (C1) blocks must have shape 4x8x8, but has 5x8x8}}
  %y = pixelfly.matmul ins(%x, %w : tensor<4x16xf32>, tensor<5x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @matmul_c2(%x: tensor<4x32xf32>, %w: tensor<4x8x8xf32>, %init: tensor<4x32xf32>) {
  // expected-error @below {{'pixelfly.matmul' op (C2) input columns must be 16, the columns of the pattern, but is 32}}
  %y = pixelfly.matmul ins(%x, %w : tensor<4x32xf32>, tensor<4x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @matmul_c2_transposed(%x: tensor<4x16xf32>, %w: tensor<4x8x8xf32>, %init: tensor<4x16xf32>) {
  // expected-error @below {{'pixelfly.matmul' op (C2) input columns must be 32, the rows of the pattern (transposed), but is 16}}
  %y = pixelfly.matmul transposed ins(%x, %w : tensor<4x16xf32>, tensor<4x8x8xf32>)
         outs(%init : tensor<4x16xf32>) pattern #p -> tensor<4x16xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @matmul_c3(%x: tensor<4x16xf32>, %w: tensor<4x8x8xf32>, %init: tensor<4x31xf32>) {
  // expected-error @below {{'pixelfly.matmul' op (C3) init columns must be 32, the rows of the pattern, but is 31}}
  %y = pixelfly.matmul ins(%x, %w : tensor<4x16xf32>, tensor<4x8x8xf32>)
         outs(%init : tensor<4x31xf32>) pattern #p -> tensor<4x31xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @matmul_c3_transposed(%x: tensor<4x32xf32>, %w: tensor<4x8x8xf32>, %init: tensor<4x32xf32>) {
  // expected-error @below {{'pixelfly.matmul' op (C3) init columns must be 16, the columns of the pattern (transposed), but is 32}}
  %y = pixelfly.matmul transposed ins(%x, %w : tensor<4x32xf32>, tensor<4x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @matmul_c4(%x: tensor<4x16xf32>, %w: tensor<4x8x8xf32>, %init: tensor<5x32xf32>) {
  // expected-error @below {{'pixelfly.matmul' op (C4) init rows must be 4, the rows of the input, but is 5}}
  %y = pixelfly.matmul ins(%x, %w : tensor<4x16xf32>, tensor<4x8x8xf32>)
         outs(%init : tensor<5x32xf32>) pattern #p -> tensor<5x32xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @matmul_c5(%x: tensor<4x16xf32>, %w: tensor<4x8x8xbf16>, %init: tensor<4x32xf32>) {
  // expected-error @below {{'pixelfly.matmul' op (C5) blocks must have the element type of the input, 'f32', but has 'bf16'}}
  %y = pixelfly.matmul ins(%x, %w : tensor<4x16xf32>, tensor<4x8x8xbf16>)
         outs(%init : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @matmul_c6_mixed_operands(%x: memref<4x16xf32>, %w: tensor<4x8x8xf32>, %init: tensor<4x32xf32>) {
  // expected-error @below {{'pixelfly.matmul' op (C6) operands must be all tensors or all memrefs, but operand 0 is 'memref<4x16xf32>' and the init is 'tensor<4x32xf32>'}}
  %y = pixelfly.matmul ins(%x, %w : memref<4x16xf32>, tensor<4x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @matmul_c6_result_type(%x: tensor<4x16xf32>, %w: tensor<4x8x8xf32>, %init: tensor<4x32xf32>) {
  // expected-error @below {{'pixelfly.matmul' op (C6) result must have the type of the init, 'tensor<4x32xf32>', but has 'tensor<?x32xf32>'}}
  %y = pixelfly.matmul ins(%x, %w : tensor<4x16xf32>, tensor<4x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #p -> tensor<?x32xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @sddmm_c1(%dy: tensor<4x32xf32>, %x: tensor<4x16xf32>, %init: tensor<4x8x16xf32>) {
  // expected-error @below {{'pixelfly.sddmm' op (C1) init must have shape 4x8x8, but has 4x8x16}}
  %dw = pixelfly.sddmm ins(%dy, %x : tensor<4x32xf32>, tensor<4x16xf32>)
          outs(%init : tensor<4x8x16xf32>) pattern #p -> tensor<4x8x16xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @sddmm_c2(%dy: tensor<4x16xf32>, %x: tensor<4x16xf32>, %init: tensor<4x8x8xf32>) {
  // expected-error @below {{'pixelfly.sddmm' op (C2) lhs columns must be 32, the rows of the pattern, but is 16}}
  %dw = pixelfly.sddmm ins(%dy, %x : tensor<4x16xf32>, tensor<4x16xf32>)
          outs(%init : tensor<4x8x8xf32>) pattern #p -> tensor<4x8x8xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @sddmm_c3(%dy: tensor<4x32xf32>, %x: tensor<4x32xf32>, %init: tensor<4x8x8xf32>) {
  // expected-error @below {{'pixelfly.sddmm' op (C3) rhs columns must be 16, the columns of the pattern, but is 32}}
  %dw = pixelfly.sddmm ins(%dy, %x : tensor<4x32xf32>, tensor<4x32xf32>)
          outs(%init : tensor<4x8x8xf32>) pattern #p -> tensor<4x8x8xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @sddmm_c4(%dy: tensor<4x32xf32>, %x: tensor<5x16xf32>, %init: tensor<4x8x8xf32>) {
  // expected-error @below {{'pixelfly.sddmm' op (C4) rhs rows must be 4, the rows of the lhs, but is 5}}
  %dw = pixelfly.sddmm ins(%dy, %x : tensor<4x32xf32>, tensor<5x16xf32>)
          outs(%init : tensor<4x8x8xf32>) pattern #p -> tensor<4x8x8xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @sddmm_c5(%dy: tensor<4x32xf32>, %x: tensor<4x16xf64>, %init: tensor<4x8x8xf32>) {
  // expected-error @below {{'pixelfly.sddmm' op (C5) rhs must have the element type of the lhs, 'f32', but has 'f64'}}
  %dw = pixelfly.sddmm ins(%dy, %x : tensor<4x32xf32>, tensor<4x16xf64>)
          outs(%init : tensor<4x8x8xf32>) pattern #p -> tensor<4x8x8xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @sddmm_c6(%dy: memref<4x32xf32>, %x: memref<4x16xf32>, %init: memref<4x8x8xf32>) {
  // expected-error @below {{'pixelfly.sddmm' op (C6) must have no result on memrefs, but has 1}}
  %dw = pixelfly.sddmm ins(%dy, %x : memref<4x32xf32>, memref<4x16xf32>)
          outs(%init : memref<4x8x8xf32>) pattern #p -> tensor<4x8x8xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @linear_c1(%x: tensor<4x16xf32>, %w: tensor<8x8x8xf32>, %init: tensor<4x32xf32>) {
  // expected-error @below {{'pixelfly.linear' op (C1) blocks must have shape 4x8x8, but has 8x8x8}}
  %y = pixelfly.linear ins(%x, %w : tensor<4x16xf32>, tensor<8x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @linear_c2(%x: tensor<4x32xf32>, %w: tensor<4x8x8xf32>, %init: tensor<4x32xf32>) {
  // expected-error @below {{'pixelfly.linear' op (C2) input columns must be 16, the columns of the pattern, but is 32}}
  %y = pixelfly.linear ins(%x, %w : tensor<4x32xf32>, tensor<4x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @linear_c3(%x: tensor<4x16xf32>, %w: tensor<4x8x8xf32>, %init: tensor<5x32xf32>) {
  // expected-error @below {{'pixelfly.linear' op (C3) init must have shape 4x32, but has 5x32}}
  %y = pixelfly.linear ins(%x, %w : tensor<4x16xf32>, tensor<4x8x8xf32>)
         outs(%init : tensor<5x32xf32>) pattern #p -> tensor<5x32xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @linear_c4(%x: tensor<4x16xf32>, %w: tensor<4x8x8xf32>, %u: tensor<32x8xf32>, %init: tensor<4x32xf32>) {
  // expected-error @below {{'pixelfly.linear' op (C4) a low-rank term needs u, v and either gamma or gate_weight and gate_bias; without it none of them may be present, but present are u}}
  %y = "pixelfly.linear"(%x, %w, %u, %init)
         <{operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 1>, pattern = #p}>
         : (tensor<4x16xf32>, tensor<4x8x8xf32>, tensor<32x8xf32>, tensor<4x32xf32>) -> tensor<4x32xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @linear_c4_two_mixes(%x: tensor<4x16xf32>, %w: tensor<4x8x8xf32>, %u: tensor<32x8xf32>, %v: tensor<16x8xf32>,
                               %gamma: tensor<f32>, %gw: tensor<16xf32>, %gb: tensor<f32>, %init: tensor<4x32xf32>) {
  // expected-error @below {{'pixelfly.linear' op (C4) a low-rank term needs u, v and either gamma or gate_weight and gate_bias; without it none of them may be present, but present are u, v, gamma, gate_weight, gate_bias}}
  %y = pixelfly.linear ins(%x, %w : tensor<4x16xf32>, tensor<4x8x8xf32>)
         low_rank(%u, %v, %gamma : tensor<32x8xf32>, tensor<16x8xf32>, tensor<f32>)
         gate(%gw, %gb : tensor<16xf32>, tensor<f32>)
         outs(%init : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @linear_c4_gate_alone(%x: tensor<4x16xf32>, %w: tensor<4x8x8xf32>, %gw: tensor<16xf32>, %gb: tensor<f32>,
                                %init: tensor<4x32xf32>) {
  // expected-error @below {{without it none of them may be present, but present are gate_weight, gate_bias}}
  %y = pixelfly.linear ins(%x, %w : tensor<4x16xf32>, tensor<4x8x8xf32>)
         gate(%gw, %gb : tensor<16xf32>, tensor<f32>)
         outs(%init : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @linear_c9(%x: tensor<4x16xf32>, %w: tensor<4x8x8xf32>, %u: tensor<32x8xf32>, %v: tensor<16x8xf32>,
                     %gw: tensor<32xf32>, %gb: tensor<f32>, %init: tensor<4x32xf32>) {
  // expected-error @below {{'pixelfly.linear' op (C9) gate_weight elements must be 16, the columns of the pattern, but is 32}}
  %y = pixelfly.linear ins(%x, %w : tensor<4x16xf32>, tensor<4x8x8xf32>)
         low_rank(%u, %v : tensor<32x8xf32>, tensor<16x8xf32>)
         gate(%gw, %gb : tensor<32xf32>, tensor<f32>)
         outs(%init : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @linear_c5_u_rows(%x: tensor<4x16xf32>, %w: tensor<4x8x8xf32>, %u: tensor<16x8xf32>,
                            %v: tensor<16x8xf32>, %gamma: tensor<f32>, %init: tensor<4x32xf32>) {
  // expected-error @below {{'pixelfly.linear' op (C5) u rows must be 32, the rows of the pattern, but is 16}}
  %y = pixelfly.linear ins(%x, %w : tensor<4x16xf32>, tensor<4x8x8xf32>)
         low_rank(%u, %v, %gamma : tensor<16x8xf32>, tensor<16x8xf32>, tensor<f32>)
         outs(%init : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @linear_c5_v_rows(%x: tensor<4x16xf32>, %w: tensor<4x8x8xf32>, %u: tensor<32x8xf32>,
                            %v: tensor<32x8xf32>, %gamma: tensor<f32>, %init: tensor<4x32xf32>) {
  // expected-error @below {{'pixelfly.linear' op (C5) v rows must be 16, the columns of the pattern, but is 32}}
  %y = pixelfly.linear ins(%x, %w : tensor<4x16xf32>, tensor<4x8x8xf32>)
         low_rank(%u, %v, %gamma : tensor<32x8xf32>, tensor<32x8xf32>, tensor<f32>)
         outs(%init : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @linear_c5_rank(%x: tensor<4x16xf32>, %w: tensor<4x8x8xf32>, %u: tensor<32x8xf32>,
                          %v: tensor<16x16xf32>, %gamma: tensor<f32>, %init: tensor<4x32xf32>) {
  // expected-error @below {{'pixelfly.linear' op (C5) v columns must be 8, the rank that u has, but is 16}}
  %y = pixelfly.linear ins(%x, %w : tensor<4x16xf32>, tensor<4x8x8xf32>)
         low_rank(%u, %v, %gamma : tensor<32x8xf32>, tensor<16x16xf32>, tensor<f32>)
         outs(%init : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @linear_c6(%x: tensor<4x16xf32>, %w: tensor<4x8x8xf32>, %bias: tensor<16xf32>, %init: tensor<4x32xf32>) {
  // expected-error @below {{'pixelfly.linear' op (C6) bias elements must be 32, the rows of the pattern, but is 16}}
  %y = pixelfly.linear ins(%x, %w : tensor<4x16xf32>, tensor<4x8x8xf32>)
         bias(%bias : tensor<16xf32>)
         outs(%init : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @linear_c7(%x: tensor<4x16xf32>, %w: tensor<4x8x8xf32>, %bias: tensor<32xf64>, %init: tensor<4x32xf32>) {
  // expected-error @below {{'pixelfly.linear' op (C7) bias must have the element type of the input, 'f32', but has 'f64'}}
  %y = pixelfly.linear ins(%x, %w : tensor<4x16xf32>, tensor<4x8x8xf32>)
         bias(%bias : tensor<32xf64>)
         outs(%init : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @linear_c8(%x: tensor<4x16xf32>, %w: tensor<4x8x8xf32>, %init: tensor<4x32xf32>) {
  // expected-error @below {{'pixelfly.linear' op (C8) must have one result on tensors, but has 0}}
  pixelfly.linear ins(%x, %w : tensor<4x16xf32>, tensor<4x8x8xf32>)
    outs(%init : tensor<4x32xf32>) pattern #p
  return
}

// -----

#p = #pixelfly.block_mask<block = 8, mask = ["##", "##"]>
func.func @butterfly_matmul_c1_mask(%x: tensor<4x16xf32>, %a: tensor<4x8x8xf32>, %init: tensor<4x16xf32>) {
  // expected-error @below {{'pixelfly.butterfly_matmul' op (C1) pattern must be a square #pixelfly.flat_butterfly with at least one factor, but is #pixelfly.block_mask<block = 8, mask = ["##", "##"]>}}
  %y = pixelfly.butterfly_matmul ins(%x : tensor<4x16xf32>) factors(%a : tensor<4x8x8xf32>)
         outs(%init : tensor<4x16xf32>) pattern #p -> tensor<4x16xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 16, cols = 32, block = 8, radices = [2], factors = 1>
func.func @butterfly_matmul_c1_rectangle(%x: tensor<4x32xf32>, %a: tensor<8x8x8xf32>, %init: tensor<4x16xf32>) {
  // expected-error @below {{'pixelfly.butterfly_matmul' op (C1) pattern must be a square #pixelfly.flat_butterfly with at least one factor, but is}}
  %y = pixelfly.butterfly_matmul ins(%x : tensor<4x32xf32>) factors(%a : tensor<8x8x8xf32>)
         outs(%init : tensor<4x16xf32>) pattern #p -> tensor<4x16xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 32, block = 8, radices = [2, 2], factors = 2>
func.func @butterfly_matmul_c2(%x: tensor<4x32xf32>, %a: tensor<8x8x8xf32>, %init: tensor<4x32xf32>) {
  // expected-error @below {{'pixelfly.butterfly_matmul' op (C2) must have the 2 factors of the pattern, but has 1}}
  %y = pixelfly.butterfly_matmul ins(%x : tensor<4x32xf32>) factors(%a : tensor<8x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 32, block = 8, radices = [2, 2], factors = 2>
func.func @butterfly_matmul_c3(%x: tensor<4x32xf32>, %a: tensor<8x8x8xf32>, %init: tensor<4x32xf32>, %b: tensor<12x8x8xf32>) {
  // expected-error @below {{'pixelfly.butterfly_matmul' op (C3) factor 1 must have shape 8x8x8, but has 12x8x8}}
  %y = pixelfly.butterfly_matmul ins(%x : tensor<4x32xf32>) factors(%a, %b : tensor<8x8x8xf32>, tensor<12x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 32, block = 8, radices = [2, 2], factors = 2>
func.func @butterfly_matmul_c4(%x: tensor<4x16xf32>, %a: tensor<8x8x8xf32>, %init: tensor<4x32xf32>) {
  // expected-error @below {{'pixelfly.butterfly_matmul' op (C4) input columns must be 32, the columns of the pattern, but is 16}}
  %y = pixelfly.butterfly_matmul ins(%x : tensor<4x16xf32>) factors(%a, %a : tensor<8x8x8xf32>, tensor<8x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 32, block = 8, radices = [2, 2], factors = 2>
func.func @butterfly_matmul_c5(%x: tensor<4x32xf32>, %a: tensor<8x8x8xf32>, %init: tensor<5x32xf32>) {
  // expected-error @below {{'pixelfly.butterfly_matmul' op (C5) init must have shape 4x32, but has 5x32}}
  %y = pixelfly.butterfly_matmul ins(%x : tensor<4x32xf32>) factors(%a, %a : tensor<8x8x8xf32>, tensor<8x8x8xf32>)
         outs(%init : tensor<5x32xf32>) pattern #p -> tensor<5x32xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 32, block = 8, radices = [2, 2], factors = 2>
func.func @butterfly_matmul_c6(%x: tensor<4x32xf32>, %a: tensor<8x8x8xf32>, %init: tensor<4x32xf64>) {
  // expected-error @below {{'pixelfly.butterfly_matmul' op (C6) operand 3 must have the element type of the input, 'f32', but has 'f64'}}
  %y = pixelfly.butterfly_matmul ins(%x : tensor<4x32xf32>) factors(%a, %a : tensor<8x8x8xf32>, tensor<8x8x8xf32>)
         outs(%init : tensor<4x32xf64>) pattern #p -> tensor<4x32xf64>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 32, block = 8, radices = [2, 2], factors = 2>
func.func @butterfly_matmul_c7(%x: tensor<4x32xf32>, %a: tensor<8x8x8xf32>, %init: tensor<4x32xf32>) {
  // expected-error @below {{'pixelfly.butterfly_matmul' op (C7) must have one result on tensors, but has 0}}
  pixelfly.butterfly_matmul ins(%x : tensor<4x32xf32>) factors(%a, %a : tensor<8x8x8xf32>, tensor<8x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #p
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @to_dense_c1(%w: tensor<3x8x8xf32>) {
  // expected-error @below {{'pixelfly.to_dense' op (C1) blocks must have shape 4x8x8, but has 3x8x8}}
  %dense = pixelfly.to_dense %w : tensor<3x8x8xf32> pattern #p -> tensor<32x16xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @to_dense_c2_shape(%w: tensor<4x8x8xf32>) {
  // expected-error @below {{'pixelfly.to_dense' op (C2) result must have shape 32x16, but has 16x32}}
  %dense = pixelfly.to_dense %w : tensor<4x8x8xf32> pattern #p -> tensor<16x32xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @to_dense_c2_element_type(%w: tensor<4x8x8xf32>) {
  // expected-error @below {{'pixelfly.to_dense' op (C2) result must have the element type of the blocks, 'f32', but has 'f64'}}
  %dense = pixelfly.to_dense %w : tensor<4x8x8xf32> pattern #p -> tensor<32x16xf64>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @from_dense_c1(%m: tensor<32x32xf32>) {
  // expected-error @below {{'pixelfly.from_dense' op (C1) operand must have shape 32x16, but has 32x32}}
  %blocks = pixelfly.from_dense %m : tensor<32x32xf32> pattern #p -> tensor<4x8x8xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @from_dense_c2_shape(%m: tensor<32x16xf32>) {
  // expected-error @below {{'pixelfly.from_dense' op (C2) result must have shape 4x8x8, but has 8x8x8}}
  %blocks = pixelfly.from_dense %m : tensor<32x16xf32> pattern #p -> tensor<8x8x8xf32>
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @from_dense_c2_element_type(%m: tensor<32x16xf32>) {
  // expected-error @below {{'pixelfly.from_dense' op (C2) result must have the element type of the operand, 'f32', but has 'f16'}}
  %blocks = pixelfly.from_dense %m : tensor<32x16xf32> pattern #p -> tensor<4x8x8xf16>
  return
}
