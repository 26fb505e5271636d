#!/usr/bin/env python3
"""Instructions of two builds on the same small jobs, by callgrind: a change of speed that no other load can hide.

    bench/instructions.py PROGRAM_BEFORE PROGRAM_AFTER [--json FILE]

One thread, results compared before they are counted: a build that gives other maps is not timed. valgrind is needed
(Debian package valgrind). Counts are of one thread and of code, not of memory: waiting for pages does not show.
"""
import argparse
import gzip
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

STUDY = ["simulate", "study", "--participants", "6", "--runs", "1", "--trials", "20", "--grid", "tiny", "--seed", "3"]
LEARN = ["learn", "study", "learning", "--models", "hybrid"]
SUBJECTS = [f"sub-{i:02d}" for i in range(1, 7)]


def fit(subject, model, out):
    func = f"study/derivatives/fmriprep/{subject}/func/{subject}_task-social_run-1_"
    return ["fit", "--bold", func + "space-MNI152NLin2009cAsym_desc-preproc_bold.nii.gz",
            "--events", f"learning/{subject}/func/{subject}_task-social_run-1_desc-signals_events.tsv",
            "--confounds", func + "desc-confounds_timeseries.tsv", "--confound-columns", "trans_?", "rot_?",
            "--modulators", "feedback:outcome_update,rank_update_unsigned", "--contrast", "outcome=feedback:outcome_update",
            "rank=feedback:rank_update_unsigned", "--noise-model", model, "--prefix", subject, "-o", out]


def group(*more):
    return ["group", "--effects", *[f"first/{s}/{s}_contrast-outcome_stat-effect_statmap.nii.gz" for s in SUBJECTS], *more]


TASKS = {
    "fit ols": fit("sub-01", "ols", "out"),
    "fit ar1": fit("sub-01", "ar1", "out"),
    "fit ar4-averaged": fit("sub-01", "ar4-averaged", "out"),
    "fit arma11": fit("sub-01", "arma11", "out"),
    "group ols": group("-o", "out"),
    "group permutations": group("--permutations", "60", "--statistic", "voxel,tfce,extent", "--seed", "5", "-o", "out"),
}


def run(words, folder, **more):
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, **more)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words[:3])} .. ended {done.returncode}: {done.stderr.strip().splitlines()[-1:]}")
    return done


def maps(folder):
    return {p.name: gzip.decompress(p.read_bytes())[352:] for p in sorted((folder / "out").rglob("*.nii.gz"))}


def count(program, words, folder):
    """Instructions of one command with one thread, and the maps that it wrote."""
    subprocess.run(["rm", "-rf", "out"], cwd=folder, check=True)
    out = folder / "callgrind.out"
    run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", program, *words, "-j", "1"], folder)
    total = re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.M)
    return int(total.group(1)), maps(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before")
    parser.add_argument("after")
    parser.add_argument("--json", help="write the counts to this file, too")
    args = parser.parse_args()
    programs = [os.path.abspath(args.before), os.path.abspath(args.after)]
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        run([programs[0], *STUDY], folder)
        run([programs[0], *LEARN], folder)
        for subject in SUBJECTS:
            run([programs[0], *fit(subject, "ols", f"first/{subject}")], folder)
        print("| task | before, million | after, million | ratio |\n|---|---|---|---|")
        for task, words in TASKS.items():
            (before, maps_before), (after, maps_after) = (count(p, words, folder) for p in programs)
            if maps_before != maps_after:
                sys.exit(f"{task}: the two programs give other maps; instructions are not compared")
            results.append({"task": task, "before": before, "after": after})
            print(f"| {task} | {before / 1e6:.0f} | {after / 1e6:.0f} | {after / before:.3f} |", flush=True)
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(results, indent=1) + "\n")


main()
