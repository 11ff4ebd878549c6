"""Every alert has a case that fires and one that does not, and every metric of the rules and of the
dashboard is one that the server has.

usage: alerts.py PROMETHEUS_FOLDER DASHBOARD PANELS

PANELS is written: the dashboard's queries as rules, which promtool then checks.
"""

import json
import pathlib
import re
import sys

import yaml

folder, dashboard = pathlib.Path(sys.argv[1]), json.loads(pathlib.Path(sys.argv[2]).read_text())
rules = yaml.safe_load((folder / "rules.yaml").read_text())
tests = yaml.safe_load((folder / "rules.test.yaml").read_text())
# The names stand in the server's own table; the exposition adds _bucket, _sum and _count to histograms.
table = pathlib.Path(__file__).parents[2] / "crates/tonl-telemetry/src/metric/table.rs"
if not table.exists():
    sys.exit(f"{table} is where this check reads the names of metrics; it has moved")
METRICS = set(re.findall(r'"((?:tonl|process)_[a-z_]+)"', table.read_text()))
# Those of Prometheus, its blackbox exporter and the cluster.
OTHERS = {"up", "probe_success", "container_memory_working_set_bytes", "kube_pod_container_resource_limits"}
failed = 0


def check(what, holds):
    global failed
    print(f"  {'ok' if holds else 'FAILED'}: {what}")
    failed += not holds


def metrics_of(query):
    """The words of a query that stand where a metric stands: before a brace, a bracket or the end."""
    words = re.sub(r'"[^"]*"|\{[^}]*\}|\b(?:by|without|on)\s*\([^)]*\)|\[[^]]*\]', " ", query)
    names = re.findall(r"\b[a-z_]+\b(?!\s*\()", words)
    return {re.sub(r"_(bucket|sum|count)$", "", n) for n in names} - {"and", "or", "unless", "offset", "h", "m", "by"}


alerts = [rule for group in rules["groups"] for rule in group["rules"]]
seed = alerts[0]
check("the seed's alert comes first, word for word", (
    seed["alert"], seed["expr"], seed["for"], seed["labels"]["severity"],
    seed["annotations"]["summary"], seed["annotations"]["description"],
) == (
    "HighAuthFailureRate", 'rate(tonl_conversion_errors_total{type="auth"}[5m]) > 10', "5m", "warning",
    "High authentication failure rate", "More than 10 auth failures per second",
))
for rule in alerts:
    name = rule["alert"]
    cases = [(case, test) for test in tests["tests"] for case in test["alert_rule_test"] if case["alertname"] == name]
    fires = any(case["exp_alerts"] for case, _ in cases)
    # Series that are in the case and not in its alerts are quiet as well; so is an empty list.
    quiet = any(not case["exp_alerts"] or len(test["input_series"]) > len(case["exp_alerts"]) for case, test in cases)
    check(f"{name} is tested firing and quiet", fires and quiet)
    unknown = metrics_of(rule["expr"]) - METRICS - OTHERS
    check(f"{name} uses known metrics {' '.join(unknown)}".strip(), not unknown)
panels = dashboard["panels"]
check("the dashboard has 12 panels", len(panels) == 12)
check("its title and identity are fixed", dashboard["uid"] == "tonl-mcp-bridge" and "dashboard" not in dashboard)
check("its identifiers differ", len({panel["id"] for panel in panels}) == 12)
for panel in panels:
    queries = [target["expr"] for target in panel["targets"]]
    unknown = set().union(*map(metrics_of, queries)) - METRICS
    check(f"panel {panel['title']!r} has known metrics {' '.join(unknown)}".strip(), queries and not unknown)
# promtool reads each query as the expression of a rule, so that a slip in one is found.
rules = []
for panel in panels:
    for target in panel["targets"]:
        query = target["expr"]
        for name, value in {"$__rate_interval": "5m", "$job": "x", "$instance": "y"}.items():
            query = query.replace(name, value)
        rules.append({"record": f"panel:{len(rules)}", "expr": query})
pathlib.Path(sys.argv[3]).write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
sys.exit(1 if failed else 0)
