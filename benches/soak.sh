#!/bin/sh
# The soak: a library goes up, 16 files at once, while a fifth of all calls goes wrong in every way of
# examples/faults/hostile.toml and the run is killed every 5 to 30 s; the same command is given again
# until it ends with 0. One line of figures for each seed.
#
#     benches/soak.sh [FILES [KILLS [SEED]...]]       default: 10000 30 1 2 3
#
# Also: MAVI_SOAK_RATE (calls a second that the sandbox allows and the run starts from, 20: a call is early
# when 2 % of the gap is missing, and a busy machine is late by more than 2 % of a shorter gap), MAVI_SOAK_EARLIEST
# and MAVI_SOAK_LATEST (seconds before a kill, 5 and 30), MAVI_SOAK_LARGEST (bytes, 4 MiB), MAVI_SOAK_HUGE
# (one more file, 5 GiB, which takes no disk; 0 for none).
set -eu
cd "$(dirname "$0")/.."
cargo build --release --locked
export MAVI_KILL_BINARY=target/release/mavi MAVI_SOAK_FILES="${1:-10000}" MAVI_SOAK_KILLS="${2:-30}"
export MAVI_SOAK_RATE="${MAVI_SOAK_RATE:-20}" MAVI_SOAK_EARLIEST="${MAVI_SOAK_EARLIEST:-5}"
export MAVI_SOAK_LATEST="${MAVI_SOAK_LATEST:-30}" MAVI_SOAK_LARGEST="${MAVI_SOAK_LARGEST:-4194304}"
export MAVI_SOAK_HUGE="${MAVI_SOAK_HUGE:-5368709120}"
shift "$(($# < 2 ? $# : 2))"
[ $# -gt 0 ] || set -- 1 2 3
for seed in "$@"; do
    MAVI_SOAK_SEED="$seed" cargo test --locked --test it soak:: -- --nocapture
done
