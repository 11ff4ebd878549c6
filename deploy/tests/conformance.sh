#!/usr/bin/env bash
# The official MCP conformance suite against our router, our layers and our transports: 0.1.16 with all
# its active scenarios, and 0.2.0-alpha.12 with what the revisions 2025-11-25 and 2026-07-28 require.
#
#   deploy/tests/conformance.sh [FIXTURE]    builds target/release/tonl-mcp-conformance unless named
#
# No scenario may fail. Were one to, it would be named in deploy/tests/mcp/expected-failures.yaml, in
# the suite's form, with its reason in docs/decisions/0012-conformance.md. Scenarios of extensions are
# run and reported and decide nothing, as the suite itself has it.
# Needs npm, curl, python3.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=sandbox.sh
source "$(dirname "${BASH_SOURCE[0]}")/sandbox.sh"

suites="$repository/deploy/tests/mcp"
command -v npm >/dev/null || fail 'npm is missing: apt-get install nodejs npm'
# The npm that is there may be for an older Node.js than the suite's, which is what is installed here.
npm ci --silent --no-audit --no-fund --prefix "$suites" || fail 'the suite could not be installed'
node="$suites/node_modules/node/bin/node"

fixture="${1:-$repository/target/release/tonl-mcp-conformance}"
if [ "$#" = 0 ]; then
  # With the other packages named, dependencies have the features that the release build gave them.
  cargo build --quiet --locked --release --manifest-path "$repository/Cargo.toml" \
    -p tonl-cli -p tonl-bench -p tonl-server --features tonl-server/conformance --bin tonl-mcp-conformance
fi

read -r port < <(free_ports 1)
start fixture "$fixture" "$port"
serving="$process"
wait_for 10 'the start of the fixture' curl --silent --fail "http://127.0.0.1:$port/ready"

# A wrong token is refused by the fixture too: what it adds is a token, not a way past the check.
refused="$(curl --silent --output /dev/null --write-out '%{http_code}' --header 'Authorization: Bearer wrong' \
  --header 'Content-Type: application/json' --data '{}' "http://127.0.0.1:$port/mcp")"
same 'the status of a wrong token' 403 "$refused"

expected=()
if [ -f "$suites/expected-failures.yaml" ]; then
  expected=(--expected-failures "$suites/expected-failures.yaml")
fi

# conform NAME SUITE SCENARIOS [OPTION...]: one run, which must hold so many scenarios that count.
conform() {
  local name="$1" suite="$suites/node_modules/$2/dist/index.js" scenarios="$3" code=0
  local report="$sandbox/$name.txt"
  shift 3
  "$node" "$suite" server --url "http://127.0.0.1:$port/mcp" --output-dir "$sandbox/$name" \
    "$@" ${expected[@]+"${expected[@]}"} >"$report" 2>&1 || code="$?"
  python3 - "$report" "$name" "$scenarios" <<'PYTHON' || code=1
import pathlib, re, sys
report, name, wanted = sys.argv[1:]
summary, _, rest = pathlib.Path(report).read_text().rpartition("=== SUMMARY ===")[2].partition("Not scored")
uncounted = set(re.findall(r"^\s+[✓✗~] (\S+) \(", rest, re.M))
found = re.findall(r"^\S+ (\S+): (\d+) passed, (\d+) failed", summary, re.M)
counted = [(int(passed), int(failed)) for scenario, passed, failed in found if scenario not in uncounted]
passed, failed = (sum(column) for column in zip(*counted)) if counted else (0, 0)
print(f"  {name}: {len(counted)} scenarios, {passed} checks passed, {failed} failed;"
      f" {len(found) - len(counted)} scenarios not scored")
if len(counted) != int(wanted):
    sys.exit(f"{name}: expected {wanted} scenarios that count")
PYTHON
  if [ "$code" != 0 ]; then
    grep -hB 3 -A 3 -E '^(✗|  ✗)|FAILURE' "$report" | tail -n 60 >&2 || tail -n 40 "$report" >&2
    fail "$name: the suite is not content"
  fi
}

cd "$sandbox"
conform 0.1.16 conformance-0.1 30
conform 2025-11-25 conformance-0.2 30 --requirements 2025-11-25
conform 2026-07-28 conformance-0.2 37 --requirements 2026-07-28

end "$serving" 5 || fail 'the fixture did not end with 0'
printf 'conformance: all as it should be\n'
