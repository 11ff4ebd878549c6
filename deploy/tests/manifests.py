"""Looks at the Kubernetes manifests as a whole, where a schema sees one object at a time.

usage: manifests.py FOLDER

Selectors find the pods, names and ports exist, everything is in one namespace, the pod is as confined
as promised, and the times of a stop fit into each other. The kinds that Kubernetes itself does not
have (ServiceMonitor) are checked here by hand, field by field. Prints a line for each check; the exit
code is 1 if one fails.
"""

import pathlib
import sys

import yaml

folder = pathlib.Path(sys.argv[1])
failed = 0


def load(name):
    return [one for one in yaml.safe_load_all((folder / name).read_text()) if one]


def check(what, holds):
    global failed
    print(f"  {'ok' if holds else 'FAILED'}: {what}")
    failed += not holds


def inside(small, large):
    return small.items() <= large.items()


def pod_is_confined(name, deployment):
    spec = deployment["spec"]["template"]["spec"]
    container = spec["containers"][0]
    pod, own = spec["securityContext"], container["securityContext"]
    check(f"{name}: user 10001, never root", pod["runAsNonRoot"] and pod["runAsUser"] == 10001)
    check(f"{name}: seccomp RuntimeDefault", pod["seccompProfile"] == {"type": "RuntimeDefault"})
    check(f"{name}: read-only root", own["readOnlyRootFilesystem"] is True)
    check(f"{name}: no way to more privileges", own["allowPrivilegeEscalation"] is False)
    check(f"{name}: no capability", own["capabilities"] == {"drop": ["ALL"]})
    check(f"{name}: no token of the cluster", spec["automountServiceAccountToken"] is False)
    check(f"{name}: no variables of other services", spec["enableServiceLinks"] is False)
    limits, requests = container["resources"]["limits"], container["resources"]["requests"]
    check(f"{name}: requests and limits", {"cpu", "memory"} <= limits.keys() & requests.keys())


def probes_are_as_documented(name, deployment):
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    expected = {
        "startupProbe": ("/health", None, 5, None, 12),
        "livenessProbe": ("/health", 10, 30, 5, 3),
        "readinessProbe": ("/ready", 5, 10, 3, 3),
    }
    for probe, numbers in expected.items():
        found = container[probe]
        got = (found["httpGet"]["path"], found.get("initialDelaySeconds"), found["periodSeconds"],
               found.get("timeoutSeconds"), found["failureThreshold"])
        check(f"{name}: {probe} is {numbers}", got == numbers)


def stop_fits(name, deployment):
    spec = deployment["spec"]["template"]["spec"]
    env = {one["name"]: one.get("value") for one in spec["containers"][0]["env"]}
    needed = (int(env["TONL_PRESTOP_DELAY_MS"]) + int(env["TONL_SHUTDOWN_TIMEOUT_MS"])) / 1000
    grace = spec["terminationGracePeriodSeconds"]
    check(f"{name}: {needed:g} s to stop fit into the grace of {grace} s", needed < grace)


def token_comes_from_the_secret(name, deployment, secret):
    spec = deployment["spec"]["template"]["spec"]
    container = spec["containers"][0]
    env = {one["name"]: one for one in container["env"]}
    key = next(iter(secret["stringData"]))
    if "TONL_AUTH_TOKEN" in env:
        reference = env["TONL_AUTH_TOKEN"]["valueFrom"]["secretKeyRef"]
        good = reference == {"name": secret["metadata"]["name"], "key": key}
        good = good and "TONL_AUTH_TOKEN_FILE" not in env
    else:
        mount = container["volumeMounts"][0]
        source = next(v for v in spec["volumes"] if v["name"] == mount["name"])["secret"]
        path = f"{mount['mountPath']}/{source['items'][0]['path']}"
        good = env["TONL_AUTH_TOKEN_FILE"]["value"] == path and mount["readOnly"]
        good = good and source["secretName"] == secret["metadata"]["name"]
        good = good and source["items"][0]["key"] == key
        # A subPath would never see a new token.
        good = good and "subPath" not in mount
    check(f"{name}: the token comes from {secret['metadata']['name']}/{key} alone", good)


