#!/usr/bin/env bash
# The server's metrics under a real Prometheus: its page is clean, it is scraped, no shipped alert
# fires, and every query of the dashboard is answered with data.
#
#   deploy/tests/dashboard.sh [SERVER]   target/release/tonl-mcp-server unless named
#
# Needs prometheus with promtool, curl, openssl, python3.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=sandbox.sh
source "$(dirname "${BASH_SOURCE[0]}")/sandbox.sh"

server="$(server_at "${1:-$repository/target/release/tonl-mcp-server}")"
read -r port watcher < <(free_ports 2)
openssl rand -hex 32 >"$sandbox/token"
chmod 600 "$sandbox/token"
start server env -i PATH="$PATH" HOST=127.0.0.1 PORT="$port" TONL_RATE_LIMIT_MAX=10 TONL_AUTH_TOKEN_FILE="$sandbox/token" "$server"
wait_for 10 'the start of the server' curl --silent --fail "http://127.0.0.1:$port/ready"

convert() {
  curl --silent --fail --max-time 5 -o /dev/null -H 'Content-Type: application/x-ndjson' \
    --data-binary $'{"id":1,"name":"Ada"}\n{"id":2,"name":"Bob"}\n' "http://127.0.0.1:$port/stream/convert"
}
# Tokens are counted by the tools of MCP. In its newest form each request stands alone.
tool() {
  curl --silent --fail --max-time 5 -o /dev/null -H "Authorization: Bearer $(cat "$sandbox/token")" \
    -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \
    -H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: tools/call' -H 'Mcp-Name: convert_to_tonl' \
    --data-binary '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"convert_to_tonl","arguments":{"data":[{"identifier":1,"name":"Ada"},{"identifier":2,"name":"Bob"},{"identifier":3,"name":"Eve"},{"identifier":4,"name":"Kim"}]},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"curl","version":"8"},"io.modelcontextprotocol/clientCapabilities":{}}}}' \
    "http://127.0.0.1:$port/mcp"
}
# Somebody who has used up the limit is refused.
refused() {
  curl --silent --max-time 5 --interface 127.0.0.9 -o /dev/null -w '%{http_code}' -H 'Content-Type: application/x-ndjson' \
    --data-binary '{"id":1}' "http://127.0.0.1:$port/stream/convert"
}
convert || fail 'a conversion failed'
for _ in 1 2 3 4 5 6 7 8 9 10; do
  same 'there is room' 200 "$(refused)"
done
same 'there is none left' 429 "$(refused)"
curl --silent --fail --max-time 5 "http://127.0.0.1:$port/metrics" >"$sandbox/metrics"
promtool check metrics <"$sandbox/metrics" >"$sandbox/metrics.log" 2>&1 || fail 'promtool complains about /metrics'
printf '  ok: promtool check metrics\n'

# The shipped configuration with the server's port and a second instead of fifteen.
cp "$repository"/deploy/prometheus/{prometheus,rules}.yaml "$sandbox/"
replace "$sandbox/prometheus.yaml" localhost:3000 "127.0.0.1:$port"
replace "$sandbox/prometheus.yaml" 'scrape_interval: 15s' 'scrape_interval: 1s'
replace "$sandbox/prometheus.yaml" 'scrape_timeout: 10s' 'scrape_timeout: 1s'
replace "$sandbox/prometheus.yaml" 'evaluation_interval: 15s' 'evaluation_interval: 1s'
replace "$sandbox/prometheus.yaml" localhost:9090 "127.0.0.1:$watcher"
start prometheus prometheus --config.file="$sandbox/prometheus.yaml" --storage.tsdb.path="$sandbox/tsdb" \
  --web.listen-address="127.0.0.1:$watcher" --log.level=warn
wait_for 20 'the start of Prometheus' curl --silent --fail "http://127.0.0.1:$watcher/-/ready"
is_up() {
  curl --silent --fail "http://127.0.0.1:$watcher/api/v1/query?query=up%7Bjob%3D%22tonl-mcp-bridge%22%7D" | grep -q '"1"'
}
wait_for 20 'the first scrape' is_up
# Rates need a few scrapes with something between them.
for _ in 1 2 3 4; do
  convert || fail 'a conversion failed'
  tool || fail 'a tool failed'
  same 'one more is refused' 429 "$(refused)"
  sleep 1.2
done

python3 - "http://127.0.0.1:$watcher" "$repository/deploy/grafana/dashboards/tonl.json" <<'PYTHON' || fail 'the dashboard does not fit the metrics'
import json, sys, urllib.parse, urllib.request
base, path = sys.argv[1:]


def ask(call, **arguments):
    with urllib.request.urlopen(f"{base}/api/v1/{call}?{urllib.parse.urlencode(arguments)}", timeout=10) as answer:
        return json.load(answer)["data"]


firing = [a["labels"]["alertname"] for a in ask("alerts")["alerts"] if a["state"] == "firing"]
assert not firing, f"alerts fire on a healthy server: {firing}"
failed = 0
for panel in json.load(open(path))["panels"]:
    for target in panel["targets"]:
        query = target["expr"].replace("$__rate_interval", "30s").replace("$job", "tonl-mcp-bridge").replace("$instance", ".*")
        found = ask("query", query=query)["result"]
        print(f"  {'ok' if found else 'FAILED, no data'}: {panel['title']} {target['refId']}")
        failed += not found
sys.exit(bool(failed))
PYTHON
printf 'dashboard: all checks passed\n'
