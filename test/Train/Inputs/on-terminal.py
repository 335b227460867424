"""on-terminal.py COLUMNS COMMAND...: runs COMMAND on a terminal of that width and
prints what it wrote there, control characters as \\r and ESC."""

import fcntl
import os
import pty
import struct
import sys
import termios

child, terminal = pty.fork()
if child == 0:
    size = struct.pack("HHHH", 25, int(sys.argv[1]), 0, 0)
    fcntl.ioctl(1, termios.TIOCSWINSZ, size)
    os.execvp(sys.argv[2], sys.argv[2:])
output = b""
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:  # how Linux says that the other end is closed
        break
    if not piece:
        break
    output += piece
text = output.decode().replace("\r\n", "\n")
print(text.replace("\r", "\\r").replace("\033", "ESC"))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
