#!/usr/bin/env python3
"""Measures false positives and power of noise models and of fixed effects, and writes the tables of docs/how-to/smaller-t.md
and, cell by cell, of bench/CALIBRATION.md.

    cmake --preset bench && cmake --build --preset bench --target calibration calibration_of_runs
    bench/calibrate.py                 # a subset: minutes on two cores
    bench/calibrate.py --all           # all noise models, more voxels: hours
    bench/calibrate.py --print         # prints the tables, writes nothing

Seeds are fixed: the tables do not depend on the machine's number of processors. What is simulated: bench/CALIBRATION.md.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import time

BENCH = pathlib.Path(__file__).resolve().parent
DOCUMENT = BENCH.parent / "docs" / "how-to" / "smaller-t.md"
CELLS = BENCH / "CALIBRATION.md"
SUMMARY = "<!-- summary -->"

SUBSET = {
    "noise_models": ["calibration", "60", "100", "ols", "ar1", "arma11", "ar4-averaged", "mixture"],
    "fixed_effects": ["calibration_of_runs", "20", "150", "ols", "ar4-averaged", "mixture"],
}
ALL = {
    "noise_models": ["calibration", "40", "1000", "ols", "ar1-nilearn", "ar1", "ar1-corrected", "ar2-corrected", "ar3-corrected",
                     "ar4-corrected", "ar5-corrected", "auto", "arma11", "arma11-afni", "tukey", "spm-ar1", "spm-fast", "ar3-averaged",
                     "ar4-averaged", "ar5-averaged", "mixture"],
    "fixed_effects": ["calibration_of_runs", "60", "1000", "ols", "ar1", "ar1-corrected", "arma11", "ar4-averaged", "mixture"],
}  # fmt: skip


def measured(build, words):
    program = pathlib.Path(build) / "bench" / words[0]
    if not program.exists():
        sys.exit(f"there is no {program}: build the targets calibration and calibration_of_runs")
    start = time.monotonic()
    done = subprocess.run([program, *words[1:]], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{program} ended with exit code {done.returncode}: {done.stderr.strip()}")
    print(f"{' '.join(words)}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    return done.stdout.strip()


def with_tables(document, tables):
    text = document.read_text()
    for name, table in tables.items():
        marked = re.compile(rf"(<!-- table {name} -->).*?(<!-- end of table -->)", re.S)
        if not marked.search(text):
            sys.exit(f"{document} has no place for the table {name}")
        text = marked.sub(lambda found: f"{found.group(1)}\n\n{table}\n\n{found.group(2)}", text)
    document.write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--print", action="store_true")
    parser.add_argument("--build", default="build/bench", help="build folder with the benchmarks")
    args = parser.parse_args()
    tables = {name: measured(args.build, words) for name, words in (ALL if args.all else SUBSET).items()}
    if args.print:
        print("\n\n".join(tables.values()))
        return
    cells, summary = (part.strip() for part in tables["noise_models"].split(SUMMARY))
    with_tables(CELLS, {"noise_models": cells})
    with_tables(DOCUMENT, tables | {"noise_models": summary})


main()
