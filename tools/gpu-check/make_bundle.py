"""Makes the bundle of gpu-check.sh: what a machine with a GPU needs, and no compiler.

  DIR/kernels.json, kernels/   products as shared objects, for each chip
  DIR/training/                a model for each chip, its data, and the losses of the processor
  DIR/bin/, lib/               pixelfly-train and the runtime, with the libraries they need
  DIR/*.py, gpu-check.sh       what runs there
"""

import argparse
import concurrent.futures
import glob
import json
import os
import shutil
import subprocess
import sys

import products

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
# The libraries of the C library's own package are there wherever programs run.
SYSTEM = ("linux-vdso", "ld-linux", "libc.so", "libm.so", "libdl.so", "libpthread.so", "librt.so")
LARGEST = 64 << 20
# What is generated for an older chip is assembled for the newer one, too.
MACHINE_CODE = {"sm_80": "sm_80,sm_90"}


def fail(message):
    sys.exit(f"gpu-check: error: {message}")


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode != 0:
        fail(f"{' '.join(command)}\n{done.stderr.strip()}")
    return done.stdout


def find_tool(name):
    for candidate in (name + "-22", f"/usr/lib/llvm-22/bin/{name}", name):
        if found := shutil.which(candidate):
            return found
    fail(f"{name} of LLVM 22 is not there; tools/install-deps.sh installs it")


def build_kernel(options, chip, product):
    """The product's host code and kernel as one shared object."""
    tools = {name: find_tool(name) for name in ("mlir-translate", "llc", "ld.lld")}
    base = os.path.join(options.work, f"{product['name']}.{chip}")
    with open(base + ".mlir", "w") as file:
        file.write(products.program(product))
    run(f"{options.build}/bin/pixelfly-compile", base + ".mlir", "--compile-from=tile",
        "--compile-to=codegen", f"--target={chip}", "--quiet", "-o", base + ".codegen.mlir")
    run(f"{options.build}/bin/pixelfly-opt", base + ".codegen.mlir",
        f"--pixelfly-gpu-assemble=chips={MACHINE_CODE.get(chip, chip)}",
        "--pixelfly-strip-attributes", "-o", base + ".llvm.mlir")
    run(tools["mlir-translate"], "--mlir-to-llvmir", base + ".llvm.mlir", "-o", base + ".ll")
    run(tools["llc"], "-O2", "-relocation-model=pic", "-filetype=obj", base + ".ll",
        "-o", base + ".o")
    library = f"kernels/{product['name']}.{chip}.so"
    run(tools["ld.lld"], "-shared", "-znow", base + ".o", "-o",
        os.path.join(options.bundle, library))
    with open(base + ".codegen.mlir") as file:
        text = file.read()
    arena = text.split("arena_bytes = ")[1].split(" ")[0]
    return dict(product, library=library, chip=chip, arena=int(arena))


def build_kernels(options):
    chosen = [p for p in products.all_products() if options.filter in p["name"]]
    if not chosen:
        fail(f"no product's name contains '{options.filter}'")
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        built = list(pool.map(lambda work: build_kernel(options, *work),
                              [(chip, p) for chip in options.chips for p in chosen]))
    with open(os.path.join(options.bundle, "kernels.json"), "w") as file:
        json.dump(built, file)
    return len(built)


def build_training(options):
    """A Mixer of images of 28 x 28, for each chip, and its losses on the processor."""
    training = os.path.join(options.bundle, "training")
    model = os.path.join(ROOT, "lib/Model/models/fashion-mnist-mixer.json")
    compile = [f"{options.build}/bin/pixelfly-compile", model, "--density=0.25", "--quiet"]
    run(sys.executable, os.path.join(ROOT, "test/Train/Inputs/make-data.py"),
        f"{training}/data", "--size=28x28", f"--train={64 * options.steps}")
    for chip in options.chips:
        run(*compile, f"--target={chip}", f"--chips={MACHINE_CODE.get(chip, chip)}", "-o", f"{training}/mixer.{chip}.pfa")
    run(*compile, "-o", f"{options.work}/mixer.pfa")
    run(f"{options.build}/bin/pixelfly-train", f"{options.work}/mixer.pfa",
        f"--data={training}/data", "--seed=1", "--epochs=1", "--warmup-epochs=0",
        f"--out={options.work}/run")
    shutil.copy(f"{options.work}/run/metrics.jsonl", f"{training}/expected.jsonl")


def copy_programs(options):
    for folder in ("bin", "lib"):
        os.makedirs(os.path.join(options.bundle, folder))
    program = shutil.copy(f"{options.build}/bin/pixelfly-train", f"{options.bundle}/bin")
    library = shutil.copy(f"{options.build}/lib/libpixelfly_cuda_runtime.so",
                          f"{options.bundle}/lib")
    for line in (run("ldd", program) + run("ldd", library)).splitlines():
        words = line.split()
        if len(words) > 2 and words[1] == "=>" and not words[0].startswith(SYSTEM):
            shutil.copy(words[2], f"{options.bundle}/lib/{words[0]}")
    for script in glob.glob(f"{HERE}/check_*.py") + [
            f"{HERE}/{name}.py" for name in ("device", "peers", "peers_triton")]:
        shutil.copy(script, options.bundle)
    shutil.copy(f"{ROOT}/tools/gpu-check.sh", options.bundle)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bundle")
    parser.add_argument("--build", default=os.path.join(ROOT, "build/release"))
    parser.add_argument("--chips", default="sm_80,sm_90a", type=lambda text: text.split(","))
    parser.add_argument("--filter", default="", help="only products with this in their names")
    parser.add_argument("--steps", type=int, default=64, help="steps of the training")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    if os.path.exists(options.bundle) and os.listdir(options.bundle):
        fail(f"'{options.bundle}' exists already; name another directory")
    for needed in ("bin/pixelfly-compile", "bin/pixelfly-opt", "bin/pixelfly-train",
                   "lib/libpixelfly_cuda_runtime.so"):
        if not os.path.exists(os.path.join(options.build, needed)):
            fail(f"'{options.build}/{needed}' is not there; build it, or give --build=DIRECTORY")
    options.bundle = os.path.abspath(options.bundle)
    options.work = options.bundle + ".work"
    for folder in (options.work, f"{options.bundle}/kernels", f"{options.bundle}/training/data"):
        os.makedirs(folder)
    count = build_kernels(options)
    build_training(options)
    copy_programs(options)
    shutil.rmtree(options.work)
    size = sum(os.path.getsize(os.path.join(folder, name))
               for folder, _, names in os.walk(options.bundle) for name in names)
    if size > LARGEST:
        fail(f"the bundle has {size >> 20} MiB, more than 64; give --filter or fewer --chips")
    print(f"{options.bundle}: {count} products, {size / 2**20:.1f} MiB; "
          f"run {options.bundle}/gpu-check.sh on the machine with the GPU")


main()
