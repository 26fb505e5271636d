#!/usr/bin/env python3
"""Many commands at a time, thousands of maps, folders of 100,000 files, slow file systems.

    load.py PROGRAM SHIM [--cases fits,group,folder,slow] [--fits N] [--maps N] [--files N] [--keep DIR]

SHIM is the library that makes calls on files slow (latency.c). PYTHONPATH must have tests/faults.
Nothing here is judged by its time: what is asserted is that all is done, that bytes are those of a
command that runs alone, that handles and memory stay within limits, and how often files are asked for.
"""
import argparse
import collections
import os
import pathlib
import resource
import struct
import subprocess
import sys
import tempfile
import time

import tiny_study as tiny

FEW_HANDLES = 256
MOST_MIB = 200  # of a group whose values are a few MiB


class Failures:
    def __init__(self):
        self.lines = []

    def require(self, good, why):
        if not good:
            self.lines.append(why)
            print(f"FAILED {why}", flush=True)


def run(program, words, folder, environment={}, handles=None):
    """Exit code, messages, and the peak memory in MiB."""
    def limit():
        if handles:
            resource.setrlimit(resource.RLIMIT_NOFILE, (handles, handles))
    child = subprocess.Popen([program, *words], cwd=folder, env={**os.environ, **environment},
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, text=True, preexec_fn=limit)
    messages = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, messages.strip(), used.ru_maxrss / 1024


def available_mib():
    """Memory that new processes can take."""
    for line in pathlib.Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) / 1024
    return 0


# -- cases


def fits(options, work, failures):
    """Fits side by side, half of them into one folder; each gives the bytes of one that runs alone."""
    tiny.prepare(options.program, work)
    subject = tiny.SUBJECTS[0]

    def words(number):
        made = tiny.fit(subject, "out/common" if number % 2 else f"out/{number}")
        made[made.index("--prefix") + 1] = f"fit-{number:03d}"
        return [*made, "-j", "1", "-q"]
    # A process takes about 30 MiB; no more than half of what there is.
    at_once = max(2, min(options.fits, int(available_mib() / 2 / 40)))
    children, codes = {}, collections.Counter()

    def reap():
        pid, status = os.wait()
        number, child = children.pop(pid)
        child.returncode = os.waitstatus_to_exitcode(status)
        codes[child.returncode] += 1
        if child.returncode != 0:
            failures.require(False, f"fit {number}: exit {child.returncode}: {child.stderr.read().strip()}")
        child.stderr.close()
    for number in range(options.fits):
        if len(children) >= at_once:
            reap()
        child = subprocess.Popen([options.program, *words(number)], cwd=work, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        children[child.pid] = (number, child)
    while children:
        reap()
    found = tiny.tree(work / "out")
    failures.require(not tiny.hidden_names(found), f"left behind: {tiny.hidden_names(found)[:1]}")
    maps = [n for n in found if n.endswith("_contrast-outcome_stat-t_statmap.nii.gz")]
    stores = [n for n in found if n.endswith("_estimates.h5")]
    failures.require(len(maps) == options.fits, f"{len(maps)} t maps of {options.fits} fits")
    alone = work / "given/first" / subject / f"{subject}_contrast-outcome_stat-t_statmap.nii.gz"
    failures.require(all(found[n] == alone.read_bytes() for n in maps), "a map has other bytes")
    failures.require(len({found[n] for n in stores}) == 1, "estimates.h5 has other bytes")
    return f"{options.fits} fits, {at_once} at once, exit codes {dict(codes)}"


def nifti(values, size):
    """A float32 image on a grid of 3 mm."""
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, *size, 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, 16, 32)
    struct.pack_into("<8f", header, 76, 1, 3, 3, 3, 1, 0, 0, 0)
    struct.pack_into("<f", header, 108, 352)
    struct.pack_into("<B", header, 123, 10)
    struct.pack_into("<2h", header, 252, 0, 1)
    for axis in range(3):
        row = [0.0] * 4
        row[axis] = 3.0
        struct.pack_into("<4f", header, 280 + 16 * axis, *row)
    header[344:348] = b"n+1\0"
    return bytes(header) + struct.pack(f"<{len(values)}f", *values)


def volume(path):
    """Values of a .nii.gz of float32."""
    import gzip
    data = gzip.decompress(path.read_bytes())
    n = (len(data) - 352) // 4
    return struct.unpack(f"<{n}f", data[352:352 + 4 * n])


