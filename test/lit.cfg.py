import os
import shutil

import lit.formats
from lit.llvm import llvm_config

config.name = "pixelfly"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.pixelfly_obj_root, "test")
config.excludes = ["Inputs", "fixtures", "CMakeLists.txt"]

tool_dir = os.path.join(config.pixelfly_obj_root, "bin")
llvm_config.with_environment("PATH", config.llvm_tools_dir, append_path=True)
llvm_config.with_environment("PATH", tool_dir, append_path=True)
llvm_config.use_default_substitutions()

config.substitutions.append(("%mlir_lib_dir", config.mlir_lib_dir))
config.substitutions.append(("%src_root", config.pixelfly_src_root))
config.substitutions.append(("%obj_root", config.pixelfly_obj_root))
# Shared libraries that a program lowered by --pixelfly-to-llvm needs in mlir-runner.
config.substitutions.append(
    ("%runner_libs",
     "--shared-libs={0}/libmlir_runner_utils.so,{0}/libmlir_c_runner_utils.so,{1}".format(
         config.mlir_lib_dir, config.omp_library)))

# A stand-in for NVIDIA's driver (test/CudaDouble): %cuda COMMAND, or
# %cuda SETTINGS for the environment alone, such as PIXELFLY_CUDA_DOUBLE=fail=...
config.substitutions.append(
    ("%cuda",
     "env LD_LIBRARY_PATH=" + os.path.join(config.pixelfly_obj_root, "test", "CudaDouble")))

# The assembler of the CUDA toolkit; it needs no GPU. Tests that assemble are
# unsupported without it.
ptxas = shutil.which(
    "ptxas", path=os.pathsep.join(
        [os.path.join(os.environ.get("CUDA_ROOT", "/usr/local/cuda"), "bin"),
         os.environ.get("PATH", "")]))
if ptxas:
    config.available_features.add("ptxas")
    config.substitutions.append(("%ptxas", ptxas))
    llvm_config.with_environment("PATH", os.path.dirname(ptxas), append_path=True)

# libMLIR is not instrumented: it would not take back the poison that our inlined
# copies of its allocators leave.
config.environment.setdefault("ASAN_OPTIONS", "allow_user_poisoning=0")

# Tests that run code for a given kind of processor.
try:
    with open("/proc/cpuinfo") as cpuinfo:
        flags = cpuinfo.read().split()
    for feature in ("avx2", "avx512f"):
        if feature in flags:
            config.available_features.add(feature)
except OSError:
    pass
