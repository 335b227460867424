"""The device and compiled products, through libpixelfly_cuda_runtime.so and nothing else:
so a sanitizer sees little besides our kernels."""

import ctypes
import json
import os
import subprocess

BUNDLE = os.path.dirname(os.path.abspath(__file__))
BYTES = {"bf16": 2, "f16": 2, "f32": 4}


def open_runtime():
    """With the symbols for all, as products look for them."""
    runtime = ctypes.CDLL(os.path.join(BUNDLE, "lib", "libpixelfly_cuda_runtime.so"),
                          mode=ctypes.RTLD_GLOBAL)
    pointer, size = ctypes.c_void_p, ctypes.c_size_t
    for name, result, arguments in (
            ("mgpuMemAlloc", pointer, [size, pointer, ctypes.c_bool]),
            ("mgpuMemFree", None, [pointer, pointer]),
            ("mgpuMemcpy", None, [pointer, pointer, size, pointer]),
            ("mgpuStreamCreate", pointer, []),
            ("mgpuStreamSynchronize", None, [pointer]),
            ("pixelfly_cuda_use_stream", None, [pointer])):
        function = getattr(runtime, name)
        function.restype, function.argtypes = result, arguments
    return runtime


def chips_of_device():
    """Those of the bundle's chips that the first device runs, by its compute capability,
    which the driver's own tool says."""
    text = subprocess.run(["nvidia-smi", "--query-gpu=compute_cap", "--format=csv,noheader"],
                          capture_output=True, text=True, check=True).stdout
    capability = int(text.split()[0].replace(".", ""))
    runs = {"sm_90a": capability == 90, "sm_80": capability >= 80}
    chips = {product["chip"] for product in load_products()}
    chosen = sorted((chip for chip in chips if runs.get(chip)), reverse=True)
    if not chosen:
        raise SystemExit(f"compute capability {capability} runs none of {sorted(chips)}")
    return chosen


def load_products(chips=None, timed=None):
    with open(os.path.join(BUNDLE, "kernels.json")) as file:
        products = json.load(file)
    return [p for p in products if (chips is None or p["chip"] in chips)
            and (timed is None or p["timed"] == timed)]


def elements(shape):
    count = 1
    for size in shape:
        count *= size
    return count


def bytes_of(product):
    """Of the inputs, then the outputs."""
    return [elements(shape) * BYTES[type] for shape, type in product["inputs"] + product["outputs"]]


class Product:
    """A product's code, on buffers of the caller."""

    def __init__(self, product):
        self.library = ctypes.CDLL(os.path.join(BUNDLE, product["library"]))
        self.arena = product["arena"]

    def launch(self, addresses, arena=0):
        buffers = (ctypes.c_void_p * len(addresses))(*addresses)
        self.library.pf_evaluate(buffers, ctypes.c_void_p(arena))
