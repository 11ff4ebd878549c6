#!/usr/bin/env bash
# The server behind the shipped nginx, with the shipped settings for it: each client has its own
# bucket, forged addresses open no other, and what the edge sets is there once.
#
#   deploy/tests/proxy.sh [SERVER]      target/release/tonl-mcp-server unless named
#
# Needs nginx, curl, openssl, python3.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=sandbox.sh
source "$(dirname "${BASH_SOURCE[0]}")/sandbox.sh"

server="$(server_at "${1:-$repository/target/release/tonl-mcp-server}")"
make_certificate
read -r http https upstream < <(free_ports 3)
openssl rand -hex 32 >"$sandbox/token"
chmod 600 "$sandbox/token"

# The recipe's own settings, then what a test needs: another port and a small limit.
mapfile -t recipe < <(grep -v '^#' "$repository/deploy/nginx/tonl.env")
start server env -i PATH="$PATH" "${recipe[@]}" PORT="$upstream" TONL_RATE_LIMIT_MAX=5 \
  TONL_AUTH_TOKEN_FILE="$sandbox/token" "$server"
wait_for 10 'the start of the server' curl --silent --fail "http://127.0.0.1:$upstream/ready"
render_nginx "$http" "$https" "$upstream"
start nginx "${rendered_nginx[@]}" -g 'daemon off;'
site="https://api.example.com:$https"
wait_for 10 'the start of nginx' ask "$https" 127.0.0.1 --fail "$site/ready"

# convert FROM ARGUMENT...: one small conversion; prints what curl is told to print.
convert() {
  local from="$1"
  shift
  ask "$https" "$from" -H 'Content-Type: application/x-ndjson' --data-binary '{"id":1}' "$@" "$site/stream/convert"
}
status() {
  convert "$@" -o /dev/null -w '%{http_code}'
}

for remaining in 4 3 2 1 0; do
  head="$(convert 127.0.0.2 -D - -o /dev/null | tr -d '\r')"
  grep -qi "^ratelimit-remaining: $remaining\$" <<<"$head" || fail "127.0.0.2 should have $remaining left: $head"
done
printf '  ok: 127.0.0.2 counts down from 5\n'
same 'its sixth is refused' 429 "$(status 127.0.0.2)"
refusal="$(convert 127.0.0.2 -i | tr -d '\r')"
grep -q 'Too many requests from this IP' <<<"$refusal" || fail "the refusal says something else: $refusal"
grep -qi '^ratelimit-limit: 5$' <<<"$refusal" || fail "the refusal is not the server's: $refusal"
grep -qiE '^retry-after: [0-9]+$' <<<"$refusal" || fail "the refusal has no Retry-After: $refusal"
same '127.0.0.3 has its own bucket' 200 "$(status 127.0.0.3)"
for forged in 'X-Forwarded-For: 10.1.2.3' 'X-Forwarded-For: 127.0.0.3' 'X-Real-IP: 10.1.2.3' 'Forwarded: for=10.1.2.3'; do
  same "a forged $forged opens no other bucket" 429 "$(status 127.0.0.2 -H "$forged")"
done
same 'and takes nothing from 127.0.0.3' 200 "$(status 127.0.0.3)"

head="$(ask "$https" 127.0.0.1 -D - -o /dev/null "$site/health" | tr -d '\r')"
same 'HSTS stands once' 1 "$(grep -ci '^strict-transport-security:' <<<"$head")"
same 'X-Frame-Options stands once' 1 "$(grep -ci '^x-frame-options: SAMEORIGIN$' <<<"$head")"
same 'health is public' 200 "$(ask "$https" 127.0.0.1 -o /dev/null -w '%{http_code}' "$site/health")"
same '/mcp asks for a token' 401 "$(ask "$https" 127.0.0.1 -o /dev/null -w '%{http_code}' "$site/mcp")"
same 'a foreign name past nginx is refused' 403 \
  "$(curl --silent --max-time 5 -o /dev/null -w '%{http_code}' -H 'Host: evil.example' \
    -H "Authorization: Bearer $(cat "$sandbox/token")" "http://127.0.0.1:$upstream/mcp")"
# The client's address is in the log under the name nginx gave it, and its token is not.
grep -qF "$(cat "$sandbox/token")" "$sandbox"/*.log "$sandbox"/nginx/logs/* && fail 'the token is in a log'
printf 'proxy: all checks passed\n'
