#!/usr/bin/env bash
# How well `-j auto` does on lines of which the best fixed number is known by trying.
#
#   cargo build --release && cc -O2 -pthread -o target/line benches/lines/line.c
#   sudo benches/lines.sh [MBIT_A_SECOND] > table.md
#
# Two network namespaces, a line between them carried packet by packet (benches/lines/line.c, for
# kernels without tc netem), the sandbox at the far end and mavi at the near one. 127.0.0.2 is routed
# over the line, so that plain HTTP is allowed. Goodput is what arrives at the far end, headers
# included, in MB/s: for each of NUMBERS over FIXED seconds after the first 5, for auto over its last
# LAST. Needs root, iproute2 and, for 1000 Mbit/s, about a core for the line itself.
set -euo pipefail
mbit=${1:-1000}
cc=${CC_ALGORITHM:-cubic}
numbers=${NUMBERS:-1 2 4 8 16 32}
fixed=${FIXED:-10} search=${SEARCH:-40} last=${LAST:-15}
here=$(cd "$(dirname "$0")/.." && pwd)
mavi=${MAVI:-$here/target/release/mavi} line=${LINE:-$here/target/line}
work=$(mktemp -d)
near=mavi-near far=mavi-far

down() {
    for pid in "${line_pid:-}" "${sandbox_pid:-}" "${mavi_pid:-}"; do
        [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
        [ -z "$pid" ] || wait "$pid" 2>/dev/null || true
    done
    line_pid='' sandbox_pid='' mavi_pid=''
    rm -f "$work/line" "$work/sandbox"
    ip netns del $near 2>/dev/null || true
    ip netns del $far 2>/dev/null || true
}
trap 'down; rm -rf "$work"' EXIT

up() { # ROUND_TRIP_MS LOSS_PERCENT
    for ns in $near $far; do
        ip netns add $ns
        ip -n $ns link set lo up
    done
    "$line" $near line $far line "${mbit}e6" "$1" "$2" >"$work/line" &
    line_pid=$!
    until grep -qs up "$work/line"; do sleep 0.1; done
    ip -n $near addr add 10.9.9.1/24 dev line
    ip -n $far addr add 10.9.9.2/24 dev line
    for ns in $near $far; do
        ip -n $ns link set line mtu 1500 txqueuelen 1000 up
        for dev in all line; do
            ip netns exec $ns sysctl -qw net.ipv4.conf.$dev.route_localnet=1
        done
    done
    ip -n $near rule del pref 0
    ip -n $near rule add pref 1 lookup local
    ip -n $near rule add pref 0 to 127.0.0.2 lookup 77
    ip -n $near route add 127.0.0.2/32 dev line src 10.9.9.1 table 77 congctl "$cc"
    ip netns exec $far "$mavi" sandbox --listen 127.0.0.2:8080 --rate 0 >"$work/sandbox" 2>&1 &
    sandbox_pid=$!
    until grep -qs 8080 "$work/sandbox"; do sleep 0.1; done
    key=$(sed -n 's/^export MEMORIES_API_KEY=//p' "$work/sandbox")
}

arrived() {
    ip netns exec $far awk '$1 == "line:" { print $2 }' /proc/net/dev
}

run() { # CONCURRENCY SECONDS_BEFORE SECONDS_MEASURED [OPTION]...; prints MB/s
    local j=$1 before=$2 measured=$3
    shift 3
    rm -f "$work"/mavi-ledger.db* "$work"/report.csv
    MEMORIES_API_KEY=$key ip netns exec $near "$mavi" upload -j "$j" "$@" --no-confirm -v \
        --sign-rate 0 --upload-rate 0 --poll-rate 0 --progress none \
        --base-url http://127.0.0.2:8080/serve/api/v2 -r "$work/report.csv" "$work/library" \
        2>"$work/stderr" >&2 &
    mavi_pid=$!
    sleep "$before"
    local first start
    first=$(arrived) start=$(date +%s.%N)
    sleep "$measured"
    echo "$(arrived) $first $(date +%s.%N) $start" | awk '{ printf "%.2f", ($1 - $2) / ($3 - $4) / 1e6 }'
    kill -INT $mavi_pid || sed 's/^/mavi: /' "$work/stderr" >&2
    wait $mavi_pid || true
    mavi_pid=
}

mkdir "$work/library"
for no in $(seq -w 1 ${FILES:-400}); do truncate -s 64M "$work/library/clip-$no.mp4"; done

echo "| round trip, loss | ${numbers// / | } | auto | of the best | settled at |"
echo "|---|$(for _ in $numbers; do printf -- "---|"; done)---|---|---|"
table() { # NAME ROUND_TRIP_MS LOSS_PERCENT [OPTION]...
    local name=$1 row="| $1 |" best=0 rate
    up "$2" "$3"
    shift 3
    for j in $numbers; do
        rate=$(run $j 5 "$fixed" "$@")
        row="$row $rate |"
        best=$(echo "$best $rate" | awk '{ print ($1 > $2) ? $1 : $2 }')
    done
    rate=$(run auto $((search - last)) "$last" "$@")
    settled=$(grep -E 'uploads at once' "$work/stderr" | tail -1 || true)
    echo "$row $rate | $(echo "$rate $best" | awk '{ printf "%.0f %%", 100 * $1 / $2 }') | $settled |"
    down
}
for ms in ${ROUND_TRIPS:-5 40 120}; do
    for loss in ${LOSSES:-0 0.1}; do
        table "$ms ms, $loss %" "$ms" "$loss"
    done
done
[ -z "${BANDWIDTH:-}" ] || table "40 ms, 0 %, --bandwidth $BANDWIDTH" 40 0 --bandwidth "$BANDWIDTH"
