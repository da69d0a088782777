#!/usr/bin/env bash
# How well `-j auto` does on lines of which the best fixed number is known by trying.
#
#   cargo build --release --bin mavi --example side_by_side_sink
#   cc -O2 -pthread -o target/line benches/lines/line.c
#   sudo benches/lines.sh [MBIT_A_SECOND] > table.md
#
# Two network namespaces, a line between them carried packet by packet (benches/lines/line.c, for
# kernels without tc netem), the sink of side_by_side at the far end and the client at the near one.
# 127.0.0.1 is routed over the line, so that plain HTTP is allowed. Goodput is what arrives at the
# far end, headers included, in MB/s. The first seconds are left out, since new connections on a line
# that loses packets start far above the speed that they keep. Auto is held against the mean of the
# best fixed number before it and once more behind it. Needs root and iproute2.
#
#   ROUND_TRIPS="5 40 120"  LOSSES="0 0.1"   the lines: ms, and per cent of the packets
#   NUMBERS="1 2 4 8 16 32"                  fixed -j, over FIXED seconds after BEFORE
#   SEARCH=90 LAST=15                        auto: its last LAST seconds of SEARCH
#   BANDWIDTH=4M                             a last row under --bandwidth, on a line of 40 ms
#   PEERS="mavi auto curl rclone s5cmd"      instead: these with four uploads each, over FIXED
#                                            seconds after BEFORE
#   FILES=400                                how many files of 64 MiB: enough for the longest run
#   MTU=1500                                 1000 Mbit/s of small packets take more than a core
set -euo pipefail
mbit=${1:-1000}
cc=${CC_ALGORITHM:-cubic}
numbers=${NUMBERS-1 2 4 8 16 32}
before=${BEFORE:-20} fixed=${FIXED:-15} search=${SEARCH:-90} last=${LAST:-15}
here=$(cd "$(dirname "$0")/.." && pwd)
mavi=${MAVI:-$here/target/release/mavi} line=${LINE:-$here/target/line}
sink=${SINK:-$here/target/release/examples/side_by_side_sink} s5cmd=${S5CMD:-s5cmd}
work=$(mktemp -d)
# Holes in memory: read at once, and they fill no page cache.
library=$(mktemp -d -p /dev/shm)
near=mavi-near-$$ far=mavi-far-$$

stop() { # PID, which leads a process group
    [ -z "$1" ] || kill -KILL -- "-$1" 2>/dev/null || true
    [ -z "$1" ] || wait "$1" 2>/dev/null || true
}

down() {
    stop "${client_pid:-}"
    stop "${service_pid:-}"
    stop "${line_pid:-}"
    client_pid='' service_pid='' line_pid=''
    rm -f "$work/line" "$work/service"
    ip netns del $near 2>/dev/null || true
    ip netns del $far 2>/dev/null || true
}
trap 'down; rm -rf "$work" "$library"' EXIT

up() { # ROUND_TRIP_MS LOSS_PERCENT
    for ns in $near $far; do
        ip netns add $ns
        ip -n $ns link set lo up
    done
    setsid "$line" $near line $far line "${mbit}e6" "$1" "$2" >"$work/line" &
    line_pid=$!
    until grep -qs up "$work/line"; do sleep 0.1; done
    ip -n $near addr add 10.9.9.1/24 dev line
    ip -n $far addr add 10.9.9.2/24 dev line
    for ns in $near $far; do
        ip -n $ns link set line mtu "${MTU:-1500}" txqueuelen 1000 up
        for dev in all line; do
            ip netns exec $ns sysctl -qw net.ipv4.conf.$dev.route_localnet=1
        done
    done
    ip -n $near rule del pref 0
    ip -n $near rule add pref 1 lookup local
    ip -n $near rule add pref 0 to 127.0.0.0/30 lookup 77
    ip -n $near route add 127.0.0.0/30 dev line src 10.9.9.1 table 77 congctl "$cc"
}

serve() { # sets url
    setsid ip netns exec $far "$sink" >"$work/service" 2>&1 &
    service_pid=$!
    until grep -qs '^[0-9]' "$work/service"; do
        kill -0 $service_pid || { cat "$work/service" >&2; exit 1; }
        sleep 0.1
    done
    url=http://127.0.0.1:$(<"$work/service")
}

arrived() {
    ip netns exec $far awk '$1 == "line:" { print $2 }' /proc/net/dev
}

