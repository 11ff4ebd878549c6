#!/usr/bin/env bash
# slowhttptest against the server: slow heads (-H), slow bodies (-B) and slow reading (-X). The server
# closes every one of those connections by itself, and its health is served all the time.
#
#   deploy/tests/slow.sh [SERVER]    target/release/tonl-mcp-server unless named
#
# Needs slowhttptest (a package of Debian) and curl. Takes under a minute.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=sandbox.sh
source "$(dirname "${BASH_SOURCE[0]}")/sandbox.sh"

server="$(server_at "${1:-$repository/target/release/tonl-mcp-server}")"
command -v slowhttptest >/dev/null || fail 'slowhttptest is missing: apt-get install slowhttptest'
read -r port < <(free_ports 1)
# The limits are the standard ones; only their times are shorter, so that their end is seen.
start server env -i PATH="$PATH" PORT="$port" TONL_RATE_LIMIT_MAX=100000 TONL_HEADER_TIMEOUT_MS=3000 \
  TONL_BODY_IDLE_TIMEOUT_MS=3000 TONL_WRITE_STALL_TIMEOUT_MS=3000 TONL_KEEP_ALIVE_TIMEOUT_MS=3000 "$server"
url="http://127.0.0.1:$port"
wait_for 10 'the start of the server' curl --silent --fail "$url/health"

# Connections that the server still has, besides the one that asks.
held() {
  curl --silent --fail --max-time 2 "$url/metrics" | awk '$1 == "tonl_connections_open" { print $2 - 1 }'
}

few_held() {
  [ "$(held)" -le 5 ]
}

# slow NAME OPTION...: 150 connections at once for twenty seconds, if the server lets them. It gives all
# of them up before; a client that reads a few bytes at a time learns of it much later.
slow() {
  local name="$1" test
  shift
  start "$name" slowhttptest -c 150 -r 150 -i 1 -l 20 -p 2 "$@"
  test="$process"
  sleep 2
  wait_for 15 "the end of slow $name" few_held
  curl --silent --fail --max-time 1 "$url/health" >/dev/null || fail "$name: /health fails meanwhile"
  wait "$test" || fail "$name: slowhttptest failed"
  if grep -q 'service available:.*NO' "$sandbox/$name.log"; then
    fail "$name: the server was not to be reached"
  fi
  printf '  ok: slow %s, all given up by the server\n' "$name"
}

slow heads -H -u "$url/health"
slow bodies -B -s 8192 -x 10 -t POST -u "$url/stream/convert" -f application/x-ndjson
slow reading -X -k 10 -w 10 -y 20 -n 5 -z 32 -u "$url/openapi.json"
printf 'slow: all checks passed\n'
