"""Words of commands."""
import pathlib
import unittest

import numpy as np

import sociometer


def words(*arguments, **options):
    return sociometer.command("fit", *arguments, **options)[2:]


class Command(unittest.TestCase):
    def test_begins_with_the_program_and_the_command(self):
        self.assertEqual(sociometer.command("fit"), ["sociometer", "fit"])
        self.assertEqual(sociometer.command("roi extract"), ["sociometer", "roi", "extract"])
        self.assertEqual(sociometer.command("roi_extract"), ["sociometer", "roi", "extract"])

    def test_of_the_documentation(self):
        self.assertEqual(
            sociometer.command("fit", bold=["a.nii.gz", "b.nii.gz"], events="e.tsv",
                               contrast={"outcome": "feedback:outcome_update"}, o="maps"),
            ["sociometer", "fit", "--bold", "a.nii.gz", "b.nii.gz", "--events", "e.tsv",
             "--contrast", "outcome=feedback:outcome_update", "-o", "maps"])

    def test_arguments_come_first_and_may_be_lists(self):
        self.assertEqual(words("study", ["a", "b"], o="out"), ["study", "a", "b", "-o", "out"])

    def test_underscores_are_hyphens_and_one_letter_has_one(self):
        self.assertEqual(words(noise_model="ar1", j=2), ["--noise-model", "ar1", "-j", "2"])

    def test_a_trailing_underscore_is_dropped(self):
        self.assertEqual(words(lambda_=1), ["--lambda", "1"])

    def test_flags(self):
        self.assertEqual(words(log_p=True, overwrite=False, mask=None, q=np.True_),
                         ["--log-p", "-q"])

    def test_numbers_and_paths(self):
        self.assertEqual(words(tr=2.5, seed=np.int64(3), alpha=1e-5, mask=pathlib.Path("a/m.nii")),
                         ["--tr", "2.5", "--seed", "3", "--alpha", "1e-05", "--mask", "a/m.nii"])

    def test_lists(self):
        for values in (["a", "b"], ("a", "b"), np.array(["a", "b"]), iter("ab")):
            self.assertEqual(words(bold=values), ["--bold", "a", "b"])
        self.assertEqual(words(n_scans=[515, np.int32(7)]), ["--n-scans", "515", "7"])

    def test_mappings_and_what_joins_their_lists(self):
        self.assertEqual(words(contrast={"a": "x - y", "b": "x"}), ["--contrast", "a=x - y", "b=x"])
        self.assertEqual(words(f_contrast={"a": ["x", "y"]}), ["--f-contrast", "a=x;y"])
        self.assertEqual(words(union={"a": ["x", "y"]}), ["--union", "a=x,y"])
        self.assertEqual(words(sphere={"a": [1, -2.5, 3, 8]}), ["--sphere", "a=1,-2.5,3,8"])
        self.assertEqual(words(modulators={"feedback": ["x", "y"]}),
                         ["--modulators", "feedback:x,y"])

    def test_what_looks_like_an_option_is_tied_to_its_option(self):
        self.assertEqual(words(contrast=["-a+b", "c"]), ["--contrast=-a+b", "--contrast=c"])
        self.assertEqual(words(o="-x"), ["-o=-x"])
        self.assertEqual(words(min_onset=-24, fir_delays=[-1, 0]),
                         ["--min-onset", "-24", "--fir-delays", "-1", "0"])

    def test_empty_text_is_a_value_and_an_empty_list_is_none(self):
        self.assertEqual(words(prefix=""), ["--prefix="])
        self.assertEqual(words(variances=[], o="x"), ["--variances", "-o", "x"])

    def test_other_values_are_refused(self):
        for value in (b"x", object(), [["a"]], [True]):
            with self.assertRaises(TypeError):
                words(bold=value)


if __name__ == "__main__":
    unittest.main()
