#!/usr/bin/env bash
# Tries a mavi that was packaged: the library in examples/, against its own sandbox.
#
#   packaging/try.sh MAVI
set -euo pipefail
mavi=$(realpath "$1")
cd "$(dirname "$0")/.."

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
"$mavi" upload --sandbox --manifest examples/library/manifest.csv --report "$out/report.csv"
test "$(grep -c ',success,' "$out/report.csv")" -eq 5
