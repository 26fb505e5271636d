#!/usr/bin/env python3
"""Instructions of two versions of the program on the same small jobs, by callgrind: no other load changes these counts.

    bench/instructions.py                       this commit (HEAD) against main
    bench/instructions.py BEFORE AFTER          each a git revision, a build folder, a program, or NAME=PROGRAM
        [--task NAME ..]      only these tasks
        [--grid tiny]         of the runs that `fit` reads: tiny (8,692 voxels), 3mm or 2mm
        [--max-ratio R]       exit code 1 if AFTER needs more than R times the instructions of BEFORE in any task
        [--tolerance 1e-6]    largest difference of outputs, relative to a map's or column's largest value
        [--output FOLDER]     adds the counts to FOLDER/instructions.json (bench/table.py)

A revision is built in build/revisions/COMMIT (preset release, the program only) from `git archive`, and kept for the next time.
Both programs run with one thread. Their outputs are compared first: if these differ by more than the tolerance, instructions
are not compared. Counts do not show waiting for memory or files. valgrind (Debian package valgrind; 3.19 has AVX2 but not
AVX-512) decides which kernels run; the heading names them.
"""
import argparse
import array
import gzip
import math
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile

import measuring

ROOT = measuring.BENCH.parent
SUBJECTS = [f"sub-{i:02d}" for i in range(1, 7)]
IMAGES = "_space-MNI152NLin2009cAsym_desc-preproc_bold.nii.gz"


def fit(study, subject, model, out):
    func = f"{study}/derivatives/fmriprep/{subject}/func/{subject}_task-social_run-1"
    truth = f"{study}/derivatives/truth/{subject}/func/{subject}_task-social_run-1_desc-signals_events.tsv"
    return ["fit", "--bold", func + IMAGES, "--events", truth, "--confounds", func + "_desc-confounds_timeseries.tsv",
            "--confound-columns", "trans_?", "rot_?", "--modulators", "feedback:outcome_update,rank_update_unsigned", "--contrast",
            "outcome=feedback:outcome_update", "rank=feedback:rank_update_unsigned", "--noise-model", model, "--prefix", subject,
            "-o", out]  # fmt: skip


def group(*more):
    return ["group", "--effects", *[f"first/{s}/{s}_contrast-outcome_stat-effect_statmap.nii.gz" for s in SUBJECTS], *more]


TASKS = {
    "fit ols": fit("one", "sub-01", "ols", "out"),
    "fit ar1": fit("one", "sub-01", "ar1", "out"),
    "fit ar4-averaged": fit("one", "sub-01", "ar4-averaged", "out"),
    "fit arma11": fit("study", "sub-01", "arma11", "out"),
    "group ols": group("-o", "out"),
    "group permutations": group("--permutations", "60", "--statistic", "voxel,tfce,extent", "--seed", "5", "-o", "out"),
    "roi extract": ["roi", "extract", "--maps", *group()[2:], "--rois", "rois/rois.tsv", "-o", "out"],
    "learn": ["learn", "study", "out", "--models", "hybrid,rw"],
}


def run(words, folder, **more):
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, **more)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise RuntimeError(f"{' '.join(map(str, words[:3]))} .. ended with {done.returncode}: {last}")
    return done.stdout


# Versions of the program.


def built(revision):
    """The program of a git revision."""
    commit = run(["git", "rev-parse", "--short=12", f"{revision}^{{commit}}"], ROOT).strip()
    source = ROOT / "build" / "revisions" / commit
    program = source / "build" / "release" / "cli" / "sociometer"
    if not source.exists():
        unfinished = source.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
        subprocess.run(["tar", "-x", "-C", unfinished], input=archive, check=True)
        unfinished.rename(source)
    if not program.exists():
        print(f"building {revision} ({commit})", file=sys.stderr, flush=True)
        # Its --version is not to report the commit of this repository's HEAD.
        environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(source.parent)}
        run(["cmake", "--preset", "release", "-DSOCIOMETER_BUILD_TESTS=OFF"], source, env=environment)
        run(["cmake", "--build", "build/release", "--target", "cli/sociometer"], source, env=environment)
    return commit, program


def version(word):
    """Name and program of a revision, a build folder or a program."""
    name, _, place = word.rpartition("=")
    path = pathlib.Path(place).resolve()
    if path.is_dir():
        path = path / "cli" / "sociometer"
    if path.is_file():
        return name or measuring.program_version(path).get("commit", word), path
    return built(word)


def kernels_under_valgrind(program):
    """@throws RuntimeError when the program does not start under valgrind, which has no long double of 80 bits: whether the
    initialisers of Boost.Math then throw depends on the order of objects in the link."""
    text = run(["valgrind", "--tool=none", "-q", program, "--version"], ROOT)
    found = re.search(r"^kernels: (.+)", text, re.M)
    return found.group(1) if found else "unknown"


# Outputs of two versions.


def numbers_of_map(data):
    kind = struct.unpack("<h", data[70:72])[0]
    offset = int(struct.unpack("<f", data[108:112])[0])
    return list(array.array({2: "B", 16: "f", 64: "d"}[kind], data[offset:]))


def columns_of_table(text):
    rows = [line.split("\t") for line in text.splitlines()]
    return [list(column) for column in zip(*rows)]


