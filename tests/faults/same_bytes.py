#!/usr/bin/env python3
"""Whether anything but inputs and options changes a byte of the results of fit, group, learn and roi extract.

    same_bytes.py PROGRAM [--keep DIR]

Each command runs under one condition after another: threads, runs side by side, limits of memory, shards, a locale with
decimal commas, time zones, another working folder, inputs that are not compressed. All files must be those of the first
run, byte by byte. Where the command line or the inputs' names differ, what records them is left out: CommandLine in
sidecars and the .toml beside the results, or everything but images and tables.

Kernels of other instruction sets (SOCIOMETER_KERNELS) round differently. Their images and tables must agree within
TOLERANCE of the largest value of an image or of a table's column.
"""
import argparse
import csv
import gzip
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy

import tiny_study as tiny

TOLERANCE = 1e-6
# Counts of shuffles: a statistic that equals another to its last bits may fall on either side of it.
P_VALUES = ("Pfwe", "Punc", "Pfdr")
IMAGE_TYPES = {2: "u1", 4: "<i2", 8: "<i4", 16: "<f4", 64: "<f8"}


def two_runs():
    """A fit of two runs, of another study."""
    base = "given/two/derivatives"
    func = f"{base}/fmriprep/sub-01/func/sub-01_task-social_run-"
    runs = (1, 2)
    return ["fit", "--bold", *[f"{func}{r}_{tiny.SPACE}_desc-preproc_bold.nii.gz" for r in runs],
            "--events", *[f"{base}/truth/sub-01/func/sub-01_task-social_run-{r}_desc-signals_events.tsv" for r in runs],
            "--confounds", *[f"{func}{r}_desc-confounds_timeseries.tsv" for r in runs],
            "--confound-columns", "trans_?", "--contrast", "feedback=feedback",
            "--mask", "given/small.nii.gz", "--prefix", "sub-01", "-o", "out/result"]


def commands():
    return {"fit": two_runs(), "group": tiny.group("out/result"),
            "learn": tiny.learn("out/result", "hybrid,rank,random"),
            "roi": tiny.extract("out/result")}


