#!/usr/bin/env python3
"""Whole first-level commands compared with decompressing the same file, alternating, medians over several rounds.

Usage: bench/first_level.py BUILD_FOLDER DATA_FOLDER [ROUNDS [--arma]]
DATA_FOLDER is made with `BUILD_FOLDER/bench/make_bench_data DATA_FOLDER`. Needs igzip (Debian package isal) and gzip.
Prints a Markdown table: wall time, ratio to igzip of the same round, CPU time, peak memory.
"""
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time


def measured(command):
    """Wall s, CPU s and peak MiB of one command."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0,):
        raise SystemExit(f"{' '.join(command)} failed with {process.returncode}: {error.decode()}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def fit(program, data, runs, noise_model, output):
    files = lambda kind: [f"{data}/run{r}_{kind}" for r in range(1, runs + 1)]
    return [program, "fit", "--bold", *files("bold.nii.gz"), "--events", *files("events.tsv"),
            "--confounds", *files("confounds.tsv"), "--mask", f"{data}/mask.nii.gz", "--noise-model", noise_model,
            "--contrast", "a", "a - b", "mix=0.5*a + 0.5*b - c", "-o", output, "--log-level", "error"]


def main():
    build, data = sys.argv[1], sys.argv[2]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 7
    program = f"{build}/cli/sociometer"
    output = tempfile.mkdtemp()
    bold = f"{data}/run1_bold.nii.gz"
    commands = {
        "igzip -dc": ["igzip", "-dc", bold],
        "gzip -dc": ["gzip", "-dc", bold],
        "fit ols, one run": fit(program, data, 1, "ols", output),
        "fit ar1, one run": fit(program, data, 1, "ar1", output),
        "fit ar4, one run": fit(program, data, 1, "ar4", output),
        "fit ar4-averaged (default), one run": fit(program, data, 1, "ar4-averaged", output),
        "fit ols, two runs": fit(program, data, 2, "ols", output),
        "fit ar1, two runs": fit(program, data, 2, "ar1", output),
        "fit ar4-averaged, two runs": fit(program, data, 2, "ar4-averaged", output),
    }
    if "--arma" in sys.argv:
        commands["fit arma11 (grid 5), one run"] = fit(program, data, 1, "arma11", output)
        commands["fit arma11 (grid 5, afni), one run"] = fit(program, data, 1, "arma11", output) + ["--arma-search", "afni"]
        commands["fit spm-ar1, one run"] = fit(program, data, 1, "spm-ar1", output)
        commands["fit auto, one run"] = fit(program, data, 1, "auto", output)
    results = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            shutil.rmtree(output)  # a user writes to a new folder
            os.mkdir(output)
            results[name].append(measured(command))
    cpu = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.processor())
    print(f"{cpu}, {os.cpu_count()} cores, {os.path.getsize(bold) / 1e6:.0f} MB compressed, medians of {rounds}\n")
    print("| command | wall s | ratio to igzip | CPU s | peak MiB |\n|---|---|---|---|---|")
    for name, rows in results.items():
        ratios = [row[0] / reference[0] for row, reference in zip(rows, results["igzip -dc"])]
        wall, cpu_s, memory = (statistics.median(column) for column in zip(*rows))
        print(f"| {name} | {wall:.2f} | {statistics.median(ratios):.2f} | {cpu_s:.2f} | {memory:.0f} |")
    shutil.rmtree(output)


main()
