#!/usr/bin/env bash
# Two servers behind the shipped HAProxy restart one after the other under load: no request fails, an
# open event stream is told and ended, each server exits with 0.
#
#   deploy/tests/rolling.sh [SERVER]    target/release/tonl-mcp-server unless named
#
# Needs haproxy, wrk, curl, openssl, python3. The load ends by itself after half a minute.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=sandbox.sh
source "$(dirname "${BASH_SOURCE[0]}")/sandbox.sh"

server="$(server_at "${1:-$repository/target/release/tonl-mcp-server}")"
command -v wrk >/dev/null || fail 'wrk is missing: apt-get install wrk'
seconds=30
make_certificate
read -r http https state first second < <(free_ports 5)
openssl rand -hex 32 >"$sandbox/token"
chmod 600 "$sandbox/token"

# start_server NAME PORT, with the settings of the recipe. The limit is off, since all of the load
# comes from one address.
mapfile -t recipe < <(grep -v '^#' "$repository/deploy/haproxy/tonl.env")
start_server() {
  start "$1" env -i PATH="$PATH" "${recipe[@]}" PORT="$2" TONL_RATE_LIMIT_ENABLED=false \
    TONL_AUTH_TOKEN_FILE="$sandbox/token" "$server"
}

# in_use NAME: HAProxy sends requests to this server, in both backends.
in_use() {
  curl --silent --fail --max-time 2 "http://127.0.0.1:$state/;csv" |
    awk -F, -v name="$1" '$2 == name && $18 ~ /^UP/ { up++ } END { exit up != 2 }'
}

# restart NAME PORT PROCESS: SIGTERM, a clean end, a new start, and back in use.
restart() {
  local name="$1" port="$2" old="$3" code=0 watcher
  curl --silent --no-buffer --max-time 60 -H "Authorization: Bearer $(cat "$sandbox/token")" \
    "http://127.0.0.1:$port/metrics/live" >"$sandbox/$name.events" &
  watcher="$!"
  started+=("$watcher")
  wait_for 10 "an event stream from $name" grep -q '"connected"' "$sandbox/$name.events"
  # Two seconds until its listener closes, and nothing that would take long.
  end "$old" 15 || code="$?"
  same "$name exits with 0" 0 "$code"
  code=0
  wait "$watcher" || code="$?"
  same "$name ends its event stream cleanly" 0 "$code"
  grep -q '^event: shutdown' "$sandbox/$name.events" || fail "$name does not announce its end"
  grep -q 'Server shut down successfully' "$sandbox/$name.log" || fail "$name does not say that it is done"
  start_server "$name" "$port"
  wait_for 10 "the restart of $name" in_use "$name"
  printf '  ok: %s is back in use\n' "$name"
}

start_server tonl1 "$first"
first_process="$process"
start_server tonl2 "$second"
second_process="$process"
render_haproxy "$http" "$https" "$state" "$first" "$second"
for port in "$first" "$second"; do
  wait_for 10 "the start of the server on $port" curl --silent --fail "http://127.0.0.1:$port/ready"
done
# One line a request would only slow the load down.
replace "$sandbox/haproxy.cfg" '    log stderr format raw local0 info' '    log stderr format raw local0 notice'
start haproxy haproxy -db -f "$sandbox/haproxy.cfg"
wait_for 10 'HAProxy with both servers' in_use tonl1
wait_for 10 'HAProxy with both servers' in_use tonl2

# Every second request has a body and must not be sent twice. Any status but 200 is a failure.
cat >"$sandbox/load.lua" <<'LUA'
local count, threads = 0, {}
local rows = string.rep('{"id":1,"name":"Ada"}\n', 20)
function setup(thread) table.insert(threads, thread) end
function init() failed = 0 end
function request()
  count = count + 1
  if count % 2 == 0 then return wrk.format("GET", "/") end
  return wrk.format("POST", "/stream/convert", {["Content-Type"] = "application/x-ndjson"}, rows)
end
function response(status) if status ~= 200 then failed = failed + 1 end end
function done(summary)
  local wrong = 0
  for _, thread in ipairs(threads) do wrong = wrong + thread:get("failed") end
  local e = summary.errors
  io.write(string.format("LOAD %d %d\n", summary.requests, wrong + e.connect + e.read + e.write + e.timeout))
end
LUA
start load wrk --threads 2 --connections 32 --duration "${seconds}s" --timeout 10s --header 'Host: api.example.com' \
  --script "$sandbox/load.lua" "https://127.0.0.1:$https/"
load="$process"
sleep 1
restart tonl1 "$first" "$first_process"
sleep 1
restart tonl2 "$second" "$second_process"
kill -0 "$load" 2>/dev/null || fail "the load of $seconds s was over before both servers were back"
wait "$load" || fail 'wrk failed'
read -r _ requests failed < <(grep '^LOAD' "$sandbox/load.log") || fail 'wrk counted nothing'
[ "$requests" -gt 1000 ] || fail "only $requests requests: too few to say anything"
same "of $requests requests none failed" 0 "$failed"
printf 'rolling: all checks passed\n'
