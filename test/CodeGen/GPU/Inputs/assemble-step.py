"""Assembles the PTX of the gpu.binary on standard input and prints how many
kernels there are, the most registers that one needs, and what spills.

usage: assemble-step.py PTXAS CHIP < module.mlir
"""

import re
import sys

from ptx import assemble

ptxas, chip = sys.argv[1:]
_, output = assemble(sys.stdin.read(), ptxas, chip)
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
