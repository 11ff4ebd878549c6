"""Every setting that deploy/, docs/ and the root's pages name is one that the server knows.

usage: settings.py ROOT

The known names are the first column of docs/settings.md, which is generated from the server's own
table. Names that are not the server's (variables of tests and of other commands) are in
deploy/tests/settings.txt.
"""

import pathlib
import re
import subprocess
import sys

import yaml

root = pathlib.Path(sys.argv[1])
NAME = re.compile(r"\bTONL_[A-Z0-9_]*[A-Z0-9]\b")
# A pattern such as TONL_SERVICE_* names no setting.
PATTERN = re.compile(r"\bTONL_[A-Z0-9_]*\*[A-Z0-9_]*\*?")


def listed(section):
    names, current = set(), None
    for line in (root / "deploy/tests/settings.txt").read_text().splitlines():
        line = line.strip()
        if line.startswith("["):
            current = line.strip("[]")
        elif line and not line.startswith("#") and current == section:
            names.update(line.split())
    return names


def generated(page):
    rows = [line.split("|")[1] for line in page.read_text().splitlines() if line.startswith("|")]
    return {name for row in rows for name in re.findall(r"\b[A-Z][A-Z0-9_]{3,}\b", row)}


def texts():
    tracked = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    places = ["deploy", "docs", "README.md", "SECURITY.md", ".env.example", ".dockerignore"]
    for name in subprocess.check_output([*tracked, "--", *places], text=True).split("\0"):
        path = root / name
        if name and path.is_file() and name not in ("docs/settings.md", "deploy/tests/settings.txt"):
            yield name, path.read_text(errors="replace")


def environments():
    """What is really set somewhere: these names must be known even without TONL_ in front."""
    for path in sorted((root / "deploy/kubernetes").rglob("*.yaml")):
        for one in yaml.safe_load_all(path.read_text()):
            if one and one["kind"] == "Deployment":
                for container in one["spec"]["template"]["spec"]["containers"]:
                    for variable in container["env"]:
                        yield str(path.relative_to(root)), variable["name"]
    compose = root / "deploy/docker/compose.yaml"
    for service in yaml.safe_load(compose.read_text())["services"].values():
        for name in service["environment"]:
            yield "deploy/docker/compose.yaml", name
    sources = {
        "deploy/systemd/tonl-mcp-server.service": r"^Environment=([A-Z_0-9]+)=",
        "deploy/nginx/tonl.env": r"^([A-Z_0-9]+)=",
        "deploy/haproxy/tonl.env": r"^([A-Z_0-9]+)=",
        ".env.example": r"^#? ?([A-Z_0-9]+)=",
    }
    for name, pattern in sources.items():
        for found in re.findall(pattern, (root / name).read_text(), re.M):
            yield name, found
    image = (root / "deploy/docker/Dockerfile").read_text().rsplit("FROM scratch", 1)[1]
    for line in re.findall(r"^ENV (.*)$", image, re.M):
        for found in re.findall(r"([A-Z_0-9]+)=", line):
            yield "deploy/docker/Dockerfile", found


page = root / "docs/settings.md"
others = listed("others")
known = generated(page)
print(f"  {len(known)} settings from docs/settings.md")
wrong = set()
count = 0
for name, text in texts():
    for line, content in enumerate(text.splitlines(), 1):
        for found in NAME.findall(PATTERN.sub(" ", content)):
            count += 1
            if found not in known | others:
                wrong.add(f"{name}:{line}: {found} is no setting of the server")
for name, found in environments():
    count += 1
    if found not in known:
        wrong.add(f"{name}: {found} is set, but is no setting of the server")
print(*sorted(wrong), sep="\n", end="\n" if wrong else "")
print(f"  {count} names looked at")
sys.exit(1 if wrong or count == 0 else 0)
