#!/usr/bin/env bash
# The page of metrics as Prometheus' own checker sees it: `promtool check metrics` must not complain.
# Needs promtool (the Debian package `prometheus`); installs it where apt-get is at hand.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if ! command -v promtool >/dev/null; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends prometheus >/dev/null
fi

# The test writes a page on which every metric has a series.
cargo test --locked --quiet -p tonl-telemetry --test it -- \
  a_page_with_every_metric_can_be_kept_for_other_checkers >/dev/null
page="${CARGO_TARGET_DIR:-target}/tmp/metrics.txt"
test -s "$page"

complaints="$(promtool check metrics <"$page" 2>&1)" || {
  printf '%s\n' "$complaints" >&2
  exit 1
}
if [ -n "$complaints" ]; then
  printf '%s\n' "$complaints" >&2
  exit 1
fi
printf 'promtool: no complaint about %s metrics\n' "$(grep -c '^# TYPE ' "$page")"
