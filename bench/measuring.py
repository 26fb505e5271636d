"""What the tasks of the benchmarks have in common: their data, commands that are checked before they are timed, results."""
import dataclasses
import datetime
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from typing import Callable

BENCH = pathlib.Path(__file__).resolve().parent


class Disagreement(Exception):
    """A result is not the reference's: nothing is timed."""


class Skipped(Exception):
    """Something that the task needs is not on this machine."""


@dataclasses.dataclass
class Case:
    """A command that writes into the folder OUTPUT."""

    name: str
    command: list
    check: Callable  # of the folder that was written: the largest difference from the reference, relative to what is checked
    tolerance: float
    checking: list = dataclasses.field(default_factory=list)  # more options of the run that is checked


OUTPUT = "OUTPUT"


@dataclasses.dataclass
class Place:
    """Where programs, data and results of one call of bench/run.py are."""

    build: pathlib.Path
    data: pathlib.Path
    quick: bool
    rounds: int

    @property
    def program(self):
        return str(self.build / "cli" / "sociometer")

    def made(self, name, *words):
        """The folder NAME of the data, made by a command in which FOLDER stands for it, unless it is there."""
        folder = self.data / name
        if not folder.exists():
            temporary = self.data / f"{name}.unfinished"
            shutil.rmtree(temporary, ignore_errors=True)
            temporary.mkdir(parents=True)
            called([temporary if word == "FOLDER" else word for word in words])
            temporary.rename(folder)
        return folder

    def timed(self, reference, cases):
        return timed(self, reference, cases)

    def bench_data(self, *words):
        """A folder of make_bench_data's, the FOLDER among its arguments."""
        name = "-".join(str(word) for word in words if word != "FOLDER")
        return self.made(name, self.build / "bench" / "make_bench_data", *words)


def called(words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise SystemExit(f"{' '.join(map(str, words[:3]))} .. ended with {done.returncode}: {last}")
    return done.stdout


def measured(words):
    """Wall time, CPU time and peak memory of a command."""
    return json.loads(called([sys.executable, "-S", "-E", BENCH / "measure_command.py", *words]))


def with_output(words, folder):
    return [str(folder) if word == OUTPUT else str(word) for word in words]


def checked(case, folder):
    called(with_output([*case.command, *case.checking], folder))
    difference = case.check(folder)
    if not difference <= case.tolerance:
        raise Disagreement(f"{case.name}: differs from the reference by {difference:.2g}, {case.tolerance:g} is allowed")
    return difference


def timed(place, reference, cases):
    """Every case is compared with its reference, then all are timed in turn with the command `reference`.

    @return a list of results; ratios are medians over rounds, each of a round's own reference run
    """
    with tempfile.TemporaryDirectory() as temporary:
        output = pathlib.Path(temporary) / "output"

        def emptied():  # a user writes to a new folder
            shutil.rmtree(output, ignore_errors=True)
            return output

        differences = {case.name: checked(case, emptied()) for case in cases}
        rounds = []
        for _ in range(place.rounds):
            base = measured(reference)
            rounds.append({case.name: (measured(with_output(case.command, emptied())), base) for case in cases})
    bases = [next(iter(r.values()))[1] for r in rounds]
    results = [summary("reference", [(base, base) for base in bases])]
    for case in cases:
        results.append({**summary(case.name, [r[case.name] for r in rounds]), "difference": differences[case.name]})
    return results


def summary(name, pairs):
    def median(values):
        return round(statistics.median(values), 4)

    return {
        "name": name,
        "wall_s": median(own["wall_s"] for own, _ in pairs),
        "wall_ratio": median(own["wall_s"] / base["wall_s"] for own, base in pairs),
        "cpu_s": median(own["cpu_s"] for own, _ in pairs),
        "cpu_ratio": median(own["cpu_s"] / base["cpu_s"] for own, base in pairs),
        "peak_mib": round(statistics.median(own["peak_mib"] for own, _ in pairs), 1),
    }


def machine():
    """The machine, without its name."""
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()

    def first(key):
        return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(key)), "")

    flags = first("flags").split()
    levels = [name for name, flag in (("AVX-512", "avx512f"), ("AVX2", "avx2"), ("SSE2", "sse2")) if flag in flags]
    return {
        "cpu": first("model name") or platform.machine(),
        "cores": os.cpu_count(),
        "vectors": levels[0] if levels else "unknown",
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
    }


def program_version(program):
    """Commit, compiler, flags and kernels, as --version reports them."""
    found = {}
    for line in called([program, "--version"]).splitlines():
        if "(commit " in line:
            found["commit"] = line.split("(commit ")[1].rstrip(")")
        elif line.split(":")[0] in ("compiler", "flags", "kernels"):
            found[line.split(":")[0]] = line.split(":", 1)[1].strip()
    return found


def load():
    """Processes that wanted to run in the last minute, on average."""
    return round(os.getloadavg()[0], 1)


def today():
    return datetime.date.today().isoformat()


def append_result(folder, task, result):
    """Adds a result to FOLDER/TASK.json, a list in the order of time."""
    path = pathlib.Path(folder) / f"{task}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    results = json.loads(path.read_text()) if path.exists() else []
    temporary = path.with_suffix(".json.unfinished")
    temporary.write_text(json.dumps([*results, result], indent=1) + "\n")
    temporary.rename(path)
    return path
