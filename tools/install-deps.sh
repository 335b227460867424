#!/usr/bin/env bash
# Installs the Debian packages that building, testing and training need, where
# they are missing. Needs root or sudo only when something is missing.
set -euo pipefail

packages=(
  clang-22 libclang-rt-22-dev lld-22 llvm-22-dev llvm-22-tools libmlir-22-dev mlir-22-tools
  cmake ninja-build g++ nlohmann-json3-dev libgtest-dev
  libzstd-dev zlib1g-dev libpng-dev libomp5-14
  dataset-fashion-mnist
)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null |
    grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

run=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "install-deps: these packages are missing and need root to install: ${missing[*]}" >&2
    echo "install-deps: run as root, install sudo, or ask your administrator for them" >&2
    exit 1
  }
  run=(sudo)
fi
echo "install-deps: installing ${missing[*]}"
"${run[@]}" apt-get update -q
"${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
