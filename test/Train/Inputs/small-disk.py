"""small-disk.py DIR COMMAND...: runs COMMAND with a file system of 64 kB mounted
on DIR, which only it sees."""

import os
import sys

directory, command = sys.argv[1], sys.argv[2:]
script = 'mount -t tmpfs -o size=64k none "$0" && exec "$@"'
user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
os.execvp("unshare", ["unshare", "--mount", *user, "sh", "-c", script, directory, *command])
