#!/usr/bin/env python3
"""Every command with failing system calls, full disks, lack of memory, kills and rivals.

    faults.py PROGRAM SHIM [--sample N] [--cases fit,run] [--plans error,kill] [--seed N] [--keep DIR]

PROGRAM is sociometer, SHIM the library that makes the n-th call fail (shim.c). For each command on a tiny study the calls
are counted; then it runs with the n-th of them failing, for n = 1 to the last, or at N positions, one of them random
and the others spread evenly (--sample). After each run:

- The exit code is 0, and the output is that of an undisturbed run byte by byte; or it is 3, 4 or 5, and the output
  is as it was before (absent, or that of a former run), with a message that names the file.
- No temporary is left, and the inputs are unchanged.
- The same command, given again without a fault, gives the bytes of an undisturbed run.

`run` keeps what its finished jobs wrote: each of its files must be that of an undisturbed run.
"""
import argparse
import collections
import concurrent.futures
import errno
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

import tiny_study as tiny

FILE_CALLS = "open,read,write,close,rename,fsync,mkdir,truncate"
WRITING = "write,rename,fsync,mkdir,truncate"
STATE_BYTES = 4096
SECONDS = 120  # more is a hang


class Plan:
    """Which calls count, and what happens at the n-th."""

    def __init__(self, calls, mode, number=0):
        self.calls, self.mode, self.number = calls, mode, number


PLANS = {
    "error": Plan(FILE_CALLS, "error", errno.EIO),
    "no-space": Plan(WRITING, "error", errno.ENOSPC),
    "full": Plan("write,mkdir,truncate", "full", errno.ENOSPC),
    "interrupted": Plan("open,read,write", "error", errno.EINTR),
    "short": Plan("read,write", "short"),
    "memory": Plan("alloc", "error", errno.ENOMEM),
    "kill": Plan(FILE_CALLS, "signal", signal.SIGKILL),
    "ctrl-c": Plan(FILE_CALLS, "signal", signal.SIGINT),
    "terminate": Plan(FILE_CALLS, "signal", signal.SIGTERM),
}


class Case:
    """A command whose outputs are all below out/."""

    def __init__(self, words, former=None, whole=True):
        self.words = words
        self.former = former  # a command that wrote into the same folder before
        self.whole = whole    # the output is that of the command, or as it was before


def cases():
    checkpoint = ["--checkpoint", "out/check.h5", "--checkpoint-every", "0"]
    shards = [f"given/shards/shard-{i}-of-2.h5" for i in (1, 2)]
    others = [f"given/others/shard-{i}-of-2.h5" for i in (1, 2)]
    overwrite = ["--overwrite"]
    return {
        "fit": Case(tiny.fit("sub-01", "out/fit") + overwrite,
                    tiny.fit("sub-01", "out/fit", "feedback") + overwrite),
        "group": Case(tiny.group("out/group") + overwrite,
                      tiny.group("out/group", 2, 20) + overwrite),
        "checkpoint": Case(tiny.group("out/group") + checkpoint + overwrite),
        "shard": Case([*tiny.group("out/shards"), "--shard", "1/2"]),
        "merge": Case(["merge", *shards, "-o", "out/merged"] + overwrite,
                      ["merge", *others, "-o", "out/merged"] + overwrite),
        "extract": Case(tiny.extract("out/values") + overwrite,
                        tiny.extract("out/values", "feedback") + overwrite),
        "learn": Case(tiny.learn("out/learning") + overwrite,
                      tiny.learn("out/learning", "random") + overwrite),
        "simulate": Case(tiny.simulate("out/study", 1, 1, 4) + overwrite,
                         tiny.simulate("out/study", 2, 1, 4) + overwrite),
        "design": Case(tiny.design("sub-01", "out/design") + overwrite,
                       tiny.design("sub-02", "out/design") + overwrite),
        "contrast": Case(tiny.contrast("sub-01", "out/more") + overwrite,
                         tiny.contrast("sub-01", "out/more", "2*feedback") + overwrite),
        "trials": Case(tiny.trials("sub-01", "out/trials") + overwrite,
                       tiny.trials("sub-01", "out/trials", "lsa") + overwrite),
        "roi-fit": Case(tiny.roi_fit("sub-01", "out/regions") + overwrite,
                        tiny.roi_fit("sub-01", "out/regions", "region=given/small.nii.gz") + overwrite),
        "roi-test": Case(tiny.roi_test("out/tests") + overwrite,
                         tiny.roi_test("out/tests", 50) + overwrite),
        "clusters": Case(tiny.clusters("out/clusters") + overwrite,
                         tiny.clusters("out/clusters", "0.01") + overwrite),
        "report": Case(tiny.report("out/pages"), whole=False),
        "run": Case(["run", "given/study", "out/results", "group", "--model", "given/model.json",
                     "--participant-label", "01", "02"], whole=False),
    }


