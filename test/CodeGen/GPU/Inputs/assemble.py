"""Assembles the PTX of the gpu.binary on standard input and prints what each
kernel uses. Fails if a kernel is not made of the instructions it should be.

usage: assemble.py PTXAS CHIP < module.mlir
"""

import re
import subprocess
import sys
import tempfile

ptxas, chip = sys.argv[1:]
binary = re.search(r'assembly = "((?:[^"\\]|\\.)*)"', sys.stdin.read())
if not binary:
    sys.exit("no gpu.binary with assembly in the input")
text = re.sub(r"\\([0-9A-F]{2})", lambda hex: chr(int(hex[1], 16)), binary[1])
with tempfile.NamedTemporaryFile("w", suffix=".ptx") as file:
    file.write(text.replace("\\\\", "\\").rstrip("\0"))
    file.flush()
    run = subprocess.run([ptxas, "-v", f"-arch={chip}", "-o", "/dev/null", file.name],
                         capture_output=True, text=True)
output = run.stdout + run.stderr
# The assembler serialises wgmma and ignores setmaxnreg only with a message.
if run.returncode or "Performance Loss" in output:
    sys.exit(output)

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
