"""Runs every small product once, on random bytes: for sanitizers, and for a double of
the driver. Prints how many."""

import ctypes
import os
import sys

import device

runtime = device.open_runtime()
products = device.load_products(chips=sys.argv[1].split(","), timed=False)
stream = runtime.mgpuStreamCreate()
for product in products:
    code = device.Product(product)
    sizes = device.bytes_of(product)
    buffers = [runtime.mgpuMemAlloc(size, None, False) for size in sizes]
    for buffer, size in zip(buffers, sizes):
        # The highest bits of each exponent clear: no infinity, no NaN.
        values = ctypes.create_string_buffer(bytes(b & 0x3f for b in os.urandom(size)), size)
        runtime.mgpuMemcpy(buffer, values, size, stream)
    runtime.mgpuStreamSynchronize(stream)
    arena = runtime.mgpuMemAlloc(product["arena"], None, False)
    runtime.pixelfly_cuda_use_stream(stream)
    code.launch(buffers, arena or 0)
    runtime.pixelfly_cuda_use_stream(None)
    runtime.mgpuStreamSynchronize(stream)
    for buffer in buffers + [arena]:
        runtime.mgpuMemFree(buffer, None)
print(f"{len(products)} products launched")
sys.exit(len(products) == 0)
