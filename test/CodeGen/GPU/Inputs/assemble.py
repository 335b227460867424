"""Assembles the PTX of the gpu.binary on standard input and prints what each
kernel uses. Fails if a kernel is not made of the instructions it should be.

usage: assemble.py PTXAS CHIP < module.mlir
"""

import re
import sys

from ptx import assemble

ptxas, chip = sys.argv[1:]
text, output = assemble(sys.stdin.read(), ptxas, chip)

kernels = re.findall(r"Compiling entry function '(\w+)'.*?(\d+) bytes stack frame, "
                     r"(\d+) bytes spill stores, (\d+) bytes spill loads.*?"
                     r"Used (\d+) registers", output, re.DOTALL)
bodies = dict(re.findall(r"\.entry (\w+)\((.*?)(?=\.entry|\Z)", text, re.DOTALL))


def instructions(name):
    """What a kernel of this name is made of."""
    product, element, block = re.match(
        r"(\w+?)_(bf16|f16|f32)_(\d+)", name).groups()
    if (chip == "sm_90a" and element != "f32" and product != "dense"
            and int(block) >= (64 if product == "sddmm" else 32)):
        return ("wgmma.mma_async.sync.aligned.m64n", "cp.async.bulk.tensor",
                "mbarrier.try_wait")
    both = "mma.sync.aligned.m16n8k", "cp.async.c"
    return both if element == "f32" else both + ("ldmatrix.sync.aligned",)


for name, stack, stores, loads, registers in kernels:
    print(f"{name}: {registers} registers, {stack} stack, {int(stores) + int(loads)} spilled")
    for instruction in instructions(name):
        if instruction not in bodies[name]:
            sys.exit(f"{name} has no {instruction}")
