"""What the tests of assembled kernels share: the PTX of a module's gpu.binary, and
what ptxas says of it."""

import re
import subprocess
import sys
import tempfile


def assemble(module, ptxas, chip):
    """The PTX in the text of a module, and ptxas's report on it. Ends the process with
    the report if it fails, or if it serialises wgmma or ignores setmaxnreg, which it
    says in a message only."""
    binary = re.search(r'assembly = "((?:[^"\\]|\\.)*)"', module)
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
    return text, output
