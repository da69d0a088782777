#!/bin/sh
# What a plan of a large library costs, and how well its forecast is met.
#
#     benches/plan.sh [ROWS [FILES]]       default: 1000000 300
#
# First `mavi plan` on a manifest of ROWS rows: of files that are missing; then of files of 5 bytes that
# are there, with preflight and without, and with --dedupe (which reads them all: they share their size).
# Then FILES files go to `mavi sandbox --rate 1 --processing 2s`, and the time is held against the plan's.
# MAVI names the binary [target/release/mavi]; MAVI_EXIST=0 leaves the files that are there out.
# Needs /usr/bin/time, seq, awk and xargs.
set -eu
cd "$(dirname "$0")/.."
rows=${1:-1000000} files=${2:-300}
mavi=${MAVI:-target/release/mavi}
[ -x "$mavi" ] || cargo build --release --locked
mavi=$(cd "$(dirname "$mavi")" && pwd)/$(basename "$mavi")
work=$(mktemp -d)
trap '[ -z "${sandbox:-}" ] || kill "$sandbox"; rm -rf "$work"' EXIT
cd "$work"

# What a plan said in some words, and its time and memory.
measured() {
    title=$1
    shift
    code=0
    /usr/bin/time -f '%e s (%U user, %S system), %M KiB at most' -o figures "$mavi" plan "$@" >words || code=$?
    [ "$code" -le 1 ] || { cat words; exit "$code"; }
    echo "$title: $(tail -n 1 figures)"
    grep -E '^(  go up|  would fail|  in all|forecast)' words
}

names() { seq -f 'season %.0f' 0 "$(((rows - 1) / 1000))"; }
{
    echo 'path,title'
    awk -v rows="$rows" 'BEGIN { for (no = 0; no < rows; no++)
        printf "season %d/clip %07d.mp4,Title of %d\n", no / 1000, no, no }'
} >manifest.csv
measured "$rows rows, the files are missing" -m manifest.csv
if [ "${MAVI_EXIST:-1}" != 0 ]; then
    names | tr '\n' '\0' | xargs -0 mkdir
    awk -F, 'NR > 1 { print "x" NR % 1000 > $1; close($1) }' manifest.csv
    measured "$rows rows, the files are there" -m manifest.csv
    measured "$rows rows, without preflight" -m manifest.csv --no-preflight
    measured "$rows rows, with --dedupe" -m manifest.csv --dedupe --no-preflight
fi

mkdir library
for no in $(seq "$files"); do
    printf '\0\0\0\020ftypisom\0\0\0\0\0\0\0\010moov%s' "$no" >"library/$no.mp4"
done
"$mavi" sandbox --rate 1 --processing 2s >settings 2>/dev/null &
sandbox=$!
until [ "$(grep -c export settings)" -eq 2 ]; do sleep 0.1; done
. ./settings
forecast=$("$mavi" plan library -r report.csv --json | sed 's/.*"forecast":{[^}]*"seconds":\([0-9.]*\).*/\1/')
start=$(date +%s.%N)
"$mavi" upload library -r report.csv --progress none
end=$(date +%s.%N)
awk -v forecast="$forecast" -v start="$start" -v end="$end" 'BEGIN { took = end - start
    printf "forecast %.1f s, took %.1f s: %+.1f %%\n", forecast, took, (took / forecast - 1) * 100 }'
