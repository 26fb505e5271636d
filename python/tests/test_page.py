"""The code of docs/how-to/python-and-r.md."""
import contextlib
import io
import os
import re
import unittest

from tiny_study import ROOT, needs_package, needs_program, temporary_folder

PAGE = ROOT / "docs" / "how-to" / "python-and-r.md"


@needs_program
@needs_package("h5py")
@needs_package("nibabel")
class Page(unittest.TestCase):
    def test_its_code_runs(self):
        blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
        self.assertGreater(len(blocks), 3)
        before, folder, names = os.getcwd(), temporary_folder(), {}
        (folder / "docs").symlink_to(ROOT / "docs")
        printed = io.StringIO()
        os.chdir(folder)
        try:
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
                for block in blocks:
                    exec(compile(block, str(PAGE), "exec"), names)
        finally:
            os.chdir(before)
        self.assertIn("3 none_bold.nii.gz does not exist", printed.getvalue())
        self.assertTrue((folder / "beta.nii.gz").exists())
        self.assertEqual(len(names["maps"]), 2)


if __name__ == "__main__":
    unittest.main()
