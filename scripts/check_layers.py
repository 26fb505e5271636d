#!/usr/bin/env python3
"""Checks that includes follow the layers in docs/architecture.md and that the engine has no side effects.

Exits with 1 and lists each include or call that breaks the rules.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# What each folder may include besides itself.
ALLOWED = {
    "engine/core": [],
    "engine/stats": ["engine/core"],
    "engine/learning": ["engine/core", "engine/stats"],
    "engine/design": ["engine/core", "engine/stats"],
    "engine/glm": ["engine/core", "engine/stats", "engine/design"],
    "engine/group": ["engine/core", "engine/stats", "engine/design", "engine/glm"],
    "engine/roi": ["engine/core", "engine/stats", "engine/design", "engine/glm", "engine/group"],
    "engine/simulate": ["engine/core", "engine/stats", "engine/learning", "engine/design", "engine/glm", "engine/group", "engine/roi"],
    "io": ["engine"],
    "cli": ["engine", "io"],
    "tests": ["engine", "io"],
    "bench": ["engine", "io"],
}
# Identifiers that print, exit, or access the outside world: none may occur in the engine.
FORBIDDEN_IN_ENGINE = re.compile(
    r"\b(std::cout|std::cerr|std::clog|printf|fprintf|puts|fmt::print|std::exit|exit|abort|getenv|fopen|std::ifstream|std::ofstream|std::filesystem)\b"
    r"|#include\s*<(iostream|fstream|cstdio|filesystem)>"
)
# Kernels are compiled once per instruction set: library code in them could be linked into any caller.
KERNEL_INCLUDE = re.compile(r"#include\s*<(?!cstdint>)")


def folder_of(path):
    """The longest folder in ALLOWED that contains the path."""
    text = path.as_posix()
    found = [f for f in ALLOWED if text.startswith(f + "/")]
    return max(found, key=len) if found else None


def without_comments(line):
    return line.split("//")[0]


def check(path):
    faults = []
    relative = path.relative_to(ROOT)
    folder = folder_of(relative)
    for number, line in enumerate(path.read_text().splitlines(), 1):
        code = without_comments(line)
        include = re.match(r'\s*#include\s*"([^"]+)"', code)
        if include:
            target = folder_of(pathlib.PurePosixPath(include.group(1)))
            if target and target != folder and not any(target == a or target.startswith(a + "/") for a in ALLOWED[folder]):
                faults.append(f"{relative}:{number}: {folder} may not include {target}")
        if folder.startswith("engine/") and FORBIDDEN_IN_ENGINE.search(code):
            faults.append(f"{relative}:{number}: the engine prints nothing, exits nowhere, reads no files: {code.strip()}")
        if relative.parent.name == "kernels" and relative.name != "dispatch.cpp" and KERNEL_INCLUDE.search(code):
            faults.append(f"{relative}:{number}: kernels include no library header")
    return faults


def main():
    files = [p for top in ("engine", "io", "cli", "tests", "bench") for p in (ROOT / top).rglob("*") if p.suffix in (".hpp", ".cpp")]
    faults = [fault for p in sorted(files) for fault in check(p)]
    print("\n".join(faults) if faults else f"layers hold: {len(files)} files")
    return 1 if faults else 0


sys.exit(main())
