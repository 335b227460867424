// RUN: pixelfly-opt %s --pixelfly-gpu-lower-products --pixelfly-gpu-to-nvvm=code=llvm \
// RUN:   | FileCheck %s --check-prefix=LLVM
// RUN: pixelfly-opt %s --pixelfly-gpu-lower-products --pixelfly-gpu-to-nvvm=chip=sm_80 \
// RUN:   | FileCheck %s --check-prefix=PTX

// A kernel takes one pointer an operand. Nothing of other dialects is left in it.
// LLVM:      gpu.module @pixelfly_kernels [#nvvm.target<O = 3, chip = "sm_80", features = "+ptx80">]
// LLVM:      llvm.func @matmul_bf16_16(%{{[^,]*}}: !llvm.ptr, %{{[^,]*}}: !llvm.ptr, %{{[^,]*}}: !llvm.ptr) attributes {gpu.kernel, gpu.known_block_size = array<i32: 64, 1, 1>, nvvm.kernel, nvvm.maxntid = array<i32: 64, 1, 1>}
// LLVM-NOT:  {{(memref|arith|scf|cf|vector|nvgpu|builtin)\.}}
// LLVM:      nvvm.cp.async.shared.global
// LLVM:      nvvm.ldmatrix
// LLVM:      nvvm.mma.sync
// LLVM-NOT:  {{(memref|arith|scf|cf|vector|nvgpu|builtin)\.}}
// LLVM:      llvm.return
// LLVM:      gpu.launch_func

// PTX:      gpu.binary @pixelfly_kernels [#gpu.object<#nvvm.target<{{.*}}chip = "sm_80"
// PTX-SAME: .target sm_80
// PTX-SAME: .maxntid 64
// PTX-SAME: cp.async.cg.shared.global
// PTX-SAME: cp.async.wait_group
// PTX-SAME: ldmatrix.sync.aligned.m8n8.x4.shared.b16
// PTX-SAME: mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32
// PTX-SAME: st.global.v2
// PTX:      gpu.launch_func @pixelfly_kernels::@matmul_bf16_16
func.func @forward(%x: memref<64x64xbf16>, %w: memref<12x16x16xbf16>, %y: memref<64x64xf32>) {
  pixelfly.matmul ins(%x, %w : memref<64x64xbf16>, memref<12x16x16xbf16>) outs(%y : memref<64x64xf32>)
    pattern #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 16, radices = [2, 2], factors = 2>
  return
}
