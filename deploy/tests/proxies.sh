#!/usr/bin/env bash
# Runs the shipped nginx and HAProxy files in front of a stand-in for the server and looks at what
# arrives: each client's own address, no forged header, events and rows without delay, one copy of
# each header, metrics for near addresses only. Needs nginx, haproxy, curl, openssl, python3.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=sandbox.sh
source "$(dirname "${BASH_SOURCE[0]}")/sandbox.sh"

make_certificate
read -r nginx_http nginx_https haproxy_http haproxy_https state first second < <(free_ports 7)

# header NAME <ANSWER: the values of one header that reached the stand-in, as JSON.
header() {
  python3 -c 'import json, sys; print(json.dumps(json.load(sys.stdin)["headers"].get(sys.argv[1])))' "$1"
}

each_client_has_its_own_address() {
  local name="$1" port="$2" forged answer address
  forged=(-H 'X-Forwarded-For: 6.6.6.6, 7.7.7.7' -H 'X-Forwarded-Host: evil.example'
    -H 'X-Forwarded-Proto: http' -H 'Forwarded: for=6.6.6.6' -H 'X-Real-IP: 6.6.6.6')
  for address in 127.0.0.2 127.0.0.3; do
    answer="$(ask "$port" "$address" "${forged[@]}" "https://api.example.com:$port/echo")"
    same "$name passes $address on, and no forged one" "[\"$address\"]" "$(header x-forwarded-for <<<"$answer")"
    same "$name says https" '["https"]' "$(header x-forwarded-proto <<<"$answer")"
    same "$name drops Forwarded" null "$(header forwarded <<<"$answer")"
    case "$answer" in *evil.example* | *6.6.6.6*) fail "$name lets a forged header through: $answer" ;; esac
  done
}

security_headers_stand_once() {
  local name="$1" port="$2" head
  head="$(ask "$port" 127.0.0.1 -D - -o /dev/null "https://api.example.com:$port/echo" | tr -d '\r')"
  same "$name sends X-Frame-Options once" 1 "$(grep -ci '^x-frame-options: SAMEORIGIN$' <<<"$head")"
  same "$name sends HSTS once" 1 "$(grep -ci '^strict-transport-security: max-age=31536000' <<<"$head")"
  head="$(ask "$port" 127.0.0.1 -D - -o /dev/null "https://api.example.com:$port/sse" | tr -d '\r')"
  same "$name sends nosniff on event streams" 1 "$(grep -ci '^x-content-type-options: nosniff$' <<<"$head")"
}

# The stand-in sends its second event two seconds after the first: within one second the first is here.
events_are_not_held_back() {
  local name="$1" port="$2" got
  got="$(ask "$port" 127.0.0.1 --no-buffer --max-time 1 "https://api.example.com:$port/mcp" 2>/dev/null || true)"
  same "$name passes events on at once" 'data: first' "$got"
}

# A body that pauses: the answer to its first piece must come before the second piece is sent.
rows_are_not_held_back() {
  local name="$1" port="$2"
  python3 - "$port" "$sandbox/tls/cert.pem" <<'PYTHON' || fail "$name collects the body or the answer"
import socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[2])
raw = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5)
with context.wrap_socket(raw, server_hostname="api.example.com") as link:
    link.sendall(b"POST /stream/convert HTTP/1.1\r\nHost: api.example.com\r\n"
                 b"Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}\n{}\r\n")
    got = b""
    while b"5\n" not in got:
        piece = link.recv(4096)
        if not piece:
            sys.exit(f"closed after {got!r}")
        got += piece
    link.sendall(b"0\r\n\r\n")
PYTHON
  printf '  ok: %s passes rows on while the body is still open\n' "$name"
}

