#!/bin/sh
# Kills uploads at random moments, 1,000 times or as often as the first argument says, over
# libraries of 50 to 150 files, up to five times each; then a ledger in the middle of its commits,
# 100 times or as often as the second says. Each part ends in one line of figures.
set -eu
cd "$(dirname "$0")/.."
cargo build --release --locked
export MAVI_KILLS="${1:-1000}" MAVI_COMMIT_KILLS="${2:-100}" MAVI_KILL_BINARY=target/release/mavi
cargo test --locked --test it kill:: -- --nocapture
cargo test --locked --lib commits:: -- --nocapture
