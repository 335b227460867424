"""Fails if a kernel spills, or needs more registers than recorded.

usage: compare-resources.py RECORDED FOUND
"""

import re
import sys


def read(path):
    with open(path) as file:
        return dict(re.findall(r"^(\w+): (.*)$", file.read(), re.MULTILINE))


recorded, found = map(read, sys.argv[1:])
if recorded.keys() != found.keys():
    sys.exit(f"kernels differ: {sorted(recorded.keys() ^ found.keys())}")
failed = False
for name, resources in found.items():
    registers, stack, spilled = map(int, re.findall(r"\d+", resources))
    allowed = int(recorded[name].split()[0])
    if stack or spilled or registers > allowed:
        print(f"{name}: {resources}; recorded are {allowed} registers and no spills")
        failed = True
sys.exit(failed)
