#!/usr/bin/env bash
# Compiles the Fashion-MNIST Mixer twice, sparse and dense, trains both with the
# same seed, and prints what that cost and gave: tools/train-fashion-mnist.sh
# BUILD_DIR. From the environment:
#   SEED     determines initial parameters and the order of examples (1)
#   EPOCHS   times the data is seen (the model's own default)
#   DENSITY  density of the sparse layers (0.25)
#   OUT      where everything is written (runs/fashion-mnist-<date and time>)
#   DATA     fashion-mnist, or a directory with IDX files (fashion-mnist)
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
if [ $# -ne 1 ] || [ ! -x "$1/bin/pixelfly-compile" ] || [ ! -x "$1/bin/pixelfly-train" ]; then
  echo "usage: $0 BUILD_DIR" >&2
  echo "  BUILD_DIR/bin must have pixelfly-compile and pixelfly-train; 'make build' makes them" >&2
  exit 2
fi
bin=$(cd "$1/bin" && pwd)
seed=${SEED:-1}
density=${DENSITY:-0.25}
out=${OUT:-$root/runs/fashion-mnist-$(date +%Y%m%d-%H%M%S)}
model=$root/lib/Model/models/fashion-mnist-mixer.json

options=(--data="${DATA:-fashion-mnist}" --seed="$seed")
[ -z "${EPOCHS:-}" ] || options+=(--epochs="$EPOCHS")

for name in sparse dense; do
  if [ -e "$out/$name" ]; then
    echo "$0: '$out/$name' exists already; nothing was changed" >&2
    echo "  choose another directory: OUT=DIRECTORY" >&2
    exit 1
  fi
done
mkdir -p "$out"

compile() { # compile NAME OPTION: the artifact of that name
  echo "== compiling $1 =="
  "$bin/pixelfly-compile" "$model" "$2" -o "$out/$1.pfa"
}
train() { # train NAME: the run of that name
  echo
  echo "== training $1 =="
  "$bin/pixelfly-train" "$out/$1.pfa" "${options[@]}" --out="$out/$1"
}

compile sparse --density="$density"
compile dense --dense
train sparse
train dense

echo
"$bin/pixelfly-train" --compare "$out/sparse" "$out/dense"
echo
echo "learning curves: $out/{sparse,dense}/curves.png"
echo "sparse patterns: $out/sparse/patterns.png"
