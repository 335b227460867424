"""Assembles the PTX of the gpu.binary on standard input and prints how many
kernels there are, the most registers that one needs, and what spills.

usage: assemble-step.py PTXAS CHIP < module.mlir
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
if run.returncode or "Performance Loss" in output:
    sys.exit(output)
kernels = re.findall(r"Compiling entry function '(\w+)'.*?"
                     r"(\d+) bytes spill stores, (\d+) bytes spill loads.*?"
                     r"Used (\d+) registers", output, re.DOTALL)
for name, stores, loads, registers in kernels:
    if int(stores) or int(loads):
        print(f"{name} spills")
reductions = [int(registers) for name, _, _, registers in kernels
              if name.startswith(("elementwise", "reduction", "partial_sums"))]
print(f"{len(kernels)} kernels; those that are not products need at most "
      f"{max(reductions)} registers")
