#!/usr/bin/env bash
# Runs the tests of this crate that need AWS Secrets Manager against moto's server: installs it into
# a temporary folder (or uses the folder of a virtual environment in MOTO_VENV), starts it on a free
# port of this machine, stores two secrets, runs the test, stops it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

folder="$(mktemp -d)"
server=""
cleanup() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$folder"
}
trap cleanup EXIT

venv="${MOTO_VENV:-$folder/venv}"
if [ ! -x "$venv/bin/moto_server" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check 'moto[server]==5.2.5'
fi

port="$("$venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
"$venv/bin/moto_server" -H 127.0.0.1 -p "$port" >"$folder/moto.log" 2>&1 &
server=$!
export TONL_MOTO_URL="http://127.0.0.1:$port"

# The secrets are stored by AWS's own client, which shows that both ends mean the same.
"$venv/bin/python" - "$TONL_MOTO_URL" <<'PYTHON' || { cat "$folder/moto.log" >&2; exit 1; }
import sys, time
import boto3
from botocore.exceptions import EndpointConnectionError

client = boto3.client(
    "secretsmanager",
    endpoint_url=sys.argv[1],
    region_name="us-east-1",
    aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
    aws_secret_access_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
)
for attempt in range(300):
    try:
        client.create_secret(Name="tonl/auth-token", SecretString="whole-token-1")
        break
    except EndpointConnectionError:
        time.sleep(0.1)
else:
    sys.exit("moto's server does not start")
client.create_secret(Name="tonl/object", SecretString='{"auth-token": "field-token-2"}')
PYTHON

cargo test --locked -p tonl-secret --test it moto:: -- --nocapture
