"""when-metrics.py N FILE SIGNAL COMMAND...: runs COMMAND, sends it SIGNAL (a name
such as INT) once FILE has N lines, and prints how it ended."""

import signal
import subprocess
import sys
import time

lines, path = int(sys.argv[1]), sys.argv[2]
number = getattr(signal, "SIG" + sys.argv[3])
process = subprocess.Popen(sys.argv[4:])


def count():
    try:
        with open(path) as file:
            return sum(1 for _ in file)
    except FileNotFoundError:
        return 0


deadline = time.time() + 60
while count() < lines and process.poll() is None and time.time() < deadline:
    time.sleep(0.002)
process.send_signal(number)
status = process.wait()
print("killed by signal %d" % -status if status < 0 else "exit status %d" % status)
