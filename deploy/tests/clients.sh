#!/usr/bin/env bash
# The clients that people have, against the built programs: the official SDKs for TypeScript and Python
# in both generations, fastmcp, mcp-remote and the Inspector's command line. Each connects over each
# transport it knows, and in each era it knows, lists all there is, calls every tool, sees refused what
# must be, and leaves; without a token, and with a wrong one, each must see an error that says so.
#
#   deploy/tests/clients.sh [BINARIES]    the folder of the programs, target/release unless named
#
# A line for each client and transport; what fails names the step, what was expected and what was found.
# A warning from any client fails too. The clients' versions are pinned in deploy/tests/clients; what they
# must see is there in expected.json. Everything is installed anew, in about half a minute on two cores.
# Needs npm, python3 with venv, curl, openssl.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=sandbox.sh
source "$(dirname "${BASH_SOURCE[0]}")/sandbox.sh"

clients="$repository/deploy/tests/clients"
binaries="${1:-$repository/target/release}"
server="$(server_at "$binaries/tonl-mcp-server")"
program="$binaries/tonl-mcp-stdio"
[ -x "$program" ] || fail "$program is missing: cargo build --release -p tonl-cli --bin tonl-mcp-stdio"
program="$(realpath "$program")"
command -v npm >/dev/null || fail 'npm is missing: apt-get install nodejs npm'
# The Node.js of the conformance suite: the one that is there may be too old for the clients.
suites="$repository/deploy/tests/mcp"
node="$suites/node_modules/node/bin/node"

# The server, with a token that is made for this run. Wrong tokens come often here, and none is hostile.
openssl rand -hex 32 >"$sandbox/token"
chmod 600 "$sandbox/token"
read -r port < <(free_ports 1)
start server env -i PATH="$PATH" PORT="$port" TONL_AUTH_TOKEN_FILE="$sandbox/token" TONL_AUTH_FAILURE_MAX=200 "$server"
serving="$process"
wait_for 10 'the start of the server' curl --silent --fail "http://127.0.0.1:$port/ready"

# The program that clients start themselves: its exit code goes to the file that is named to it. One
# that is killed leaves none.
mkdir "$sandbox/ends" "$sandbox/home" "$sandbox/lines"
cat >"$sandbox/stdio" <<SCRIPT
#!/bin/sh
code=0
"$program" || code=\$?
echo "\$code" >>"\$1"
exit "\$code"
SCRIPT
chmod 700 "$sandbox/stdio"

# All that a client sees of its surroundings, but for the token, which is no argument of anything.
around=(PATH="$PATH" HOME="$sandbox/home" PYTHONDONTWRITEBYTECODE=1
  CLIENTS_STDIO="$sandbox/stdio" CLIENTS_ENDS="$sandbox/ends" CLIENTS_URL="http://127.0.0.1:$port"
  MCP_INSPECTOR_SECRET_STORE=memory)

# try NAME LINES COMMAND...: one client program, which must print so many lines and nothing else.
try() {
  local name="$1" wanted="$2" lines="$sandbox/lines/$1" found code=0
  shift 2
  (
    while read -r variable; do
      unset -v "$variable"
    done < <(compgen -e)
    TONL_AUTH_TOKEN="$(<"$sandbox/token")"
    export TONL_AUTH_TOKEN "${around[@]}"
    exec "$@"
  ) >"$lines" 2>"$lines.said" || code="$?"
  if [ -s "$lines.said" ]; then
    printf '  %s: FAILED: expected no warning, found:\n' "$name" >>"$lines"
    cat "$lines.said" >>"$lines"
  fi
  found="$(grep -c ': ok, ' "$lines")" || true
  if [ "$found $code" != "$wanted 0" ]; then
    printf '  %s: FAILED: expected %s lines that say ok and exit code 0, found %s and %s\n' \
      "$name" "$wanted" "$found" "$code" >>"$lines"
  fi
}

typescript() {
  [ -x "$node" ] || npm ci --silent --no-audit --no-fund --prefix "$suites" || return
  npm ci --silent --ignore-scripts --no-audit --no-fund --prefix "$clients/typescript" || return
  try typescript-sdk-v1 10 "$node" "$clients/typescript/sdk-v1.mjs"
  try typescript-sdk-v2 18 "$node" "$clients/typescript/sdk-v2.mjs"
  try mcp-remote 6 "$node" "$clients/typescript/mcp-remote.mjs"
  try inspector 8 "$node" "$clients/typescript/inspector.mjs"
}

# environment NAME LINES PROGRAM: each in an environment of its own, as they need different versions of
# the same packages. The lists are whole, so that pip looks for nothing.
environment() {
  local here="$sandbox/$1/bin/python"
  python3 -m venv --without-pip "$sandbox/$1" || return
  "$sandbox/pip/bin/pip" --python "$here" install --quiet --disable-pip-version-check --no-deps --no-compile \
    --requirement "$clients/python/$3.txt" || return
  try "$1" "$2" "$here" "$clients/python/$3.py"
}

python() {
  python3 -m venv "$sandbox/pip" || return
  environment python-sdk-v1 10 sdk_v1 || return
  environment python-sdk-v2 18 sdk_v2 || return
  environment fastmcp 18 fastmcp_client
}

# Two at a time, since there are two kinds of installations to wait for.
typescript >"$sandbox/typescript.log" 2>&1 &
first="$!"
python >"$sandbox/python.log" 2>&1 &
second="$!"
installed=yes
wait "$first" || installed=
wait "$second" || installed=
[ -n "$installed" ] || fail 'the clients could not be installed'

for name in typescript-sdk-v1 typescript-sdk-v2 python-sdk-v1 python-sdk-v2 fastmcp mcp-remote inspector; do
  cat "$sandbox/lines/$name"
done
if grep -q FAILED "$sandbox"/lines/*; then
  fail 'these clients are not content'
fi
# The table of docs/mcp.md names the versions that were tried.
while read -r version; do
  grep -qE "^\| [^|]* ${version//./\\.}[,| ]" "$repository/docs/mcp.md" || fail "docs/mcp.md does not name $version"
done < <(sed -nE 's/^  [a-z-]+ ([0-9.]+)[, ].*/\1/p' "$sandbox"/lines/* | sort -u)
end "$serving" 40 || fail 'the server did not end with 0'
printf 'clients: all as it should be (%d s)\n' "$SECONDS"
