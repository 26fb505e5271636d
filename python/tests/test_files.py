"""Files by their names, tables and sidecars."""
import csv
import glob
import json
import unittest
from unittest import mock

import numpy as np

import sociometer
from tiny_study import maps, needs_package, needs_program, results, temporary_folder

NAMES = [
    "a/sub-01/sub-01_run-1_contrast-x_stat-t_statmap.nii.gz",
    "a/sub-01/sub-01_run-1_contrast-x_stat-t_statmap.json",
    "a/sub-01/sub-01_run-02_contrast-x_stat-z_statmap.nii.gz",
    "a/sub-02/ses-b/contrast-x_stat-t_statmap.nii",
    "a/pilot_contrast-x_stat-t_clusters.tsv",
    "a/.hidden/sub-03_contrast-x_stat-t_statmap.nii.gz",
    "a/.sub-04_contrast-x_stat-t_statmap.nii.gz",
    "a/README",
]


class FindFiles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = temporary_folder()
        for name in NAMES:
            path = cls.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    def found(self, **wanted):
        return [str(f.path.relative_to(self.folder))
                for f in sociometer.find_files(self.folder, **wanted)]

    def test_all_but_hidden_ones_sorted(self):
        self.assertEqual(self.found(), sorted(n for n in NAMES if "/." not in n))

    def test_by_suffix_extension_and_entities(self):
        self.assertEqual(self.found(suffix="clusters"), [NAMES[4]])
        self.assertEqual(self.found(suffix="statmap", extension=".nii"), [NAMES[3]])
        self.assertEqual(self.found(stat="z"), [NAMES[2]])
        self.assertEqual(self.found(stat=["z", "p"]), [NAMES[2]])
        self.assertEqual(self.found(contrast="x", sub=None), [NAMES[4]])
        self.assertEqual(self.found(contrast="y"), [])

    def test_numbers_are_compared_as_numbers_and_text_as_text(self):
        self.assertEqual(self.found(run=2), [NAMES[2]])
        self.assertEqual(self.found(run="2"), [])
        self.assertEqual(self.found(contrast=1), [])

    def test_participant_and_session_of_folders(self):
        file = sociometer.find_file(self.folder, sub="02")
        self.assertEqual(file.entities, {"sub": "02", "ses": "b", "contrast": "x", "stat": "t"})
        self.assertEqual((file.suffix, file.extension), ("statmap", ".nii"))

    def test_maps_are_images(self):
        self.assertEqual([str(f.path.relative_to(self.folder))
                          for f in sociometer.find_maps(self.folder, contrast="x", stat="t")],
                         [NAMES[0], NAMES[3]])

    def test_one_file_or_an_error(self):
        with self.assertRaisesRegex(LookupError, "3 files.*\n.*run-02.*\n.*run-1.*"):
            sociometer.find_file(self.folder, sub="01")
        with self.assertRaisesRegex(LookupError, "0 files"):
            sociometer.find_file(self.folder, sub="09")
        with self.assertRaises(FileNotFoundError):
            sociometer.find_files(self.folder / "none")


