"""The books of `sociometer run`: OUT/logs/sociometer, see docs/reference/run.md."""
from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ._files import read_table


@dataclass(frozen=True)
class Study:
    """What `run` has on record.

    folder    OUT
    jobs      {id: the job's file}: kind, participant, node, request, inputs, after, ..
    results   {id: how it ended}: state (done, partly, failed), error, failures, seconds,
              peak_bytes, ..; a job without an entry waits or runs (`sociometer status` says which)
    log       list of events in the order in which they happened: time, event, job, ..
    failures  table of what failed, as of read_table; empty if nothing did
    """

    folder: Path
    jobs: dict = field(repr=False)
    results: dict = field(repr=False)
    log: list = field(repr=False)
    failures: dict = field(repr=False)

    def messages(self, job: str) -> list:
        """Lines that a job said."""
        path = self.folder / "logs" / "sociometer" / "messages" / f"{job}.log"
        return path.read_text(encoding="utf-8", errors="replace").splitlines()

    def table(self) -> dict:
        """A row per job: job, kind, participant, node, state, seconds, peak_bytes, error.

        State is None without a result; participant is None for jobs of the group.
        """
        def text(values):
            return np.array([value or None for value in values], dtype=object)

        def number(name):
            return np.array([result.get(name, float("nan")) for result in results], dtype=float)

        jobs = self.jobs.values()
        results = [self.results.get(job, {}) for job in self.jobs]
        return {
            "job": text(self.jobs),
            "kind": text(job["kind"] for job in jobs),
            "participant": text(job["participant"] and "sub-" + job["participant"] for job in jobs),
            "node": text(job["node"] for job in jobs),
            "state": text(result.get("state") for result in results),
            "seconds": number("seconds"),
            "peak_bytes": number("peak_bytes"),
            "error": text(result.get("error") for result in results),
        }


def _by_id(folder: Path) -> dict:
    paths = sorted(folder.glob("[!.]*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def _events(path: Path) -> list:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_study(output_folder) -> Study:
    """Reads what `run` has on record in its output folder.

    @raise FileNotFoundError  if it has no jobs.
    """
    folder = Path(output_folder)
    books = folder / "logs" / "sociometer"
    jobs = _by_id(books / "jobs")
    if not jobs:
        raise FileNotFoundError(f"{folder} has no jobs of sociometer run in logs/sociometer/jobs")
    failures = books / "failures.tsv"
    return Study(folder, jobs, _by_id(books / "results"), _events(books / "log.jsonl"),
                 read_table(failures) if failures.exists() else {})
