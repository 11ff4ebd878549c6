#!/usr/bin/env bash
# The server speaks TLS itself: 1.2 and 1.3 and nothing older, HSTS only there, and a certificate that
# is replaced under load drops nothing (S28, S45).
#
#   deploy/tests/tls.sh [SERVER]    target/release/tonl-mcp-server unless named
#
# Needs sslscan, curl, openssl, python3.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=sandbox.sh
source "$(dirname "${BASH_SOURCE[0]}")/sandbox.sh"

server="$(server_at "${1:-$repository/target/release/tonl-mcp-server}")"
command -v sslscan >/dev/null || fail 'sslscan is missing: apt-get install sslscan'
make_certificate
read -r https http < <(free_ports 2)
token="$(openssl rand -hex 32)"

start https env -i PATH="$PATH" PORT="$https" TONL_AUTH_TOKEN="$token" TONL_RATE_LIMIT_ENABLED=false \
  TONL_TLS_CERT="$sandbox/tls/cert.pem" TONL_TLS_KEY="$sandbox/tls/key.pem" \
  TONL_ALLOWED_HOSTS=api.example.com "$server"
serving="$process"
start http env -i PATH="$PATH" PORT="$http" TONL_AUTH_TOKEN="$token" "$server"
wait_for 10 'the start with TLS' ask "$https" 127.0.0.1 --fail "https://api.example.com:$https/ready"
wait_for 10 'the start without TLS' curl --silent --fail "http://127.0.0.1:$http/ready"

sslscan --no-colour "127.0.0.1:$https" >"$sandbox/sslscan.txt"
enabled="$(awk '/^(SSL|TLS)v[0-9.]+ +(en|dis)abled/ && $2 == "enabled" { print $1 }' "$sandbox/sslscan.txt" | xargs)"
same 'versions that sslscan finds' 'TLSv1.2 TLSv1.3' "$enabled"
weak="$(grep -cE 'Accepted .*(RC4|DES|MD5|NULL|EXP|anon|CBC)' "$sandbox/sslscan.txt" || true)"
same 'weak ciphers that sslscan finds' 0 "$weak"

hsts() {
  awk 'tolower($1) == "strict-transport-security:" { print $2, $3 }' | tr -d '\r'
}
found="$(ask "$https" 127.0.0.1 --head "https://api.example.com:$https/health" | hsts)"
same 'HSTS over TLS' 'max-age=31536000; includeSubDomains' "$found"
same 'HSTS without TLS' '' "$(curl --silent --head "http://127.0.0.1:$http/health" | hsts)"
protocol="$(ask "$https" 127.0.0.1 --output /dev/null --write-out '%{http_version}' "https://api.example.com:$https/health")"
same 'HTTP version by ALPN' 2 "$protocol"

# Requests one after the other, each on a connection of its own, and one upload that lasts longer than
# the swap; meanwhile the certificate is replaced by another one.
serial() {
  openssl s_client -connect "127.0.0.1:$https" -servername api.example.com </dev/null 2>/dev/null |
    openssl x509 -noout -serial
}
before="$(serial)"
python3 "$repository/deploy/tests/swap.py" "$https" "$sandbox/tls" >"$sandbox/swap.txt" &
swapping="$!"
wait_for 10 'the first request' test -s "$sandbox/tls/asking"
make_certificate
swapped() {
  [ "$(serial)" != "$before" ]
}
wait_for 15 'the new certificate' swapped
touch "$sandbox/tls/swapped"
wait "$swapping" || fail 'requests failed during the swap'
printf '  ok: %s\n' "$(cat "$sandbox/swap.txt")"

end "$serving" 5 || fail 'the server did not end with 0'
printf 'tls: all as it should be\n'
