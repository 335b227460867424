"""Assembles the PTX of the gpu.binary on standard input and prints what each
kernel uses.

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
if run.returncode:
    sys.exit(run.stdout + run.stderr)

kernels = re.findall(r"Compiling entry function '(\w+)'.*?(\d+) bytes stack frame, "
                     r"(\d+) bytes spill stores, (\d+) bytes spill loads.*?"
                     r"Used (\d+) registers", run.stdout + run.stderr, re.DOTALL)
bodies = dict(re.findall(r"\.entry (\w+)\((.*?)(?=\.entry|\Z)", text, re.DOTALL))
for name, stack, stores, loads, registers in kernels:
    print(f"{name}: {registers} registers, {stack} stack, {int(stores) + int(loads)} spilled")
    for instruction in ("mma.sync.aligned.m16n8k", "cp.async.c"):
        if instruction not in bodies[name]:
            sys.exit(f"{name} has no {instruction}")
