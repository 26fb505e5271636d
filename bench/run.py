#!/usr/bin/env python3
"""Runs benchmarks: each task compares the program's results with a reference, then times them.

    cmake --preset bench && cmake --build --preset bench
    bench/run.py [TASK ..] [--build build/bench] [--output bench/results] [--rounds 7] [--data FOLDER] [--quick]

Tasks are the files of bench/tasks; without names, all are run. A task whose results disagree with its reference is not
timed, and the exit code is 1. Results are appended to OUTPUT/TASK.json; bench/table.py makes the tables of bench/README.md
from them. --quick: small data and one round, to see that everything works; its results are kept nowhere unless --output says.

Needed: numpy (Debian package python3-numpy) and igzip (isal).
"""
import argparse
import importlib
import pathlib
import shutil
import sys
import tempfile
import time

try:
    import numpy  # noqa: F401
except ImportError:
    sys.exit(f"{sys.executable} has no numpy: install python3-numpy and run this with /usr/bin/python3")

import measuring

TASKS = sorted(path.stem for path in (measuring.BENCH / "tasks").glob("*.py"))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*", metavar="TASK", help=", ".join(TASKS))
    parser.add_argument("--build", default="build/bench", help="build folder with the benchmarks")
    parser.add_argument("--output", help="folder of results")
    parser.add_argument("--rounds", type=int, help="default: 7; 1 with --quick")
    parser.add_argument("--data", help="folder that keeps the data for the next time (6 GB)")
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    unknown = [name for name in args.tasks if name not in TASKS]
    if unknown:
        parser.error(f"no task {unknown[0]}; tasks are {', '.join(TASKS)}")
    if not shutil.which("igzip"):
        parser.error("igzip is needed (Debian package isal)")
    return args


def report(name, place, results, output):
    print(f"{name}:")
    for result in results:
        numbers = [f"{key} {value}" for key, value in result.items() if key != "name"]
        print(f"  {result['name']}: {', '.join(numbers)}", flush=True)
    if output:
        print(f"  -> {output / name}.json")


def run(name, place, output):
    load_before = measuring.load()
    results = importlib.import_module(f"tasks.{name}").run(place)
    report(name, place, results, output)
    if output is None:
        return
    measuring.append_result(output, name, {
        "date": measuring.today(), "quick": place.quick, "rounds": place.rounds, "machine": measuring.machine(),
        "program": measuring.program_version(place.program), "load": [load_before, measuring.load()], "results": results,
    })  # fmt: skip


def main():
    args = arguments()
    build = pathlib.Path(args.build).resolve()
    output = args.output or (None if args.quick else measuring.BENCH / "results")
    output = pathlib.Path(output).resolve() if output else None
    disagreed = False
    with tempfile.TemporaryDirectory() as temporary:
        data = pathlib.Path(args.data or temporary).resolve()
        place = measuring.Place(build, data, args.quick, args.rounds or (1 if args.quick else 7))
        for name in args.tasks or TASKS:
            start = time.monotonic()
            try:
                run(name, place, output)
            except measuring.Skipped as reason:
                print(f"{name}: skipped. {reason}")
            except measuring.Disagreement as fault:
                print(f"{name}: NOT TIMED. {fault}", file=sys.stderr)
                disagreed = True
            print(f"  {time.monotonic() - start:.0f} s", flush=True)
    return 1 if disagreed else 0


sys.exit(main())
