// PTX becomes machine code for several chips, with the PTX for later ones.
//
// REQUIRES: ptxas
// RUN: pixelfly-opt %s --pixelfly-gpu-to-nvvm=chip=sm_80 --pixelfly-gpu-assemble=chips=sm_80,sm_90 -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// RUN: pixelfly-opt %s --pixelfly-gpu-to-nvvm=chip=sm_80 --pixelfly-gpu-assemble | FileCheck %s --check-prefix=OWN
// RUN: pixelfly-opt %s --pixelfly-gpu-to-nvvm=chip=sm_90a --pixelfly-gpu-assemble | FileCheck %s --check-prefix=SPECIFIC
//
// The machine code is ELF, of each chip.
//
// RUN: mlir-translate %t.mlir --mlir-to-llvmir | FileCheck %s --check-prefix=TRANSLATED
// RUN: not pixelfly-opt %s --pixelfly-gpu-to-nvvm=chip=sm_90a --pixelfly-gpu-assemble=chips=sm_90a,sm_100 2>&1 | FileCheck %s --check-prefix=ALONE
// RUN: not pixelfly-opt %s --pixelfly-gpu-to-nvvm=chip=sm_90 --pixelfly-gpu-assemble=chips=sm_80 2>&1 | FileCheck %s --check-prefix=OLDER
// RUN: not pixelfly-opt %s --pixelfly-gpu-to-nvvm=chip=sm_80 --pixelfly-gpu-assemble=chips=hopper 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not pixelfly-opt %s --pixelfly-gpu-to-nvvm=chip=sm_80 --pixelfly-gpu-assemble=chips=sm_81 2>&1 | FileCheck %s --check-prefix=PTXAS
// RUN: not pixelfly-opt %s --pixelfly-gpu-to-nvvm="chip=sm_80 code=cubin" --pixelfly-gpu-assemble 2>&1 | FileCheck %s --check-prefix=NO-PTX

// CHECK: pixelfly.gpu_code = {chips = ["sm_80", "sm_90"], chips_driver = "{{[0-9]+}}.0", ptx = "sm_80", ptx_driver = "12.0"}
// CHECK: gpu.binary @kernels [#gpu.object<#nvvm.target<
// CHECK-SAME: "{{.*}}ELF{{.*}}ELF{{.*}}.target sm_80
// CHECK-NOT: ELF
// OWN: pixelfly.gpu_code = {chips = ["sm_80"], {{.*}}ptx = "sm_80"
// SPECIFIC: pixelfly.gpu_code = {chips = ["sm_90a"], chips_driver = "{{[0-9]+}}.0"}
// SPECIFIC-NOT: .target sm_90a
// TRANSLATED: call ptr @mgpuModuleLoad(
// ALONE: error: the kernels were generated for sm_90a and do not run on sm_100: they use instructions that only it has; generate them for sm_80 to run on several
// OLDER: error: the kernels were generated for sm_90 and do not run on sm_80; generate them for the oldest chip of the list
// UNKNOWN: error: unknown chip 'hopper'; give names such as sm_80 and sm_90a
// PTXAS: error: ptxas cannot assemble the kernels for sm_81: {{.*}}sm_81
// NO-PTX: error: does not hold PTX; make it with --pixelfly-gpu-to-nvvm=code=ptx

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @nothing() kernel { gpu.return }
  }
}
