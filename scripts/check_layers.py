#!/usr/bin/env python3
"""Checks the rules of docs/architecture.md: which folder may include which, and what each may know.

Usage: check_layers.py [SOURCE_TREE]
Exits 1 and names each include or word that breaks a rule. scripts/check_layers_test.py tests it.
"""
import pathlib
import re
import sys

ENGINE = ["engine/core", "engine/stats", "engine/learning", "engine/design", "engine/glm", "engine/group", "engine/stats_models", "engine/roi", "engine/simulate"]
IO = ["io/bytes", "io/bids", "io/tables", "io/images", "io/stores", "io/records", "io/report", "io/dataset", "io/models"]
JOBS = ["cli/jobs", "cli/jobs/first_level", "cli/jobs/group", "cli/jobs/regions", "cli/jobs/learning", "cli/jobs/simulation", "cli/jobs/study"]

# What each folder may include, beside itself.
ALLOWED = {
    "engine/core": [],
    "engine/stats": ENGINE[:1],
    "engine/learning": ENGINE[:2],
    "engine/design": ENGINE[:2],
    "engine/glm": ENGINE[:2] + ["engine/design"],
    "engine/group": ENGINE[:2] + ["engine/design", "engine/glm"],
    "engine/stats_models": ENGINE[:2] + ["engine/design", "engine/glm", "engine/group"],
    "engine/roi": ENGINE[:2] + ["engine/design", "engine/glm", "engine/group"],
    "engine/simulate": ENGINE[:-1],
    "io/bytes": ["engine/core"],
    "io/bids": ["engine/core"],
    "io/tables": ENGINE + IO[:2],
    "io/images": ENGINE + IO[:3],
    "io/stores": ENGINE + IO[:2],
    "io/records": ENGINE + IO[:5],
    "io/report": ENGINE + IO[:1],
    "io/dataset": ["engine/core"] + IO[:4],
    "io/models": ENGINE + IO[:3],
    "cli/terminal": ["engine/core", "io/bytes"],
    "cli/jobs": ENGINE + IO,
    "cli/jobs/first_level": ENGINE + IO + ["cli/jobs"],
    "cli/jobs/group": ENGINE + IO + ["cli/jobs", "cli/jobs/first_level"],
    "cli/jobs/regions": ENGINE + IO + ["cli/jobs", "cli/jobs/first_level"],
    "cli/jobs/learning": ENGINE + IO + ["cli/jobs"],
    "cli/jobs/simulation": ENGINE + IO + ["cli/jobs"],
    "cli/jobs/study": ENGINE + IO + JOBS,
    "cli/options": ENGINE + IO + JOBS + ["cli/terminal"],
    "cli/commands": ENGINE + IO + JOBS + ["cli/options", "cli/terminal"],
    "cli": ENGINE + IO + JOBS + ["cli/options", "cli/commands", "cli/terminal"],
    "tests": ENGINE + IO + JOBS,
    "bench": ENGINE + IO,
}


class Rule:
    """Words that some folders may not have."""

    def __init__(self, folders, pattern, why, but=()):
        self.folders, self.pattern, self.why, self.but = folders, re.compile(pattern), why, but

    def holds_for(self, folder, path):
        return any(folder == f or folder.startswith(f + "/") for f in self.folders) and path not in self.but


