"""check-memory.py RUN BASELINE: checks the memory that RUN's summary reports.

What the run keeps (parameters, optimizer state, arena, batch) is at most 1.5
times what training cannot do without (parameters, optimizer state and the
activations that the backward part reads), and the report is honest: the process
grew by no more than that over BASELINE, the run of a tiny model, and a little for
the larger images and the code."""

import json
import sys


def read(run):
    with open(run + "/summary.json") as file:
        return json.load(file)


run, baseline = read(sys.argv[1]), read(sys.argv[2])
memory = run["memory"]
parts = sum(memory[key] for key in ("parameters", "state", "arena", "batch"))
assert memory["total"] == parts, (memory, parts)
assert memory["needed"] > memory["parameters"] + memory["state"] > 0, memory
limit = 1.5 * memory["needed"]
assert memory["total"] <= limit, f"{memory['total']} bytes, at most {limit}"

slack = 8 << 20
growth = run["resident_bytes"] - baseline["resident_bytes"]
assert growth <= limit - baseline["memory"]["total"] + slack, (growth, limit)
# The model is not so small that anything would pass.
assert memory["total"] > 2 * slack, memory
print(f"{memory['total'] / memory['needed']:.2f} times what is needed, "
      f"process grew by {growth / memory['needed']:.2f} times")
