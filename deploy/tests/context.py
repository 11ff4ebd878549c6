"""Copies what `docker build` would get: tracked files that .dockerignore lets through.

usage: context.py ROOT TARGET

Reads the two kinds of line that our .dockerignore has: a path or `**/name` to leave out, `!path` to
take in; the last that matches decides. Fails if a file that a crate compiles in is left out.
"""

import fnmatch
import pathlib
import re
import shutil
import subprocess
import sys

root, target = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
rules = [line for line in (root / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]


def matches(path, pattern):
    parents = [str(path), *map(str, path.parents)]
    if pattern == "*":
        return True
    if pattern.startswith("**/"):
        return any(fnmatch.fnmatch(part, pattern[3:]) for part in path.parts)
    return any(fnmatch.fnmatchcase(one, pattern) for one in parents)


def taken(path):
    inside = True
    for rule in rules:
        out = not rule.startswith("!")
        if matches(path, rule.lstrip("!")):
            inside = not out
    return inside


for secret in (".env", "crates/tonl-cli/.env", ".env.production", "bench/.env.local", ".git/config", "deploy/docker/tonl_token"):
    if taken(pathlib.Path(secret)):
        sys.exit(f".dockerignore lets {secret} into the image's build")
listed = subprocess.check_output(["git", "-C", str(root), "ls-files", "-z"], text=True).split("\0")
files = [pathlib.PurePosixPath(name) for name in listed if name and (root / name).is_file()]
inside = [path for path in files if taken(path)]
for path in inside:
    place = target / path
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(root / path, place)
for path in inside:
    if path.suffix != ".rs" or "tests" in path.parts:
        continue
    text = (root / path).read_text()
    # What follows is compiled for tests alone.
    text = text.split("#[cfg(test)]")[0]
    for name in re.findall(r'include_(?:str|bytes)!\("([^"]+)"\)', text):
        if not (target / path).parent.joinpath(name).resolve().is_file():
            sys.exit(f"{path} includes {name}, which .dockerignore leaves out")
print(f"  {len(inside)} of {len(files)} files go into the build")