plain_http_is_sent_to_https() {
  local name="$1" port="$2" place
  place="$(curl --silent --max-time 5 -o /dev/null -w '%{http_code} %{redirect_url}' -H 'Host: api.example.com' "http://127.0.0.1:$port/x?y=1")"
  same "$name sends plain HTTP to HTTPS" '308 https://api.example.com/x?y=1' "$place"
}

old_tls_is_refused() {
  local name="$1" port="$2"
  if ask "$port" 127.0.0.1 --tls-max 1.1 --ciphers 'DEFAULT@SECLEVEL=0' "https://api.example.com:$port/echo" >/dev/null 2>&1; then
    fail "$name speaks TLS 1.1"
  fi
  for version in 1.2 1.3; do
    ask "$port" 127.0.0.1 "--tlsv$version" --tls-max "$version" "https://api.example.com:$port/echo" >/dev/null ||
      fail "$name does not speak TLS $version"
  done
  printf '  ok: %s speaks TLS 1.2 and 1.3 alone\n' "$name"
}

start upstream python3 "$repository/deploy/tests/upstream.py" "$first"
start upstream2 python3 "$repository/deploy/tests/upstream.py" "$second"
wait_for 10 'the start of the stand-in' curl --silent --fail "http://127.0.0.1:$first/ready"
wait_for 10 'the start of the second stand-in' curl --silent --fail "http://127.0.0.1:$second/ready"

render_nginx "$nginx_http" "$nginx_https" "$first"
start nginx "${rendered_nginx[@]}" -g 'daemon off;'
wait_for 10 'the start of nginx' ask "$nginx_https" 127.0.0.1 --fail "https://api.example.com:$nginx_https/ready"
render_haproxy "$haproxy_http" "$haproxy_https" "$state" "$first" "$second"
start haproxy haproxy -db -f "$sandbox/haproxy.cfg"
wait_for 10 'the start of HAProxy' ask "$haproxy_https" 127.0.0.1 --fail "https://api.example.com:$haproxy_https/ready"

for proxy in "nginx $nginx_https $nginx_http" "HAProxy $haproxy_https $haproxy_http"; do
  read -r name port plain <<<"$proxy"
  each_client_has_its_own_address "$name" "$port"
  security_headers_stand_once "$name" "$port"
  events_are_not_held_back "$name" "$port"
  rows_are_not_held_back "$name" "$port"
  plain_http_is_sent_to_https "$name" "$plain"
  old_tls_is_refused "$name" "$port"
done

# Names that are not ours: nginx gives no certificate.
if curl --silent --insecure --max-time 5 --resolve "other.example:$nginx_https:127.0.0.1" "https://other.example:$nginx_https/"; then
  fail 'nginx answers to a foreign name'
fi
printf '  ok: nginx answers to its own name alone\n'

# The edge's own limit: 21 pass (one and a burst of 20), then 429 as JSON with all three headers.
codes="$(for _ in $(seq 30); do
  ask "$nginx_https" 127.0.0.9 -o /dev/null -w '%{http_code}\n' -X POST -H 'Transfer-Encoding: chunked' -d x "https://api.example.com:$nginx_https/stream/convert"
done)"
grep -q 429 <<<"$codes" || fail 'nginx has no limit of its own'
refusal="$(ask "$nginx_https" 127.0.0.9 -i "https://api.example.com:$nginx_https/x" "https://api.example.com:$nginx_https/y" | tr -d '\r')"
grep -q '"error":"Too many requests from this IP"' <<<"$refusal" || fail "nginx refuses in other words: $refusal"
grep -qi '^strict-transport-security' <<<"$refusal" || fail "a refusal of nginx has no HSTS: $refusal"
other="$(ask "$nginx_https" 127.0.0.10 -o /dev/null -w '%{http_code}' "https://api.example.com:$nginx_https/x")"
same 'another address has a limit of its own' 200 "$other"

grep -q '"path":"/echo"' "$sandbox/nginx/logs/access.log" || fail 'nginx logs no path'
printf 'proxies: all checks passed\n'
