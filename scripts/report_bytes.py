#!/usr/bin/env python3
"""Lists what the bytes of a report's page are: scripts, volumes of the viewer, pictures, tables, texts.

Usage: scripts/report_bytes.py PAGE.html..
"""
import json
import re
import sys


def parts_of(page):
    """Bytes by part; each byte of the page belongs to one."""
    parts = {}

    def take(name, pattern, text):
        found = re.findall(pattern, text, flags=re.S)
        if found:
            n, size = parts.get(name, (0, 0))
            parts[name] = (n + len(found), size + sum(map(len, found)))
        return re.sub(pattern, "", text, flags=re.S)

    for text in re.findall(r'<script type="application/json">(.*?)</script>', page, flags=re.S):
        for volume in json.loads(text)["volumes"]:
            name = "viewer: volumes, " + volume["role"]
            n, size = parts.get(name, (0, 0))
            parts[name] = (n + 1, size + len(volume["data"]))
    page = re.sub(r'(?<="data":")[A-Za-z0-9+/=]*', "", page)
    page = take("viewer: script", r'<script type="text/plain" class="packed">.*?</script>', page)
    page = take("scripts", r"<script.*?</script>", page)
    page = take("style", r"<style>.*?</style>", page)
    page = take("pictures: pixels", r"data:image/png;base64,[A-Za-z0-9+/=]*", page)
    page = take("pictures: lines and texts", r"<svg.*?</svg>", page)
    page = take("tables", r"<table.*?</table>", page)
    parts["texts"] = (1, len(page))
    return parts


def main(paths):
    for path in paths:
        with open(path, encoding="utf-8") as file:
            page = file.read()
        print(f"{path}: {len(page.encode()) / 1e6:.2f} MB")
        for name, (n, size) in sorted(parts_of(page).items(), key=lambda one: -one[1][1]):
            print(f"  {size:10} bytes  {n:5} x  {name}")


if len(sys.argv) < 2:
    sys.exit(__doc__)
main(sys.argv[1:])