def group(options, work, failures):
    """As many maps as a large study has, with few file handles."""
    size, n_voxels = (4, 4, 4), 64
    maps = []
    for i in range(options.maps):
        name = f"maps/sub-{i:05d}_contrast-x_stat-effect_statmap.nii"
        maps.append(name)
        path = work / name
        path.parent.mkdir(exist_ok=True)
        # Small numbers; 0 would be a missing value.
        path.write_bytes(nifti([float((i + v) % 11 - 4) or 0.5 for v in range(n_voxels)], size))
    mean = [sum((float((i + v) % 11 - 4) or 0.5) for i in range(options.maps)) / options.maps
            for v in range(n_voxels)]
    words = ["group", "--effects", *maps, "--no-tables", "-o", "out-group", "-q", "-j", "2"]
    code, messages, peak = run(options.program, words, work, handles=FEW_HANDLES)
    failures.require(code == 0, f"group of {options.maps} maps: exit {code}: {messages}")
    if code == 0:
        found = next((work / "out-group").glob("*stat-effect_statmap.nii.gz"))
        off = max(abs(a - b) for a, b in zip(volume(found), mean))
        failures.require(off < 1e-5, f"the mean of {options.maps} maps is off by {off}")
    failures.require(peak < MOST_MIB, f"group of {options.maps} maps takes {peak:.0f} MiB")
    return f"{options.maps} maps with {FEW_HANDLES} handles, {peak:.0f} MiB"


def calls_of(log):
    """How often each file was asked for, by kind of call."""
    kinds, paths = collections.Counter(), collections.Counter()
    if log.exists():
        for line in log.read_text(errors="replace").splitlines():
            kind, _, path = line.partition(" ")
            kinds[kind] += 1
            paths[kind, path] += 1
    return kinds, paths


def watched(options, work, words, microseconds=0):
    log = work / "calls.log"
    log.unlink(missing_ok=True)
    code, messages, _ = run(options.program, words, work, {
        "LD_PRELOAD": options.shim, "LATENCY_ROOTS": f"{work}/given:{work}/out:{work}/crowded",
        "LATENCY_US": str(microseconds), "LATENCY_LOG": str(log)})
    return code, messages, *calls_of(log)


def folder(options, work, failures):
    """A dataset whose folders hold 100,000 files that are none of its images."""
    if not (work / "given").exists():
        tiny.prepare(options.program, work)
    crowded = work / "crowded"
    tiny.share(work / "given/study", crowded)
    places = [p for p in crowded.rglob("func") if p.is_dir()]
    for i in range(options.files):
        (places[i % len(places)] / f"note-{i:06d}.txt").touch()
    words = ["run", "crowded", "out/crowded", "group", "--model", "given/model.json", "--dry-run", "-q"]
    code, messages, kinds, paths = watched(options, work, words)
    failures.require(code == 0, f"run with {options.files} files: exit {code}: {messages}")
    asked = [(n, p) for (kind, p), n in paths.items() if "/note-" in p]
    failures.require(sum(n for n, _ in asked) <= options.files // 10,
                     f"{sum(n for n, _ in asked)} calls on {options.files} files of no interest")
    listed = {path: n for (kind, path), n in paths.items() if kind in ("list", "open") and os.path.isdir(path)}
    failures.require(any(path.startswith(str(crowded)) for path in listed), "the dataset was not looked at")
    most = max(listed.values(), default=0)
    failures.require(most <= 3, f"a folder is listed {most} times")
    return f"{options.files} files: {dict(kinds)}"


def slow(options, work, failures):
    """Five commands on files that take 2 ms to open, to look at and to read from."""
    if not (work / "given").exists():
        tiny.prepare(options.program, work)
    commands = {"fit": tiny.fit("sub-01", "out/slow-fit"), "group": tiny.group("out/slow-group"),
                "extract": tiny.extract("out/slow-values"), "learn": tiny.learn("out/slow-learning"),
                "plan": ["run", "given/study", "out/slow-run", "group", "--model", "given/model.json",
                         "--dry-run"]}
    told = []
    for name, words in commands.items():
        code, messages, kinds, paths = watched(options, work, [*words, "-q", "-j", "2"], 2000)
        failures.require(code == 0, f"{name} on slow files: exit {code}: {messages}")
        failures.require(sum(kinds.values()) > 0, f"{name} on slow files: the library saw no call")
        (kind, path), most = paths.most_common(1)[0] if paths else (("", ""), 0)
        failures.require(most <= options.repeats, f"{name}: {most} times {kind} of {path}")
        told.append(f"{name} {sum(kinds.values())} calls (most on one file: {most})")
    return "; ".join(told)


CASES = {"fits": fits, "group": group, "folder": folder, "slow": slow}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=lambda p: str(pathlib.Path(p).resolve()))
    parser.add_argument("shim", type=lambda p: str(pathlib.Path(p).resolve()))
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--fits", type=int, default=200)
    parser.add_argument("--maps", type=int, default=10000)
    parser.add_argument("--files", type=int, default=100000)
    parser.add_argument("--repeats", type=int, default=30,
                        help="how often a command may ask for one file in one way")
    parser.add_argument("--keep", help="an empty folder for the work, which stays")
    options = parser.parse_args()
    failures = Failures()
    with tempfile.TemporaryDirectory() as temporary:
        work = pathlib.Path(options.keep or temporary).resolve()
        for name in options.cases.split(","):
            began = time.monotonic()
            told = CASES[name](options, work, failures)
            print(f"{name}: {told}; {time.monotonic() - began:.0f} s", flush=True)
    print(f"{len(failures.lines)} failures")
    return 1 if failures.lines else 0


if __name__ == "__main__":
    sys.exit(main())
