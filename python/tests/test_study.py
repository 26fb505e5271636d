"""The records of `run`."""
import json
import subprocess
import unittest

import numpy as np

import sociometer
from tiny_study import needs_program, program, results, temporary_folder


@needs_program
class ReadStudy(unittest.TestCase):
    def test_has_the_files_of_the_folder(self):
        study, books = sociometer.read_study(results()), results() / "logs" / "sociometer"
        self.assertGreaterEqual(len(study.jobs), 8)
        self.assertEqual(set(study.jobs), {p.stem for p in (books / "jobs").iterdir()})
        self.assertEqual(set(study.results), set(study.jobs))
        for kind, read in (("jobs", study.jobs), ("results", study.results)):
            for job, content in read.items():
                file = books / kind / f"{job}.json"
                self.assertEqual(content, json.loads(file.read_text()))
        self.assertEqual(len(study.log), len((books / "log.jsonl").read_text().splitlines()))
        self.assertEqual([e["event"] for e in study.log].count("done"), len(study.jobs))
        self.assertEqual(study.failures, {})

    def test_table_has_a_row_per_job_as_status_has(self):
        table = sociometer.read_study(results()).table()
        status = subprocess.run([program().path, "status", str(results())], capture_output=True,
                                text=True, check=True).stdout.splitlines()[1:-1]
        self.assertEqual([line.split()[:2] for line in status],
                         [list(pair) for pair in zip(table["job"], table["state"])])
        fits = table["kind"] == "fit"
        self.assertEqual(list(table["participant"][fits]), ["sub-01", "sub-02", "sub-03"])
        self.assertTrue((table["participant"][~fits] == None).all())  # noqa: E711
        self.assertTrue(np.all(table["seconds"] > 0))
        self.assertTrue((table["error"] == None).all())  # noqa: E711

    def test_messages_of_a_job(self):
        study = sociometer.read_study(results())
        job = next(job for job in study.jobs if study.jobs[job]["kind"] == "fit")
        self.assertTrue(any("fitted" in line for line in study.messages(job)))

    def test_jobs_without_a_result_have_no_state(self):
        folder = temporary_folder()
        subprocess.run(["cp", "-r", results() / "logs", folder], check=True)
        (folder / "logs" / "sociometer" / "results" / "learn.json").unlink()
        table = sociometer.read_study(folder).table()
        at = list(table["job"]).index("learn")
        self.assertIsNone(table["state"][at])
        self.assertTrue(np.isnan(table["seconds"][at]))

    def test_another_folder_is_refused(self):
        with self.assertRaisesRegex(FileNotFoundError, "no jobs"):
            sociometer.read_study(temporary_folder())


if __name__ == "__main__":
    unittest.main()
