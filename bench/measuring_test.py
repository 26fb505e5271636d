#!/usr/bin/env python3
"""Tests of the benchmarks' own rules: nothing is timed that was not compared, and ratios are those of the same round."""
import pathlib
import tempfile
import unittest

import measuring


class Timed(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.log = pathlib.Path(self.folder.name) / "log"
        self.log.write_text("")
        self.place = measuring.Place(pathlib.Path("/none"), pathlib.Path(self.folder.name), True, 2)

    def command(self, word, output=()):
        return ["sh", "-c", f"echo {word} >> {self.log}", *output]

    def timed(self, difference):
        case = measuring.Case("case", self.command("case", ["sh", measuring.OUTPUT]), lambda folder: difference, 1e-5)
        return measuring.timed(self.place, self.command("reference"), [case])

    def test_comparison_comes_first_and_every_round_has_its_reference(self):
        results = self.timed(1e-6)
        self.assertEqual(self.log.read_text().split(), ["case", "reference", "case", "reference", "case"])
        self.assertEqual([r["name"] for r in results], ["reference", "case"])
        self.assertEqual(results[1]["difference"], 1e-6)

    def test_nothing_is_timed_after_a_disagreement(self):
        for difference in (2e-5, float("nan"), float("inf")):
            self.log.write_text("")
            with self.assertRaises(measuring.Disagreement):
                self.timed(difference)
            self.assertEqual(self.log.read_text().split(), ["case"])

    def test_a_command_that_fails_ends_the_benchmark(self):
        with self.assertRaises(SystemExit):
            measuring.measured(["false"])

    def test_ratios_are_medians_of_ratios_within_rounds(self):
        def run(seconds):
            return {"wall_s": seconds, "cpu_s": seconds, "peak_mib": 1}

        pairs = [(run(2), run(1)), (run(9), run(3)), (run(4), run(4))]
        self.assertEqual(measuring.summary("x", pairs)["wall_ratio"], 2)
        self.assertEqual(measuring.summary("x", pairs)["wall_s"], 4)


if __name__ == "__main__":
    unittest.main()
