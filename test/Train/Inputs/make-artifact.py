"""Makes the artifact of logistic.c: make-artifact.py --cc=CXX --include=DIR OUT
[--cuda] [-D...] [FIELD=VALUE ...]. FIELD is a path in the manifest such as
parameters.0.shape, VALUE is JSON. --cuda: for a GPU, of which test/CudaDouble
can run the kernels; they are logistic.c again (logistic-cuda.c)."""

import argparse
import json
import os
import subprocess

parser = argparse.ArgumentParser()
parser.add_argument("--cc", required=True)
parser.add_argument("--include", required=True)
parser.add_argument("-D", dest="defines", action="append", default=[])
parser.add_argument("--cuda", action="store_true")
parser.add_argument("out")
parser.add_argument("changes", nargs="*")
options = parser.parse_intermixed_args()
inputs = os.path.dirname(os.path.abspath(__file__))

os.makedirs(options.out, exist_ok=True)


def compile(source, output, defines):
    subprocess.check_call(
        [options.cc, "-x", "c", "-O1", "-Wall", "-Werror", "-shared", "-fPIC",
         "-I", options.include, os.path.join(inputs, source), "-lm", "-o", output]
        + ["-D" + define for define in defines + options.defines])


library = os.path.join(options.out, "model.so")
if options.cuda:
    kernels = os.path.abspath(options.out) + ".kernels.so"
    compile("logistic-cuda.c", kernels, ["KERNELS"])
    compile("logistic-cuda.c", library, ['IMAGE="' + kernels + '"'])
else:
    compile("logistic.c", library, [])

with open(os.path.join(inputs, "logistic.json")) as file:
    manifest = json.load(file)
if options.cuda:
    manifest["target"].update(device="cuda", chips=["sm_80", "sm_90"], chips_driver="13.0",
                              ptx="sm_80", ptx_driver="12.0")
for change in options.changes:
    path, value = change.split("=", 1)
    *parents, last = [int(k) if k.isdigit() else k for k in path.split(".")]
    place = manifest
    for key in parents:
        place = place[key]
    place[last] = json.loads(value)
with open(os.path.join(options.out, "manifest.json"), "w") as file:
    json.dump(manifest, file, indent=1)
