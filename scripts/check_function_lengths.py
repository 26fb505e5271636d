#!/usr/bin/env python3
"""Checks how many functions are longer than 60 lines: at most 1 % of all, .5 % of those in cli.

Usage: scripts/check_function_lengths.py [-v]     (-v: lists the long ones; needs universal-ctags)
"""
import collections
import json
import pathlib
import subprocess
import sys

LONGEST = 60  # lines, signature and braces included
SHARES = {"all": 0.01, "cli": 0.005}
SOURCES = [f"{part}/*.{ending}" for part in ("engine", "io", "cli") for ending in ("cpp", "hpp")]


def functions(root):
    """(lines, file, name) of each function definition."""
    files = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", *SOURCES], cwd=root, check=True,
                           capture_output=True, text=True).stdout
    tags = subprocess.run(["ctags", "--languages=C++", "--c++-kinds=f", "--fields=+ne", "--output-format=json",
                           "-L", "-", "-f", "-"], cwd=root, input=files, check=True, capture_output=True, text=True)
    for line in tags.stdout.splitlines():
        tag = json.loads(line)
        if "end" in tag:
            yield tag["end"] - tag["line"] + 1, tag["path"], tag["name"]


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    counts, long = collections.Counter(), []
    for lines, path, name in functions(root):
        parts = ["all", path.split("/")[0]]
        counts.update(parts)
        if lines > LONGEST:
            long.append((lines, path, name))
            counts.update(part + " long" for part in parts)
    if counts["all"] < 1000:
        sys.exit(f"only {counts['all']} functions were found: is ctags universal-ctags?")
    too_many = False
    for part, share in SHARES.items():
        found = counts[part + " long"] / counts[part]
        too_many |= found > share
        print(f"functions over {LONGEST} lines, {part}: {counts[part + ' long']} of {counts[part]} "
              f"({100 * found:.2f} %; at most {100 * share:g} %)")
    if too_many or "-v" in sys.argv:
        for lines, path, name in sorted(long, reverse=True):
            print(f"  {lines} {path} {name}")
    sys.exit(too_many)


if __name__ == "__main__":
    main()
