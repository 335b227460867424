#!/bin/bash
# Checks the GPU code on a machine with a GPU, which needs no compiler:
#
#   tools/gpu-check.sh --bundle DIR [--build=DIR] [--chips=sm_80,sm_90a] [--filter=TEXT]
#       here: compiles every product and a model, and puts them into DIR with all
#       they need (less than 64 MiB)
#   DIR/gpu-check.sh [--only=STAGE,...] [--out=RESULTS]
#       there: runs the stages below, and writes results.json, timing.json, table.md
#       and a log of each stage to RESULTS (DIR/results)
#   DIR/gpu-check.sh --dry-run=DOUBLE
#       goes through what needs no GPU on a double of the driver (the directory
#       with test/CudaDouble's libcuda.so.1); compares no numbers
#
# Stages:
#   numerics   every product on fresh random inputs against float64 (PyTorch)
#   sanitizer  products and two train steps under compute-sanitizer's memcheck,
#              racecheck and synccheck
#   training   a Mixer to the processor's losses, and to the same bits twice
#   timing     against cuBLAS, cuSPARSE, PyTorch and Triton in the same run
#
# It needs x86-64 Linux, Python 3 with PyTorch and Triton, compute-sanitizer, and an
# NVIDIA driver. Exits with 1 if any stage fails; the others run all the same.
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
fail() { echo "gpu-check: error: $*" >&2; exit 1; }

if [ "${1:-}" = --bundle ]; then
  [ $# -ge 2 ] || fail "--bundle needs a directory"
  [ -f "$here/gpu-check/make_bundle.py" ] || fail "bundles are made in the repository"
  exec python3 "$here/gpu-check/make_bundle.py" "${@:2}"
fi

only=numerics,sanitizer,training,timing out=$here/results double=
for argument in "$@"; do
  case $argument in
  --only=*) only=${argument#*=} ;;
  --out=*) out=${argument#*=} ;;
  --dry-run=*) double=${argument#*=} only=sanitizer,training ;;
  -h | --help) sed -n '2,/^set/ { /^set/d; s/^# \{0,1\}//; p }' "${BASH_SOURCE[0]}"; exit 0 ;;
  *) fail "unknown argument '$argument'; see --help" ;;
  esac
done
for stage in ${only//,/ }; do
  case $stage in
  numerics | sanitizer | training | timing) ;;
  *) fail "unknown stage '$stage'; they are numerics, sanitizer, training and timing" ;;
  esac
done
[ -f "$here/kernels.json" ] ||
  fail "'$here' is no bundle; make one with tools/gpu-check.sh --bundle DIR"
[ "$(uname -sm)" = "Linux x86_64" ] || fail "the bundle is for x86-64 Linux"
command -v python3 > /dev/null || fail "python3 is not in PATH"

if [ -n "$double" ]; then
  [ -f "$double/libcuda.so.1" ] || fail "there is no libcuda.so.1 in '$double'"
  export LD_LIBRARY_PATH=$double
  chips=$(cd "$here/training" && printf '%s\n' mixer.*.pfa | sed 's/^mixer\.//; s/\.pfa$//' | paste -sd,)
else
  command -v nvidia-smi > /dev/null || fail "there is no NVIDIA driver (nvidia-smi is not in PATH)"
  chips=$(cd "$here" && python3 -c 'import device; print(",".join(device.chips_of_device()))') ||
    fail "nvidia-smi finds no GPU that the bundle is for"
  case ,$only, in
  *,numerics,* | *,timing,*)
    python3 -c 'import torch; assert torch.cuda.is_available(), "PyTorch sees no GPU"' ||
      fail "the stages numerics and timing need PyTorch with CUDA" ;;
  esac
fi
mkdir -p "$out" && out=$(cd "$out" && pwd) || fail "cannot write to '$out'"
cd "$here" || exit 1
sanitize=()
train() { # CHIP OUT [OPTIONS...]
  rm -rf "$2"
  "${sanitize[@]}" "$here/bin/pixelfly-train" "training/mixer.$1.pfa" --out="$2" \
    --data=training/data --seed=1 --epochs=1 --warmup-epochs=0 "${@:3}"
}

numerics() { python3 check_numerics.py "$chips" > "$out/numerics.jsonl"; }

sanitizer() {
  local status=0 tool chip program
  for tool in memcheck racecheck synccheck; do
    if [ -z "$double" ]; then
      program=$(command -v compute-sanitizer || ls /usr/local/cuda/bin/compute-sanitizer 2> /dev/null) ||
        { echo "compute-sanitizer of the CUDA toolkit is not there"; return 1; }
      sanitize=("$program" --tool "$tool" --error-exitcode 9)
    fi
    echo "== $tool: products"
    "${sanitize[@]}" python3 check_launches.py "$chips" || status=1
    for chip in ${chips//,/ }; do
      echo "== $tool: two train steps for $chip"
      train "$chip" "$out/steps" --steps=2 || status=1
    done
    [ -z "$double" ] || break
  done
  sanitize=()
  return $status
}

training() {
  local status=0 chip run
  for chip in ${chips//,/ }; do
    for run in run again; do
      train "$chip" "$out/$run.$chip" || return 1
    done
    [ -n "$double" ] && continue
    cmp "$out/run.$chip"/checkpoints/*/parameters.safetensors \
      "$out/again.$chip"/checkpoints/*/parameters.safetensors || status=1
    python3 check_training.py training/expected.jsonl "$out/run.$chip/metrics.jsonl" \
      > "$out/training.$chip.json" || status=1
  done
  return $status
}

timing() { python3 check_timing.py "$chips" "$out/timing.json" "$out/table.md"; }

failed=
for stage in ${only//,/ }; do
  if "$stage" > "$out/$stage.log" 2>&1; then
    verdict=passed
  else
    verdict=FAILED failed="$failed $stage"
  fi
  echo "$stage: $verdict ($out/$stage.log)"
done
python3 - "$out" "$chips" "${failed# }" "$only" << 'PYTHON'
import glob, json, os, sys
out, chips, failed, only = sys.argv[1:5]
results = {"chips": chips.split(","), "stages": only.split(","), "failed": failed.split()}
for path in glob.glob(os.path.join(out, "*.json")):
    name = os.path.basename(path)[:-len(".json")]
    if name != "results":
        with open(path) as file:
            results[name] = json.load(file)
numerics = os.path.join(out, "numerics.jsonl")
if os.path.exists(numerics):
    with open(numerics) as file:
        results["numerics"] = [json.loads(line) for line in file]
with open(os.path.join(out, "results.json"), "w") as file:
    json.dump(results, file, indent=1)
PYTHON
[ -f "$out/table.md" ] && cat "$out/table.md"
[ -z "$failed" ] || fail "failed:$failed; results are in '$out'"
echo "all passed; results are in '$out'"
