#!/usr/bin/env python3
"""Makes the tables of bench/README.md from bench/results/*.json.

    bench/table.py            writes them between the markers `<!-- table TASK -->` and `<!-- end of table -->`
    bench/table.py --check    fails if README.md has other tables

A table for each machine (processor, cores, system), of its last result.
"""
import json
import pathlib
import re
import sys

BENCH = pathlib.Path(__file__).resolve().parent
COLUMNS = {
    "wall_ratio": ("ratio, wall", "{:.3g}"),
    "cpu_ratio": ("ratio, CPU", "{:.3g}"),
    "cpu_s": ("CPU s", "{:.3g}"),
    "peak_mib": ("peak MiB", "{:.0f}"),
    "difference": ("largest difference", "{:.0e}"),
    "reference": ("ratio to", "{}"),
    "before": ("before, million", "{:.0f}"),
    "after": ("after, million", "{:.0f}"),
    "ratio": ("ratio", "{:.3f}"),
    "maps": ("outputs", "{}"),
}


def machine_of(result):
    m = result["machine"]
    return f"{m['cpu']} ({m['vectors']}), {m['cores']} cores, {m['memory_gib']} GiB, {m['system']}"


def heading(result):
    words = [result["date"], machine_of(result)]
    load = result.get("load", [0])
    busy = max(load) > 1.5 * result["machine"]["cores"]
    if "before" in result:
        words += [f"before: {result['before']}, after: {result['after']}", f"runs of `fit`: {result['grid']}", f"kernels under valgrind: {result['kernels']}"]
    else:
        program = result["program"]
        words += [f"commit {program['commit']}, {program['compiler']} {program['flags']}, kernels {program['kernels']}",
                  f"medians of {result['rounds']} rounds"]  # fmt: skip
    if busy:
        words.append(f"under other load (load average {load[0]:g} before, {load[1]:g} after)")
    return ", ".join(words) + ":"


def table(result):
    rows = result["results"]
    keys = [key for key in COLUMNS if any(key in row for row in rows)]
    lines = ["| " + " | ".join(["case", *(COLUMNS[key][0] for key in keys)]) + " |", "|---" * (1 + len(keys)) + "|"]
    for row in rows:
        cells = [COLUMNS[key][1].format(row[key]) if key in row else "" for key in keys]
        lines.append("| " + " | ".join([row["name"], *cells]) + " |")
    return "\n".join(lines)


def wrapped(text, width=118):
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return "\n".join(lines)


def tables(task):
    path = BENCH / "results" / f"{task}.json"
    if not path.exists():
        return "Not measured yet."
    latest = {}
    for result in json.loads(path.read_text()):
        if not result.get("quick"):
            # Of each machine the last one; instruction counts, of each pair of revisions.
            latest[machine_of(result), result.get("before")] = result
    return "\n\n".join(f"{wrapped(heading(result))}\n\n{table(result)}" for result in latest.values())


def with_tables(text):
    def replaced(found):
        return f"{found.group(1)}\n\n{tables(found.group(2))}\n\n<!-- end of table -->"

    return re.sub(r"(<!-- table (\w+) -->).*?<!-- end of table -->", replaced, text, flags=re.S)


def main():
    readme = BENCH / "README.md"
    text = readme.read_text()
    made = with_tables(text)
    if sys.argv[1:] == ["--check"]:
        shown = set(re.findall(r"<!-- table (\w+) -->", text))
        without = sorted({path.stem for path in (BENCH / "results").glob("*.json")} - shown)
        if without:
            sys.exit(f"bench/README.md has no table of {', '.join(without)}")
        if made != text:
            sys.exit("bench/README.md has other tables than bench/results: run bench/table.py")
        return
    if sys.argv[1:]:
        sys.exit(__doc__)
    readme.write_text(made)


main()
