#!/usr/bin/env python3
"""Commands that work side by side, under the thread sanitizer, on the tiny study.

    threads.py PROGRAM INSTRUMENTED

PROGRAM makes the study, INSTRUMENTED (preset tsan) runs the commands with four threads. What the sanitizer reports, and
an exit code other than 0, is a failure. Names of the outputs must be those of PROGRAM with one thread; that bytes do not
depend on threads is for same_bytes.py.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import tiny_study as tiny

N_RUNS = 3


def of_run(run, ending):
    return f"given/runs/sub-09_task-social_run-{run}_{ending}"


def make_runs(folder):
    """One participant with the runs of three, so that they are fitted side by side."""
    (folder / "given/runs").mkdir()
    for run, subject in enumerate(tiny.SUBJECTS[:N_RUNS], 1):
        shutil.copy(folder / tiny.image(subject), folder / of_run(run, "bold.nii.gz"))
        shutil.copy(folder / tiny.events(subject), folder / of_run(run, "events.tsv"))


def several_runs(output, noise_model):
    runs = range(1, N_RUNS + 1)
    return ["fit", "--bold", *[of_run(r, "bold.nii.gz") for r in runs], "--events", *[of_run(r, "events.tsv") for r in runs],
            "--noise-model", noise_model, "--mask", "given/small.nii.gz",
            "--contrast", "feedback=feedback", "--runs-at-once", "3", "--save", "residuals", "--prefix", "all", "-o", output]


def commands():
    found = {f"fit-{noise}": several_runs(f"out/fit-{noise}", noise)
             for noise in ("ols", "ar1", "ar4-averaged", "arma11", "mixture")}
    found.update({
        "group": tiny.group("out/group"),
        "extract": tiny.extract("out/values"),
        "learn": tiny.learn("out/learning"),
        "trials": tiny.trials("sub-01", "out/trials"),
        "roi-fit": tiny.roi_fit("sub-01", "out/regions"),
        "clusters": tiny.clusters("out/clusters"),
        "report": tiny.report("out/pages"),
        "simulate": tiny.simulate("out/study"),
        "run": ["run", "given/study", "out/results", "group", "--model", "given/model.json"],
    })
    return found


def run(program, words, folder, threads, environment):
    return subprocess.run([program, *words, "-j", str(threads), "--log-level", "warning"], cwd=folder,
                          env={**os.environ, **environment}, stdin=subprocess.DEVNULL, capture_output=True, text=True)


def names(folder):
    found = tiny.tree(folder / "out")
    return sorted(n for n in found if "/logs/" not in f"/{n}" and "/.outputs/" not in f"/{n}")


def failure_of(words, program, instrumented, work):
    """One line, or None."""
    tiny.restore(work / "out", {})
    wanted = run(program, words, work, 1, {})
    expected = names(work)
    tiny.restore(work / "out", {})
    found = run(instrumented, words, work, 4,
                {"TSAN_OPTIONS": "ignore_noninstrumented_modules=1"})  # the OpenMP runtime's own locks
    if "WARNING: ThreadSanitizer" in found.stderr:
        return "a race:\n" + found.stderr[:6000]
    if found.returncode != wanted.returncode or wanted.returncode != 0:
        return f"exit {found.returncode}, without the sanitizer {wanted.returncode}: {found.stderr.strip()[-600:]}"
    if names(work) != expected:
        return f"other files: {sorted(set(names(work)) ^ set(expected))[:3]}"
    return None


def main():
    program, instrumented = (str(pathlib.Path(p).resolve()) for p in sys.argv[1:3])
    failures = 0
    with tempfile.TemporaryDirectory() as temporary:
        work = pathlib.Path(temporary)
        tiny.prepare(program, work)
        make_runs(work)
        for name, words in commands().items():
            began = time.monotonic()
            why = failure_of(words, program, instrumented, work)
            failures += why is not None
            print(f"{name}: {'FAILED: ' + why if why else 'no race'} ({time.monotonic() - began:.0f} s)", flush=True)
    print(f"{len(commands())} commands, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
