"""Runs a command once for each function of the CUDA driver and each of its first
calls, with that call failing: check-failures.py CALLS COMMAND --out=RUN. CALLS
lists the calls of a run without failures (test/CudaDouble, calls=). Every run
must end with status 1 and an error that names the function."""

import collections
import os
import shutil
import subprocess
import sys

calls, *command = sys.argv[1:]
out = [word for word in command if word.startswith("--out=")][0][len("--out="):]
# What an owner's destructor calls is not looked at: memory goes with the process.
cleanup = {"cuMemFree", "cuMemFreeHost", "cuStreamDestroy", "cuEventDestroy",
           "cuGraphExecDestroy"}
with open(calls) as file:
    counts = collections.Counter(file.read().split())
failed = named = 0
for function, count in counts.items():
    if function in cleanup:
        continue
    for number in sorted({1, 2, count // 2, count - 3} & set(range(1, count + 1))):
        shutil.rmtree(out, ignore_errors=True)
        setting = f"fail={function}:{number}:1"
        run = subprocess.run(command, capture_output=True, text=True,
                             env=dict(os.environ, PIXELFLY_CUDA_DOUBLE=setting))
        failed += 1
        if run.returncode == 1 and "error: " in run.stderr and function in run.stderr:
            named += 1
        else:
            print(f"{setting}: status {run.returncode}: {run.stderr}")
print(f"{named} of {failed} runs ended with an error that names the call")
sys.exit(named != failed or failed == 0)
