# shellcheck shell=bash
# What the checks of the shipped proxy files have in common: a folder that is removed at the end,
# processes that are ended at the end, and copies of the files that need no root and no fixed port.
#
# The shipped files are used as they are, except for these values, each replaced by a plain sed:
#   nginx    user www-data, /run/nginx.pid, /var/log/nginx/, /etc/nginx/tls/, listen 80 and 443
#            (with their [::] twins), 127.0.0.1:3000
#   HAProxy  user haproxy, group haproxy, /etc/haproxy/tls/tonl.pem, bind :::80, :::443 and
#            127.0.0.1:8404, 127.0.0.1:3000 and 127.0.0.1:3001
# A value that is no longer in the file is an error: then the copy would not be the shipped file.

repository="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
sandbox="$(mktemp -d "${TMPDIR:-/tmp}/tonl-deploy.XXXXXX")"
# nginx's workers give up root and must still reach their temporary files.
chmod 711 "$sandbox"
started=()

finish() {
  local process
  for process in "${started[@]:-}"; do
    [ -z "$process" ] || end "$process" 5 || true
  done
  rm -rf "$sandbox"
  # The sandbox's name is in the arguments of all that was started in it, and of nothing else.
  if pgrep -f -- "$sandbox" >&2; then
    printf 'FAILED: these processes were left running\n' >&2
    exit 1
  fi
}
trap finish EXIT

# end PROCESS SECONDS: SIGTERM, and SIGKILL if that was not enough in time; gives its exit code.
end() {
  local code=0
  kill -TERM "$1" 2>/dev/null || true
  timeout "$2" tail --pid="$1" --sleep-interval=0.1 -f /dev/null || kill -KILL "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || code="$?"
  return "$code"
}

# Says what went wrong and what the processes said before it.
fail() {
  local log
  printf 'FAILED: %s\n' "$*" >&2
  for log in "$sandbox"/*.log; do
    [ -s "$log" ] && printf -- '--- %s\n' "${log##*/}" >&2 && tail -n 20 "$log" >&2
  done
  exit 1
}

# Prints so many free loopback ports. They are held at the same time, so that they differ, and come from
# below those that the system gives to whoever asks for any: between this and their use, another
# process's connection could get one of these.
free_ports() {
  python3 - "$1" <<'PYTHON'
import random, socket, sys
held = []
for port in random.sample(range(20000, 32768), 1000):
    if len(held) == int(sys.argv[1]):
        break
    one = socket.socket()
    try:
        one.bind(("127.0.0.1", port))
        held.append(one)
    except OSError:
        one.close()
print(*(one.getsockname()[1] for one in held))
PYTHON
}

# A key and a certificate for api.example.com, as two files and as HAProxy's one.
make_certificate() {
  mkdir -p "$sandbox/tls"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
    -subj /CN=api.example.com -addext subjectAltName=DNS:api.example.com \
    -keyout "$sandbox/tls/key.pem" -out "$sandbox/tls/cert.pem" 2>/dev/null
  cat "$sandbox/tls/cert.pem" "$sandbox/tls/key.pem" >"$sandbox/tls/tonl.pem"
}

# replace FILE FROM TO: a fixed text for another, wherever it stands; it must stand there.
replace() {
  python3 - "$@" <<'PYTHON'
import pathlib, sys
path, old, new = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
text = path.read_text()
if old not in text:
    sys.exit(f"{path.name} no longer holds {old!r}: change deploy/tests/sandbox.sh too")
path.write_text(text.replace(old, new))
PYTHON
}

# render_nginx HTTP_PORT HTTPS_PORT UPSTREAM_PORT: a runnable copy in $sandbox/nginx.
render_nginx() {
  mkdir -p "$sandbox/nginx/logs"
  cp "$repository"/deploy/nginx/*.conf "$sandbox/nginx/"
  local main="$sandbox/nginx/nginx.conf" site="$sandbox/nginx/tonl.conf"
  replace "$main" 'user www-data;' "$(nginx_user)"
  replace "$main" /run/nginx.pid "$sandbox/nginx/nginx.pid"
  replace "$main" /var/log/nginx/ "$sandbox/nginx/logs/"
  replace "$main" 127.0.0.1:3000 "127.0.0.1:$3"
  replace "$site" /etc/nginx/tls/ "$sandbox/tls/"
  replace "$site" 'listen [::]:80' 'listen 80'
  replace "$site" 'listen [::]:443' 'listen 443'
  sed -i -E -e "s/^( *listen) 80( |;)/\1 127.0.0.1:$1\2/" -e "s/^( *listen) 443( |;)/\1 127.0.0.1:$2\2/" "$site"
  # The [::] twins have become second copies of the same line.
  awk '!/^ *listen / { delete seen } /^ *listen / { if ($0 in seen) next; seen[$0] } { print }' \
    "$site" >"$site.once"
  mv "$site.once" "$site"
}

nginx_user() {
  if [ "$(id -u)" = 0 ]; then
    printf 'user nobody %s;' "$(id -gn nobody)"
  fi
}

# nginx with the rendered copy; nothing outside the sandbox is written. It is an array and not a
# function, so that the process that is started, and later ended, is nginx itself.
# shellcheck disable=SC2034 # the scripts that read this file use it
rendered_nginx=(nginx -q -p "$sandbox/nginx" -c "$sandbox/nginx/nginx.conf" -e "$sandbox/nginx/logs/start.log")

# render_haproxy HTTP_PORT HTTPS_PORT STATE_PORT FIRST_PORT SECOND_PORT: a copy in $sandbox.
render_haproxy() {
  local file="$sandbox/haproxy.cfg"
  cp "$repository/deploy/haproxy/haproxy.cfg" "$file"
  replace "$file" '    user haproxy' ''
  replace "$file" '    group haproxy' ''
  replace "$file" /etc/haproxy/tls/tonl.pem "$sandbox/tls/tonl.pem"
  replace "$file" 'bind :::80 v4v6' "bind 127.0.0.1:$1"
  replace "$file" 'bind :::443 v4v6' "bind 127.0.0.1:$2"
  replace "$file" 'bind 127.0.0.1:8404' "bind 127.0.0.1:$3"
  replace "$file" 127.0.0.1:3000 "127.0.0.1:$4"
  replace "$file" 127.0.0.1:3001 "127.0.0.1:$5"
}

# wait_for SECONDS WHAT COMMAND...: tries every tenth of a second until the command succeeds.
wait_for() {
  local tries=$(($1 * 10)) what="$2"
  shift 2
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || fail "$what did not happen in time"
    sleep 0.1
  done
}

# start NAME COMMAND...: in the background, with its words in a file. Its id is then in $process.
process=
start() {
  local name="$1"
  shift
  "$@" >>"$sandbox/$name.log" 2>&1 &
  process="$!"
  started+=("$process")
}

# ask PORT FROM ARGUMENT...: curl over TLS under the public name, from one of our loopback addresses.
ask() {
  local port="$1" from="$2"
  shift 2
  curl --silent --show-error --max-time 10 --cacert "$sandbox/tls/cert.pem" --interface "$from" \
    --resolve "api.example.com:$port:127.0.0.1" "$@"
}

# same WHAT EXPECTED FOUND
same() {
  [ "$2" = "$3" ] || fail "$1: expected $2, found $3"
  printf '  ok: %s\n' "$1"
}

# server_at PATH: the server to test, which must have been built.
server_at() {
  [ -x "$1" ] || fail "$1 is missing: cargo build --release -p tonl-cli --bin tonl-mcp-server"
  realpath "$1"
}