class ReadTable(unittest.TestCase):
    def read(self, text):
        path = temporary_folder() / "t.tsv"
        path.write_bytes(text.encode())
        return sociometer.read_table(path)

    def test_types_and_missing_values(self):
        table = self.read("n\tx\tlabel\tname\tnone\tbig\n1\t0.5\t01\tn/a\tn/a\t1e300\n"
                          "-2\tn/a\t10\tb c\t\t-inf\n")
        self.assertEqual(list(table), ["n", "x", "label", "name", "none", "big"])
        self.assertEqual(table["n"].dtype, np.int64)
        self.assertEqual(list(table["n"]), [1, -2])
        self.assertEqual(table["x"][0], 0.5)
        self.assertTrue(np.isnan(table["x"][1]))
        self.assertEqual(list(table["label"]), ["01", "10"])
        self.assertEqual(list(table["name"]), [None, "b c"])
        self.assertTrue(np.isnan(table["none"]).all())
        self.assertEqual(list(table["big"]), [1e300, -np.inf])

    def test_names_stay_as_they_are(self):
        names = ["p (FWE)", "=1+1", "a:b", "feedback:outcome_update", "é"]
        self.assertEqual(list(self.read("\t".join(names) + "\n" + "1\t" * 4 + "1\n")), names)

    def test_quoted_cells(self):
        table = self.read('a\tb\n"x\ty"\t1\n"he said ""no"""\t2\n5" coil\t3\n"two\nlines"\t4\n')
        self.assertEqual(list(table["a"]), ["x\ty", 'he said "no"', '5" coil', "two\nlines"])
        self.assertEqual(list(table["b"]), [1, 2, 3, 4])

    def test_byte_order_mark_and_line_ends(self):
        table = self.read("\ufeffa\tb\r\n1\tx\r\n")
        self.assertEqual({k: list(v) for k, v in table.items()}, {"a": [1], "b": ["x"]})

    def test_a_table_without_rows(self):
        self.assertEqual([len(c) for c in self.read("a\tb\n").values()], [0, 0])

    def test_what_is_refused(self):
        for text, words in (("", "no header"), ("a\ta\n", "one name"),
                            ("a\tb\n1\n", "row 1 has 1")):
            with self.assertRaisesRegex(ValueError, words):
                self.read(text)


@needs_program
class RealFiles(unittest.TestCase):
    def test_every_table_of_the_study_has_the_cells_of_the_file(self):
        paths = sociometer.find_files(results(), extension=".tsv")
        self.assertGreater(len(paths), 20)
        for path in paths:
            table = sociometer.read_table(path)
            with open(path, newline="") as file:
                rows = list(csv.DictReader(file, delimiter="\t"))
            self.assertGreater(len(table), 0)
            for name, column in table.items():
                self.assertEqual(len(column), len(rows))
                for value, row in zip(column, rows):
                    cell = row[name]
                    if column.dtype == object:
                        self.assertEqual(value, None if cell == "n/a" else cell)
                    else:
                        np.testing.assert_equal(float(value), float(cell.replace("n/a", "nan")))

    def test_maps_by_contrast_and_statistic(self):
        found = sociometer.find_maps(maps() / "both", contrast="difference", stat=["t", "z"])
        names = f"{maps()}/both/**/*contrast-difference_stat-[tz]_*.nii.gz"
        self.assertEqual([str(f.path) for f in found], sorted(glob.glob(names, recursive=True)))
        self.assertEqual(len(found), 2)

    def test_sidecars_of_maps_tables_and_estimates(self):
        for wanted in ({"suffix": "statmap", "contrast": "feedback", "stat": "t"},
                       {"suffix": "design", "run": 1}, {"suffix": "estimates"}):
            file = sociometer.find_file(maps() / "both", extension=[".nii.gz", ".tsv", ".h5"],
                                        **wanted)
            beside = sociometer.find_file(maps() / "both", extension=".json", **wanted)
            with open(beside) as json_file:
                expected = json.load(json_file)
            self.assertEqual(sociometer.read_sidecar(file), expected)
            self.assertEqual(sociometer.read_sidecar(beside), expected)
            self.assertEqual(expected["Software"]["Name"], "Sociometer")

    @needs_package("nibabel")
    def test_a_map_is_loaded_by_nibabel(self):
        import nibabel
        path = sociometer.find_file(maps() / "one", suffix="statmap", extension=".nii.gz",
                                    contrast="feedback", stat="t")
        expected = nibabel.load(str(path.path)).get_fdata()
        self.assertGreater(np.abs(expected).max(), 1)
        np.testing.assert_array_equal(sociometer.load_map(path).get_fdata(), expected)

    def test_without_nibabel_it_says_what_to_install(self):
        with mock.patch.dict("sys.modules", {"nibabel": None}):
            with self.assertRaisesRegex(ImportError, "pip install nibabel"):
                sociometer.load_map("x.nii.gz")


if __name__ == "__main__":
    unittest.main()