run() { # SECONDS_BEFORE SECONDS_MEASURED COMMAND...; the rate, in MB/s
    local before=$1 measured=$2 first start
    shift 2
    setsid ip netns exec $near "$@" >"$work/client" 2>&1 &
    client_pid=$!
    sleep "$before"
    first=$(arrived) start=$(date +%s.%N)
    sleep "$measured"
    rate=$(echo "$(arrived) $first $(date +%s.%N) $start" |
        awk '{ printf "%.2f", ($1 - $2) / ($3 - $4) / 1e6 }')
    kill -0 $client_pid 2>/dev/null || sed 's/^/ended early: /' "$work/client" >&2
    stop $client_pid
    client_pid=
}

upload() { # CONCURRENCY; the command
    rm -f "$work"/mavi-ledger.db* "$work"/report.csv
    command=("$mavi" upload -j "$1" --no-confirm -v --progress none --base-url "$url/serve/api/v2"
        --sign-rate 0 --upload-rate 0 --poll-rate 0 -r "$work/report.csv" "$library")
}

per_cent() { # RATE BEST AGAIN
    awk -v rate="$1" -v best="$2" -v again="$3" 'BEGIN { printf "%.0f %%", 200 * rate / (best + again) }'
}

numbers_row() { # NAME ROUND_TRIP_MS LOSS_PERCENT [OPTION]...
    local name=$1 row="| $1 |" best=0 best_j='' rate auto settled url
    up "$2" "$3"
    shift 3
    serve
    for j in $numbers; do
        upload "$j"
        run "$before" "$fixed" "${command[@]}" "$@"
        row="$row $rate |"
        ! awk "BEGIN { exit !($rate > $best) }" || best=$rate best_j=$j
    done
    upload auto
    run $((search - last)) "$last" "${command[@]}" "$@"
    auto=$rate settled=$(grep 'uploads at once' "$work/client" | tail -1 || true)
    grep 'uploads at once' "$work/client" | sed "s/^/$name: /" >&2 || true
    if [ -n "$best_j" ]; then
        upload "$best_j"
        run "$before" "$fixed" "${command[@]}" "$@"
        row="$row $rate | $auto | $(per_cent "$auto" "$best" "$rate") |"
    else
        row="$row | $auto | |"
    fi
    echo "$row $settled |"
    down
}

peer() { # CLIENT; the command, with four uploads at once
    case $1 in
        mavi) upload 4 ;;
        auto) upload auto ;;
        curl) command=(sh -c "printf '%s\\0' '$library'/* |
            xargs -0 -P4 -I{} curl -sS --fail -F 'file=@{}' '$url/storage/curl'") ;;
        rclone) command=(rclone copy -q --transfers 4 --checkers 4 --s3-provider Other --s3-env-auth
            --s3-endpoint "$url" --s3-no-check-bucket "$library" ":s3:b/$RANDOM") ;;
        s5cmd) command=("$s5cmd" --log error --endpoint-url "$url" --numworkers 4
            cp "$library/*" "s3://b/$RANDOM/") ;;
    esac
}

peers_row() { # NAME ROUND_TRIP_MS LOSS_PERCENT
    local row="| $1 |" client wait rate url
    up "$2" "$3"
    serve
    for client in $PEERS; do
        wait=$before
        [ "$client" != auto ] || wait=$((search - last))
        peer "$client"
        run "$wait" "$fixed" "${command[@]}"
        row="$row $rate |"
    done
    echo "$row"
    down
}

for no in $(seq -w 1 ${FILES:-400}); do truncate -s 64M "$library/clip-$no.mp4"; done
unset AWS_CA_BUNDLE
export MEMORIES_API_KEY=sk-mavi-lines RCLONE_CONFIG="$work/none" AWS_EC2_METADATA_DISABLED=true
export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=y AWS_REGION=us-east-1

header() { # COLUMN...
    printf '| %s ' "$@"
    printf '|\n|'
    printf -- '---|%.0s' "$@"
    echo
}
if [ -n "${PEERS:-}" ]; then
    row=peers_row
    header 'round trip, loss' $PEERS
else
    row=numbers_row
    header 'round trip, loss' $numbers 'best again' auto 'of the best' 'settled at'
fi
for ms in ${ROUND_TRIPS-5 40 120}; do
    for loss in ${LOSSES:-0 0.1}; do
        $row "$ms ms, $loss %" "$ms" "$loss"
    done
done
[ -z "${BANDWIDTH:-}" ] || numbers_row "40 ms, 0 %, --bandwidth $BANDWIDTH" 40 0 --bandwidth "$BANDWIDTH"