class Runner:
    """Runs one case in a folder of its own, with and without faults."""

    def __init__(self, name, case, arguments, given, work):
        self.name, self.case = name, case
        self.program, self.shim = arguments.program, arguments.shim
        self.random = random.Random(f"{arguments.seed} {name}")
        self.sample = arguments.sample
        self.folder = work / name
        self.folder.mkdir()
        tiny.share(given, self.folder / "given")
        self.given = tiny.stamps(given)
        self.state = work / f"{name}.state"
        self.failures, self.codes = [], collections.Counter()
        self.n_runs = self.n_fired = 0
        self.counts = {}  # of calls, by which calls count

    # -- running

    def start(self, words, environment):
        return subprocess.Popen([self.program, *words, "-j", "1", "--log-level", "warning"], cwd=self.folder,
                                env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))

    def run(self, words, environment={}):
        self.n_runs += 1
        child = self.start(words, environment)
        try:
            messages = child.communicate(timeout=SECONDS)[1]
        except subprocess.TimeoutExpired:
            child.kill()
            return None, child.communicate()[1]
        return child.returncode, messages

    def run_with(self, plan, n):
        """Exit code, messages, and the call that failed: (its kind, its file), or None."""
        self.state.write_bytes(bytes(STATE_BYTES))
        code, messages = self.run(self.case.words, {
            "LD_PRELOAD": self.shim, "FAULT_CALLS": plan.calls, "FAULT_AT": str(n),
            "FAULT_MODE": plan.mode, "FAULT_ERRNO": str(int(plan.number)),
            "FAULT_STATE": str(self.state),
            "FAULT_ROOTS": f"{self.folder}/given:{self.folder}/out"})
        data = self.state.read_bytes()
        self.count = int.from_bytes(data[:8], "little")
        if data[8:16] == bytes(8):
            return code, messages, None
        kind = plan.calls_by_number[int.from_bytes(data[16:24], "little")]
        return code, messages, (kind, data[24:].split(b"\0")[0].decode(errors="replace"))

    def out(self):
        found = tiny.tree(self.folder / "out")
        if self.case.whole:
            return found
        # What the ledger says of times and machines differs from run to run.
        return {n: data for n, data in found.items() if not n.startswith("results/logs/")}

    # -- judging

    def fail(self, where, why):
        self.failures.append(f"{self.name}, {where}: {why}")

    def require_again(self, where):
        code, messages = self.run(self.case.words)
        if code != 0:
            return self.fail(where, f"given again: exit {code}: {messages.strip()}")
        if why := tiny.difference(self.out(), self.wanted):
            self.fail(where, f"given again: {why}")

    def names_file(self, messages, path, kind):
        if kind == "alloc":
            return "out of memory" in messages or "/" in messages
        if "/given/" in path:
            return any(part in messages for part in path.split("/")[-2:])
        return "out/" in messages

    def judge(self, where, code, messages, fault, before):
        kind, path = fault
        found = self.out()
        if hidden := tiny.hidden_names(tiny.tree(self.folder / "out")):
            self.fail(where, f"left behind: {hidden[0]} (exit {code})")
        if code == 0:
            if why := tiny.difference(found, self.wanted):
                self.fail(where, f"exit 0, but {why}")
            return
        if code not in (3, 4, 5):
            return self.fail(where, f"exit {code}: {messages.strip()[-300:]}")
        if not self.names_file(messages, path, kind):
            self.fail(where, f"the message does not name the file: {messages.strip()[-300:]}")
        if code == 5:  # what failed is told, and missing
            return
        if not self.case.whole:
            wrong = [n for n in found if n in self.wanted and found[n] != self.wanted[n]]
            if wrong:
                self.fail(where, f"exit {code}, but {wrong[0]} is not that of a whole run")
            return
        kept = {n: data for n, data in found.items() if n != "check.h5"}
        if why := tiny.difference(kept, before):
            self.fail(where, f"exit {code}, but of what was there before: {why}")

    def judge_signal(self, where, plan, code, messages, before):
        """A process that ended by a signal; one that was done first may end with 0."""
        found = self.out()
        if code == 0 and plan.number != signal.SIGKILL:
            if why := tiny.difference(found, self.wanted):
                self.fail(where, f"exit 0, but {why}")
            return
        if code in (3, 5) and not self.case.whole:  # only the process of one job got the signal
            return
        if code != -plan.number:
            return self.fail(where, f"exit {code} after signal {plan.number}: {messages.strip()}")
        if plan.number == signal.SIGKILL or not self.case.whole:
            return
        if hidden := tiny.hidden_names(tiny.tree(self.folder / "out")):
            self.fail(where, f"left behind: {hidden[0]}")
        kept = {n: data for n, data in found.items() if n != "check.h5"}
        if tiny.difference(kept, before) and tiny.difference(kept, self.wanted):
            self.fail(where, f"of what was there before: {tiny.difference(kept, before)}")

    # -- trying

    def prepare(self):
        """What the command gives without a fault, and what a former one gave."""
        out = self.folder / "out"
        self.former = {}
        if self.case.former:
            tiny.restore(out, {})
            code, messages = self.run(self.case.former)
            if code != 0:
                raise SystemExit(f"{self.name}: the former command fails: {messages}")
            self.former = self.out()
        tiny.restore(out, {})
        code, messages = self.run(self.case.words)
        if code != 0:
            raise SystemExit(f"{self.name}: the command fails without a fault: {messages}")
        self.wanted = self.out()

    def positions(self, count):
        if not self.sample or self.sample >= count:
            return list(range(1, count + 1))
        n = self.sample - 1
        even = [1 + (2 * i + 1) * count // (2 * n) for i in range(n)]
        return sorted({*even, self.random.randint(1, count)})

    def attempt(self, label, plan, n, before):
        tiny.restore(self.folder / "out", before)
        code, messages, fault = self.run_with(plan, n)
        if fault is None:
            return
        self.n_fired += 1
        self.codes[code] += 1
        where = f"{label} at call {n} ({fault[0]} of {fault[1]})"
        if code is None:
            return self.fail(where, f"no end within {SECONDS} s")
        if plan.mode == "signal":
            self.judge_signal(where, plan, code, messages, before)
        else:
            self.judge(where, code, messages, fault, before)
        if code != 0:
            self.require_again(where)

    def follow(self, label, plan):
        if plan.calls not in self.counts:
            tiny.restore(self.folder / "out", self.former)
            self.run_with(plan, 0)
            self.counts[plan.calls] = self.count
        for n in self.positions(self.counts[plan.calls]):
            self.attempt(label, plan, n, self.former if n % 2 else {})

    def kill_at_random(self):
        """SIGKILL at a random moment, again and again, then a run to the end."""
        tiny.restore(self.folder / "out", self.former)
        began = time.monotonic()
        self.run(self.case.words)
        seconds = time.monotonic() - began
        tiny.restore(self.folder / "out", self.former)
        for _ in range(3):
            child = self.start(self.case.words, {})
            time.sleep(self.random.uniform(0, seconds))
            child.kill()
            child.communicate()
        self.n_runs += 3
        self.require_again("killed three times at random moments")
        if hidden := tiny.hidden_names(tiny.tree(self.folder / "out")):
            self.fail("killed at random moments", f"left behind: {hidden[0]}")

    def rival(self):
        """Two different commands into one folder at a time: each output is of one of them."""
        if not self.case.former:
            return
        tiny.restore(self.folder / "out", {})
        both = [self.start(words, {}) for words in (self.case.words, self.case.former)]
        ended = [(child.communicate()[1], child.returncode) for child in both]
        self.n_runs += 2
        for messages, code in ended:
            if code not in (0, 4) or (code == 4 and "out/" not in messages):
                self.fail("two at a time", f"exit {code}: {messages.strip()}")
        if all(code != 0 for _, code in ended):
            self.fail("two at a time", "both were refused")
        found = self.out()
        if tiny.difference(found, self.wanted) and tiny.difference(found, self.former):
            self.fail("two at a time", f"a mixture: {tiny.difference(found, self.wanted)}")

    def work(self, plans):
        began = time.monotonic()
        self.prepare()
        for label in plans:
            self.follow(label, PLANS[label])
        self.kill_at_random()
        self.rival()
        if why := tiny.difference(tiny.stamps(self.folder / "given"), self.given):
            self.fail("at the end", f"inputs were changed: {why}")
        codes = ", ".join(f"{n} x {code}" for code, n in sorted(self.codes.items(), key=str))
        print(f"{self.name}: {self.n_runs} runs, {self.n_fired} faults (exit codes {codes}), "
              f"{len(self.failures)} failures, {time.monotonic() - began:.0f} s", flush=True)
        for line in self.failures:
            print(f"FAILED {line}", flush=True)
        return self


def arguments_of(words):
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=lambda p: str(pathlib.Path(p).resolve()))
    parser.add_argument("shim", type=lambda p: str(pathlib.Path(p).resolve()))
    parser.add_argument("--sample", type=int, default=0, help="positions of each plan (default: all)")
    parser.add_argument("--cases", default=",".join(cases()))
    parser.add_argument("--plans", default=",".join(PLANS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="cases tried side by side")
    parser.add_argument("--keep", help="an empty folder for the work, which stays")
    return parser.parse_args(words)


def main():
    arguments = arguments_of(sys.argv[1:])
    names = ["open", "read", "write", "close", "rename", "fsync", "mkdir", "truncate", "alloc"]
    Plan.calls_by_number = names
    with tempfile.TemporaryDirectory() as temporary:
        work = pathlib.Path(arguments.keep or temporary).resolve()
        print(f"seed {arguments.seed}, {arguments.sample or 'all'} positions of each plan")
        tiny.prepare(arguments.program, work)
        chosen = {name: cases()[name] for name in arguments.cases.split(",")}
        plans = arguments.plans.split(",")
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            runners = [pool.submit(Runner(name, case, arguments, work / "given", work).work, plans)
                       for name, case in chosen.items()]
            done = [runner.result() for runner in runners]
    n_failures = sum(len(r.failures) for r in done)
    print(f"{sum(r.n_runs for r in done)} runs, {sum(r.n_fired for r in done)} faults, "
          f"{n_failures} failures")
    return 1 if n_failures else 0


if __name__ == "__main__":
    sys.exit(main())