RULES = [
    Rule(["engine"],
         r"\b(std::cout|std::cerr|std::clog|printf|fprintf|puts|fmt::print|std::exit|exit|abort|getenv|fopen|std::ifstream|std::ofstream|std::filesystem)\b"
         r"|#include\s*<(iostream|fstream|cstdio|filesystem)>",
         "the engine prints nothing, exits nowhere, reads no files"),
    Rule(["io", "cli/jobs", "cli/options"], r"\b(std::cout|std::cerr|std::clog|stderr|stdout|fmt::print|std::exit|exit|abort)\b|#include\s*<iostream>",
         "only main and the terminal print, only main exits"),
    Rule(["cli/commands"], r"\b(std::cerr|std::clog|stderr|std::exit|exit|abort)\b", "only main knows stderr and exits"),
    Rule(["engine", "io", "cli/jobs", "cli/terminal"], r"#include\s*<CLI/|\bCLI::", "only options, commands and main know CLI11"),
    Rule(["cli/commands", "cli/options", "cli/jobs"], r"\bkDoneWithFailures\b|\bexit_code\b", "only main knows exit codes"),
    Rule(["cli/jobs"],
         r"#include\s*[<\"](boost/|Eigen/(Cholesky|QR|SVD|LU|Eigenvalues)|engine/\w+/kernels/)|\b(ldlt|llt|colPivHouseholderQr|SelfAdjointEigenSolver|JacobiSVD|BDCSVD)\b",
         "jobs compute nothing: the engine does"),
    Rule(["cli/jobs"], r"(?<![\w:])cli::|namespace sociometer::cli", "jobs know nothing of the command line"),
    Rule(["engine", "io", "cli"], r"^(static |inline |thread_local )*\w[\w:<>*, ]*\bg_\w+( =|;|\{)", "no globals",
         # What signals and the system share with the process, not what analyses do.
         but=("io/bytes/staging_folder.cpp", "io/bytes/read_observer.cpp", "cli/terminal/interruption.cpp")),
]
# Kernels are compiled once per instruction set: library code in them could end up in every caller.
KERNEL_INCLUDE = re.compile(r"#include\s*<(?!cstdint>)")
MOST_LINES_OF_A_COMMAND = 80


def folder_of(path):
    """The longest folder of ALLOWED that holds the path."""
    text = path.as_posix()
    found = [f for f in ALLOWED if text.startswith(f + "/")]
    return max(found, key=len) if found else None


def without_comments(line):
    return line.split("//")[0]


def without_strings(code):
    """A line without what it quotes, but for the names of includes."""
    return code if code.lstrip().startswith("#") else re.sub(r'"(\\.|[^"\\])*"', '""', code)


def included(code):
    """The folder that an include line names, if it is one of ours."""
    include = re.match(r'\s*#include\s*"([^"]+)"', code)
    return folder_of(pathlib.PurePosixPath(include.group(1))) if include else None


def check(path, relative, edges):
    faults = []
    folder = folder_of(relative)
    for number, line in enumerate(path.read_text().splitlines(), 1):
        code = without_comments(line)
        target = included(code)
        if target and target != folder:
            edges.setdefault(folder, set()).add(target)
            if target not in ALLOWED[folder]:
                faults.append(f"{relative}:{number}: {folder} may not include {target}")
        for rule in RULES:
            if rule.holds_for(folder, relative.as_posix()) and rule.pattern.search(without_strings(code)):
                faults.append(f"{relative}:{number}: {rule.why}: {code.strip()}")
        if relative.parent.name == "kernels" and relative.name != "dispatch.cpp" and KERNEL_INCLUDE.search(code):
            faults.append(f"{relative}:{number}: kernels include no library header")
    n_lines = len(path.read_text().splitlines())
    if folder == "cli/commands" and relative.name.startswith("command_") and n_lines > MOST_LINES_OF_A_COMMAND:
        faults.append(f"{relative}: {n_lines} lines; a command has at most {MOST_LINES_OF_A_COMMAND}: the rest is a job or options")
    return faults


def circle(edges):
    """A circle in the graph of folders, as the list of its folders; None without one."""
    state = {}

    def visit(folder, way):
        if state.get(folder) == "done":
            return None
        if folder in way:
            return way[way.index(folder):] + [folder]
        for target in sorted(edges.get(folder, ())):
            found = visit(target, way + [folder])
            if found:
                return found
        state[folder] = "done"
        return None

    for folder in sorted(edges):
        found = visit(folder, [])
        if found:
            return found
    return None


def faults_of(root):
    """All faults of a source tree, and how many files were looked at."""
    files = [p for top in ("engine", "io", "cli", "tests", "bench") for p in (root / top).rglob("*") if p.suffix in (".hpp", ".cpp")]
    edges = {}
    faults = [fault for p in sorted(files) for fault in check(p, p.relative_to(root), edges)]
    found = circle(edges)
    if found:
        faults.append("the graph of folders has a circle: " + " -> ".join(found))
    return faults, len(files)


def main(words):
    root = pathlib.Path(words[0]) if words else pathlib.Path(__file__).resolve().parent.parent
    faults, n_files = faults_of(root)
    print("\n".join(faults) if faults else f"layers hold: {n_files} files")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
