"""Compares a run's metrics with the processor's: check_training.py EXPECTED ACTUAL.
Both are trained from the same parameters on the same batches. The device rounds the
operands of products to tf32, so the losses part a little: none may differ by more than
2 % of the first one."""

import json
import sys


def losses(path):
    with open(path) as file:
        steps = [json.loads(line) for line in file]
    return [step["loss"] for step in steps if step["event"] == "step"]


expected, actual = (losses(path) for path in sys.argv[1:3])
if len(expected) != len(actual) or not expected:
    sys.exit(f"{len(actual)} steps instead of {len(expected)}")
worst = 0.0
for step, (one, other) in enumerate(zip(expected, actual), start=1):
    # Not ">": what is no number must not pass.
    if not abs(one - other) <= 0.02 * expected[0]:
        sys.exit(f"step {step}: loss {other}, on the processor {one}")
    worst = max(worst, abs(one - other))
print(json.dumps({"steps": len(expected), "largest_difference": worst,
                  "last_loss": actual[-1], "expected_last_loss": expected[-1]}))
