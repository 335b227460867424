"""Makes the artifact of logistic.c: make-artifact.py --cc=CXX --include=DIR OUT
[-D...] [FIELD=VALUE ...]. FIELD is a path in the manifest such as
parameters.0.shape, VALUE is JSON."""

import argparse
import json
import os
import subprocess

parser = argparse.ArgumentParser()
parser.add_argument("--cc", required=True)
parser.add_argument("--include", required=True)
parser.add_argument("-D", dest="defines", action="append", default=[])
parser.add_argument("out")
parser.add_argument("changes", nargs="*")
options = parser.parse_args()
inputs = os.path.dirname(os.path.abspath(__file__))

os.makedirs(options.out, exist_ok=True)
subprocess.check_call(
    [options.cc, "-x", "c", "-O1", "-Wall", "-Werror", "-shared", "-fPIC",
     "-I", options.include, os.path.join(inputs, "logistic.c"), "-lm",
     "-o", os.path.join(options.out, "model.so")]
    + ["-D" + define for define in options.defines])

with open(os.path.join(inputs, "logistic.json")) as file:
    manifest = json.load(file)
for change in options.changes:
    path, value = change.split("=", 1)
    *parents, last = [int(k) if k.isdigit() else k for k in path.split(".")]
    place = manifest
    for key in parents:
        place = place[key]
    place[last] = json.loads(value)
with open(os.path.join(options.out, "manifest.json"), "w") as file:
    json.dump(manifest, file, indent=1)