def difference_of_numbers(a, b):
    """Largest difference relative to the largest value; infinite for other lengths or other places of NaN."""
    if len(a) != len(b) or any(math.isnan(x) != math.isnan(y) for x, y in zip(a, b)):
        return math.inf
    largest = max((abs(x) for x in a if math.isfinite(x)), default=0)
    apart = max((abs(x - y) for x, y in zip(a, b) if x != y and not math.isnan(x)), default=0)
    return apart / largest if largest else apart


def difference_of_tables(a, b):
    worst = 0.0
    if len(a) != len(b):
        return math.inf
    for left, right in zip(a, b):
        try:
            worst = max(worst, difference_of_numbers([float(x) for x in left[1:]], [float(x) for x in right[1:]]))
        except ValueError:
            worst = max(worst, 0 if left == right else math.inf)
    return worst


def outputs(folder):
    found = {}
    for path in sorted((folder / "out").rglob("*")):
        if path.name.endswith("statmap.nii.gz"):
            found[path.name] = numbers_of_map(gzip.decompress(path.read_bytes()))
        elif path.suffix == ".tsv":
            found[path.name] = columns_of_table(path.read_text())
    return found


def largest_difference(before, after):
    """Of the outputs that both have, and the names of the others."""
    worst = 0.0
    for name in before.keys() & after.keys():
        compare = difference_of_tables if name.endswith(".tsv") else difference_of_numbers
        worst = max(worst, compare(before[name], after[name]))
    return worst, sorted(before.keys() ^ after.keys())


# Counts.


def count(program, words, folder):
    """Instructions of one command with one thread, and what it wrote."""
    shutil.rmtree(folder / "out", ignore_errors=True)
    counts = folder / "callgrind.out"
    run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={counts}", program, *words, "-j", "1"], folder)
    total = re.search(r"^(?:summary|totals): (\d+)", counts.read_text(), re.M)
    return int(total.group(1)), outputs(folder)


def make_inputs(program, folder, grid):
    """The study of six participants for groups, regions and choices, and the run of one for first levels."""
    simulate = [program, "simulate", "--runs", "1", "--trials", "20", "--seed", "3"]
    run([*simulate, "study", "--participants", "6", "--grid", "tiny"], folder)
    run([*simulate, "one", "--participants", "1", "--grid", grid], folder)
    for subject in SUBJECTS:
        run([program, *fit("study", subject, "ols", f"first/{subject}")], folder)
    run([program, "roi", "make", "--like", "first/sub-01/sub-01_mask.nii.gz", "--set", "rejection", "striatum", "-o", "rois"], folder)


def compare(task, programs, folder, tolerance):
    """A row of the table. @throws RuntimeError when a program ends with an error, or outputs differ."""
    (before, outputs_before), (after, outputs_after) = (count(program, TASKS[task], folder) for program in programs)
    worst, others = largest_difference(outputs_before, outputs_after)
    if not outputs_after or worst > tolerance:
        raise RuntimeError(f"outputs differ by {worst:.2g} of their largest value: instructions are not compared")
    for name in others:
        print(f"note: {task}: only one of the programs writes {name}", file=sys.stderr)
    maps = "the same" if worst == 0 else f"differ by {worst:.0e}"
    return {"name": task, "before": before / 1e6, "after": after / 1e6, "ratio": round(after / before, 4), "maps": maps}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", nargs="?", default="main")
    parser.add_argument("after", nargs="?", default="HEAD")
    parser.add_argument("--task", nargs="+", choices=list(TASKS), default=list(TASKS))
    parser.add_argument("--grid", choices=["tiny", "3mm", "2mm"], default="tiny")
    parser.add_argument("--max-ratio", type=float, default=math.inf)
    parser.add_argument("--tolerance", type=float, default=1e-6)
    parser.add_argument("--output")
    args = parser.parse_args()
    if not shutil.which("valgrind"):
        parser.error("valgrind is needed (Debian package valgrind)")
    return args


def main():
    args = arguments()
    (name_before, before), (name_after, after) = version(args.before), version(args.after)
    kernels = [kernels_under_valgrind(program) for program in (before, after)]
    print(f"{name_before} against {name_after}; kernels under valgrind: {', '.join(dict.fromkeys(kernels))}\n")
    print("| task | before, million | after, million | ratio | outputs |\n|---|---|---|---|---|")
    rows, failed = [], []
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        make_inputs(after, folder, args.grid)
        for task in args.task:
            try:
                row = compare(task, [before, after], folder, args.tolerance)
            except RuntimeError as fault:
                print(f"{task}: {fault}", file=sys.stderr, flush=True)
                failed.append(task)
                continue
            print(f"| {task} | {row['before']:.0f} | {row['after']:.0f} | {row['ratio']:.3f} | {row['maps']} |", flush=True)
            rows.append(row)
    if args.output and rows:
        measuring.append_result(pathlib.Path(args.output), "instructions", {
            "date": measuring.today(), "machine": measuring.machine(), "before": name_before, "after": name_after, "grid": args.grid,
            "kernels": ", ".join(dict.fromkeys(kernels)), "results": rows})  # fmt: skip
    slower = [row["name"] for row in rows if row["ratio"] > args.max_ratio]
    if slower:
        print(f"more than {args.max_ratio:g} times the instructions: {', '.join(slower)}", file=sys.stderr)
    return 1 if slower or failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RuntimeError as fault:
        sys.exit(f"instructions: {fault}")
