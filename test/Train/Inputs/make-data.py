"""Writes a small data set of 8 x 8 images in four classes, a bright quadrant in
noise, as IDX files: make-data.py DIRECTORY [--plain] [--size=ROWSxCOLS]
[--train=COUNT] [--largest-label=N]."""

import argparse
import gzip
import os
import random
import struct

parser = argparse.ArgumentParser()
parser.add_argument("directory")
parser.add_argument("--plain", action="store_true")
parser.add_argument("--size", default="8x8")
parser.add_argument("--train", type=int, default=100)
parser.add_argument("--largest-label", type=int, default=3)
options = parser.parse_args()
rows, cols = map(int, options.size.split("x"))
noise = random.Random(0)


def write(name, sizes, data):
    content = struct.pack(">HBB%dI" % len(sizes), 0, 8, len(sizes), *sizes) + data
    path = os.path.join(options.directory, name)
    if options.plain:
        with open(path, "wb") as file:
            file.write(content)
    else:
        # A fixed time stamp: the same bytes every time.
        with open(path + ".gz", "wb") as file:
            file.write(gzip.compress(content, mtime=0))


os.makedirs(options.directory, exist_ok=True)
for split, count in (("train", options.train), ("t10k", 40)):
    labels = bytes(i % (options.largest_label + 1) for i in range(count))
    pixels = bytes(
        noise.randrange(120)
        + (100 if (r * 2 // rows) * 2 + c * 2 // cols == label else 0)
        for label in labels
        for r in range(rows)
        for c in range(cols)
    )
    write(split + "-images-idx3-ubyte", [count, rows, cols], pixels)
    write(split + "-labels-idx1-ubyte", [count], labels)
