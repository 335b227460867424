#!/usr/bin/env python3
"""Rewrites the program output in docs/Tour.md, or checks that it is up to date.

A line `<!-- run: COMMAND -->` is followed by a fenced block; the block becomes what
the shell command prints. Commands run in the repository's root with the build's
bin directory on PATH, so everything shown is what the tools printed.

Usage: tools/update-tour.py [--check] BUILD_DIR
"""

import difflib
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOUR = ROOT / "docs" / "Tour.md"
BLOCK = re.compile(r"(<!-- run: (.*?) -->\n```\w*\n)(.*?)(^```$)", re.M | re.S)


def run(command: str, build: pathlib.Path) -> str:
    env = dict(os.environ, PATH=f"{build / 'bin'}:{os.environ['PATH']}")
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=ROOT, env=env, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"update-tour: failed: {command}\n{done.stderr}")
    return "\n".join(line.rstrip() for line in done.stdout.splitlines()) + "\n"


def main() -> None:
    arguments = [a for a in sys.argv[1:] if a != "--check"]
    if len(arguments) != 1:
        sys.exit(__doc__)
    build = pathlib.Path(arguments[0]).resolve()
    old = TOUR.read_text()
    new = BLOCK.sub(lambda m: m[1] + run(m[2], build) + m[4], old)
    if "--check" not in sys.argv:
        TOUR.write_text(new)
    elif new != old:
        sys.stdout.writelines(difflib.unified_diff(
            old.splitlines(True), new.splitlines(True), "docs/Tour.md", "what the tools print"))
        sys.exit("update-tour: docs/Tour.md is out of date; run tools/update-tour.py BUILD_DIR")


if __name__ == "__main__":
    main()