def service_monitor_is_sound(monitor, service):
    check("ServiceMonitor: kind and version", monitor["apiVersion"] == "monitoring.coreos.com/v1")
    known = {"jobLabel", "selector", "namespaceSelector", "endpoints"}
    check("ServiceMonitor: known fields alone", monitor["spec"].keys() <= known)
    labels = service["metadata"]["labels"]
    check("ServiceMonitor: selects the service", inside(monitor["spec"]["selector"]["matchLabels"], labels))
    ports = {port["name"] for port in service["spec"]["ports"]}
    for endpoint in monitor["spec"]["endpoints"]:
        fields = {"port", "path", "interval", "scrapeTimeout"}
        check("ServiceMonitor: known fields of the endpoint", endpoint.keys() <= fields)
        check("ServiceMonitor: the port exists", endpoint["port"] in ports)
        check("ServiceMonitor: asks /metrics", endpoint["path"] == "/metrics")
    job = labels[monitor["spec"]["jobLabel"]]
    rules = (folder.parent / "prometheus" / "rules.yaml").read_text()
    check(f"ServiceMonitor: the job {job} is that of the rules", f'job="{job}"' in rules)


def main():
    (namespace,), (deployment,), (service,) = map(load, ["namespace.yaml", "deployment.yaml", "service.yaml"])
    (by_env,), (secret,) = load("optional/deployment-env.yaml"), load("optional/secret.yaml")
    account, role, binding = load("rbac.yaml")
    (ingress,), (hpa,), (pdb,) = map(load, ["ingress.yaml", "hpa.yaml", "pdb.yaml"])
    (policy,), (monitor,) = load("networkpolicy.yaml"), load("optional/servicemonitor.yaml")
    for name, one in (("deployment", deployment), ("deployment-env", by_env)):
        pod_is_confined(name, one)
        probes_are_as_documented(name, one)
        stop_fits(name, one)
        token_comes_from_the_secret(name, one, secret)
    check("the example secret holds no value", set(secret["stringData"].values()) == {""})
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    for name, selector in (
        ("deployment", deployment["spec"]["selector"]["matchLabels"]),
        ("service", service["spec"]["selector"]),
        ("disruption budget", pdb["spec"]["selector"]["matchLabels"]),
        ("network policy", policy["spec"]["podSelector"]["matchLabels"]),
    ):
        check(f"{name}: selects the pods", inside(selector, labels))
    target = hpa["spec"]["scaleTargetRef"]
    check("autoscaler: 3 to 10 of the deployment", (
        target["kind"], target["name"], hpa["spec"]["minReplicas"], hpa["spec"]["maxReplicas"],
    ) == ("Deployment", deployment["metadata"]["name"], 3, 10))
    check("disruption budget: below the replicas", pdb["spec"]["minAvailable"] == 2 < deployment["spec"]["replicas"])
    check("account: no token is mounted", account["automountServiceAccountToken"] is False)
    check("account: the pods use it", deployment["spec"]["template"]["spec"]["serviceAccountName"] == account["metadata"]["name"])
    check("role: allows nothing", role["rules"] == [])
    check("role: bound to the account", binding["roleRef"]["name"] == role["metadata"]["name"]
          and binding["subjects"][0]["name"] == account["metadata"]["name"])
    paths = ingress["spec"]["rules"][0]["http"]["paths"]
    backends = {(p["backend"]["service"]["name"], p["backend"]["service"]["port"]["name"]) for p in paths}
    check("ingress: leads to the service", backends == {(service["metadata"]["name"], "http")})
    check("ingress: exact paths, no /metrics", all(p["pathType"] == "Exact" and p["path"] != "/metrics" for p in paths))
    egress = policy["spec"]["egress"]
    open_ports = {(port["protocol"], port["port"]) for rule in egress for port in rule["ports"]}
    wanted = {("UDP", 53), ("TCP", 53), ("TCP", 443), ("TCP", 5432), ("TCP", 6379)}
    check("network policy: names, HTTPS and databases get out", wanted <= open_ports)
    peers = {
        peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
        for peer in policy["spec"]["ingress"][0]["from"]
    }
    check("network policy: ingress controller and Prometheus get in", peers == {"ingress-nginx", "monitoring"})
    service_monitor_is_sound(monitor, service)
    everything = [deployment, by_env, secret, service, ingress, hpa, pdb, policy, monitor, account, role, binding]
    home = namespace["metadata"]["name"]
    check(f"all is in {home}", all(one["metadata"]["namespace"] == home for one in everything))
    sys.exit(1 if failed else 0)


main()