class Place:
    """Runs commands whose paths are absolute, into one folder that is moved away."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.out = folder / "out"

    def absolute(self, words):
        return [w.replace("given/", f"{self.folder}/given/").replace("out/", f"{self.out}/")
                for w in words]

    def run(self, words, environment={}, cwd=None):
        done = subprocess.run([self.program, *self.absolute(words), "-q"], cwd=cwd or self.folder,
                              env={**os.environ, "LC_ALL": "C", **environment},
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise RuntimeError(f"exit {done.returncode}: {done.stderr.strip()}")

    def result(self, words, environment={}, cwd=None):
        shutil.rmtree(self.out, ignore_errors=True)
        self.run(words, environment, cwd)
        return tiny.tree(self.out / "result")


def without_command(tree):
    """Without what records the command line."""
    kept = {}
    for name, data in tree.items():
        if name.endswith(".toml") or name.startswith(".outputs"):
            continue
        if name.endswith(".json"):
            record = json.loads(data)
            record.pop("CommandLine", None)
            data = json.dumps(record).encode()
        kept[name] = data
    return kept


def numbers_only(tree):
    """Images and tables; names of images in tables without the ending of compressed files."""
    return {n: data.replace(b".nii.gz", b".nii") if n.endswith(".tsv") else data
            for n, data in tree.items() if n.endswith((".nii.gz", ".tsv"))}


def comma_locale(folder):
    """Environment of a locale with decimal commas; None if there is none and none can be made."""
    known = subprocess.run(["locale", "-a"], capture_output=True, text=True).stdout.split()
    for name in known:
        if name.startswith(("de_", "fr_", "es_")) and "utf8" in name.lower():
            return {"LC_ALL": name, "LANG": name}
    target = folder / "locales"
    target.mkdir()
    try:
        subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", "--no-archive",
                        str(target / "de_DE.UTF-8")], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return {"LOCPATH": str(target), "LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"}


def uncompressed(place, words):
    """The command on inputs that are not compressed."""
    changed = []
    for word in words:
        path = place.folder / word.split("=")[-1]
        if word.endswith(".nii.gz") and path.exists():
            plain = path.with_suffix("")
            if not plain.exists():
                plain.write_bytes(gzip.decompress(path.read_bytes()))
            sidecar = path.with_suffix("").with_suffix(".json")
            assert not path.name.endswith("_bold.nii.gz") or sidecar.exists()
            word = word.removesuffix(".gz")
        changed.append(word)
    return changed


def conditions(place, name, locale):
    """Label, what is compared (None: all), and a function that gives the tree."""
    words = commands()[name]
    for threads in (2, 7):
        yield f"{threads} threads", None, lambda n=threads: place.result([*words, "-j", str(n)])
    if locale:
        yield "decimal commas", None, lambda: place.result(words, locale)
    yield "time zone", None, lambda: place.result(words, {"TZ": "Asia/Kathmandu"})
    yield "memory of free store", None, lambda: place.result(words, {"MALLOC_PERTURB_": "165"})
    yield "working folder", None, lambda: place.result(words, cwd="/")
    if name == "fit":
        for n in (1, 2):
            yield (f"{n} runs at once", without_command,
                   lambda n=n: place.result([*words, "--runs-at-once", str(n), "-j", "4"]))
    if name == "group":
        for size in ("60M", "2G"):
            yield f"memory {size}", None, lambda s=size: place.result([*words, "--memory", s])
        yield "shards", without_command, lambda: merged(place, words)
    if name != "learn":
        yield ("inputs not compressed", numbers_only,
               lambda: place.result(uncompressed(place, words)))


def merged(place, words):
    shutil.rmtree(place.out, ignore_errors=True)
    shards = words[:-1] + ["out/shards"]
    for i in (3, 1, 2):
        place.run([*shards, "--shard", f"{i}/3", "-j", str(i)])
    place.run(["merge", *[f"out/shards/shard-{i}-of-3.h5" for i in (2, 3, 1)], "-o", "out/result"])
    return tiny.tree(place.out / "result")


# -- instruction sets

def values_of(name, data):
    """Arrays of numbers by column, or the one of an image."""
    if name.endswith(".nii.gz"):
        raw = gzip.decompress(data)
        kind = IMAGE_TYPES[int.from_bytes(raw[70:72], "little")]
        return {"image": numpy.frombuffer(raw[352:], kind).astype(float)}
    columns = {}
    for row in csv.DictReader(data.decode().splitlines(), delimiter="\t"):
        for key, cell in row.items():
            columns.setdefault(key, []).append(number(cell))
    return {key: numpy.array(cells) for key, cells in columns.items()}


def number(cell):
    try:
        return float(cell)
    except (TypeError, ValueError):
        return math.nan


def worst_difference(found, wanted):
    """The largest difference in parts of the largest value: (it, its file and column)."""
    if set(found) != set(wanted):
        raise RuntimeError(f"other files: {sorted(set(found) ^ set(wanted))}")
    worst = (0.0, "")
    for name in wanted:
        a, b = values_of(name, found[name]), values_of(name, wanted[name])
        for key in b:
            if a[key].shape != b[key].shape or (numpy.isnan(a[key]) != numpy.isnan(b[key])).any():
                raise RuntimeError(f"{name}, {key}: other shapes or missing values")
            if any(word in name for word in P_VALUES):
                continue
            scale = numpy.nanmax(numpy.abs(b[key]), initial=0)
            apart = numpy.nanmax(numpy.abs(a[key] - b[key]), initial=0)
            if scale > 0 and apart / scale > worst[0]:
                worst = (float(apart / scale), f"{name}, {key}")
    return worst


def instruction_sets(program):
    """Those that the processor has; fastest last."""
    usable = [name for name in ("sse2", "avx2", "avx512")
              if subprocess.run([program, "--version"], capture_output=True,
                                env={**os.environ, "SOCIOMETER_KERNELS": name}).returncode == 0]
    if not usable:
        raise SystemExit("SOCIOMETER_KERNELS=sse2 is refused")
    refused = subprocess.run([program, "--version"], capture_output=True, text=True,
                             env={**os.environ, "SOCIOMETER_KERNELS": "mmx"})
    if refused.returncode != 2 or "SOCIOMETER_KERNELS" not in refused.stderr:
        raise SystemExit(f"SOCIOMETER_KERNELS=mmx: exit {refused.returncode}: {refused.stderr}")
    return usable


def compare_kernels(place, name, sets, wanted):
    """Failures among the instruction sets; the fastest must be what is taken without the variable."""
    failures = []
    for kernels in sets:
        found = place.result(commands()[name], {"SOCIOMETER_KERNELS": kernels})
        if kernels == sets[-1] and (why := tiny.difference(found, wanted)):
            failures.append(f"{name}, {kernels}: not what is taken without the variable: {why}")
        largest, where = worst_difference(numbers_only(found), numbers_only(wanted))
        print(f"{name}, {kernels}: largest difference {largest:.1e}{' in ' + where if where else ''}")
        if largest > TOLERANCE:
            failures.append(f"{name}, {kernels}: {where} differs by {largest:.1e} of its largest value")
    return failures


def check(place, name, locale, sets):
    wanted = place.result([*commands()[name], "-j", "1"])
    if not numbers_only(wanted):
        raise SystemExit(f"{name} writes no images and no tables")
    failures, n = [], 0
    for label, part, result in conditions(place, name, locale):
        n += 1
        try:
            found, before = result(), wanted
            if part:
                found, before = part(found), part(wanted)
            if why := tiny.difference(found, before):
                failures.append(f"{name}, {label}: {why}")
        except RuntimeError as error:
            failures.append(f"{name}, {label}: {error}")
    failures += compare_kernels(place, name, sets, wanted)
    print(f"{name}: {n} conditions and {len(sets)} instruction sets, {len(wanted)} files, "
          f"{len(failures)} failures", flush=True)
    return failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=lambda p: str(pathlib.Path(p).resolve()))
    parser.add_argument("--keep", help="an empty folder for the work, which stays")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(arguments.keep or temporary).resolve()
        tiny.prepare(arguments.program, folder)
        two = ["simulate", "given/two", "--participants", "1", "--runs", "2", "--trials", "16",
               "--grid", "tiny"]
        tiny.succeed(arguments.program, two, folder)
        locale = comma_locale(folder)
        if not locale:
            print("skipped: there is no locale with decimal commas, and localedef cannot make one")
        place = Place(arguments.program, folder)
        sets = instruction_sets(arguments.program)
        failures = [line for name in commands() for line in check(place, name, locale, sets)]
    for line in failures:
        print(f"FAILED {line}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
