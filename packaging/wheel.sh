#!/usr/bin/env bash
# Builds the wheel into target/wheels, installs it into a fresh environment and runs it there.
#
#   packaging/wheel.sh
#
# Needs Rust, a C compiler and Python 3.8 or newer with pip; maturin comes from PyPI. The wheel runs
# on this system's libc and newer ones; wheels for everybody are built on an old one (manylinux).
set -euo pipefail
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/build"
"$scratch/build/bin/pip" install --quiet 'maturin>=1.9,<2'
rm -f target/wheels/mavi_upload-*.whl
(cd packaging && "$scratch/build/bin/maturin" build --locked --out ../target/wheels)

python3 -m venv "$scratch/try"
"$scratch/try/bin/pip" install --quiet --no-index target/wheels/mavi_upload-*.whl
"$scratch/try/bin/mavi" --version
packaging/try.sh "$scratch/try/bin/mavi"
ls -l target/wheels/mavi_upload-*.whl
