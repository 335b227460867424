"""limit-file-size.py BYTES COMMAND...: no file of COMMAND may grow beyond BYTES."""

import os
import resource
import sys

size = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
os.execvp(sys.argv[2], sys.argv[2:])
