"""estimates.h5."""
import unittest
from unittest import mock

import numpy as np

import sociometer
from tiny_study import maps, needs_package, needs_program, temporary_folder


def estimates_file(which):
    return sociometer.find_file(maps() / which, suffix="estimates", extension=".h5").path


@needs_program
@needs_package("h5py")
class ReadEstimates(unittest.TestCase):
    def test_has_what_h5py_reads(self):
        import h5py
        estimates = sociometer.read_estimates(estimates_file("both"))
        with h5py.File(estimates_file("both"), "r") as file:
            self.assertEqual(len(estimates.runs), len(file["runs"]))
            np.testing.assert_array_equal(estimates.voxels, file["mask/voxels"][()])
            np.testing.assert_array_equal(estimates.affine, file["mask/affine"][()])
            self.assertEqual(list(estimates.size), list(file["mask/size"]))
            self.assertEqual(estimates.software, file.attrs["software"])
            for number, run in enumerate(estimates.runs, 1):
                group = file[f"runs/{number}"]
                self.assertEqual(set(run), set(group) | set(group.attrs))
                for name in ("design", "betas", "noise_parameters"):
                    np.testing.assert_array_equal(run[name], group[name][()])
                for name in ("residual_variance", "r_squared", "mean", "frame_times"):
                    np.testing.assert_array_equal(run[name], group[name][:, 0])
                self.assertEqual(run["column_names"], [n.decode() for n in group["column_names"]])
                self.assertEqual(run["dof"], group.attrs["dof"])
                self.assertEqual(run["kept"].dtype, bool)
                self.assertEqual(run["kept"].sum(), group["kept"][()].sum())
                self.assertEqual(run["noise_parameters"].shape, (estimates.voxels.size, 2))
                self.assertEqual((run["noise_model"], run["scaling"]), ("ar2", "none"))

    def test_only_what_is_asked_for(self):
        run = sociometer.read_estimates(estimates_file("both"), only=["betas"]).runs[1]
        self.assertIn("betas", run)
        self.assertIn("design", run)
        self.assertFalse({"mean", "status", "residual_variance"} & set(run))
        with self.assertRaisesRegex(ValueError, "beta; known"):
            sociometer.read_estimates(estimates_file("both"), only=["beta"])

    def test_ols_has_no_noise_parameters(self):
        run = sociometer.read_estimates(estimates_file("one")).runs[0]
        self.assertNotIn("noise_parameters", run)
        self.assertEqual(run["noise_model"], "ols")

    @needs_package("nibabel")
    def test_betas_in_the_grid_are_the_effect_map(self):
        estimates = sociometer.read_estimates(estimates_file("one"))
        run = estimates.runs[0]
        beta = run["betas"][:, run["column_names"].index("feedback")]
        [effect] = sociometer.find_maps(maps() / "one", contrast="feedback", stat="effect")
        image = sociometer.load_map(effect)
        self.assertGreater(np.unique(beta).size, 1000)
        np.testing.assert_allclose(estimates.volume(beta, outside=0), image.get_fdata(), rtol=1e-12)
        ours = estimates.image(beta)
        np.testing.assert_array_equal(ours.affine, image.affine)
        self.assertEqual(int(ours.header["sform_code"]), int(image.header["sform_code"]))
        self.assertEqual(int(np.isfinite(ours.get_fdata()).sum()), beta.size)

    def test_volumes_of_several_values_a_voxel(self):
        estimates = sociometer.read_estimates(estimates_file("one"))
        betas = estimates.runs[0]["betas"]
        volume = estimates.volume(betas)
        self.assertEqual(volume.shape, (*estimates.size, betas.shape[1]))
        x, y, z = np.unravel_index(estimates.voxels[5], estimates.size, order="F")
        np.testing.assert_array_equal(volume[x, y, z], betas[5])
        with self.assertRaisesRegex(ValueError, "voxels"):
            estimates.volume([1, 2, 3])

    def test_a_file_that_was_cut_short_is_refused(self):
        cut = temporary_folder() / "cut_estimates.h5"
        cut.write_bytes(estimates_file("one").read_bytes()[:-100])
        with self.assertRaisesRegex(ValueError, "damaged"):
            sociometer.read_estimates(cut)
        cut.write_bytes(b"")
        with self.assertRaisesRegex(ValueError, "damaged"):
            sociometer.read_estimates(cut)

    def test_without_h5py_it_says_what_to_install(self):
        with mock.patch.dict("sys.modules", {"h5py": None}):
            with self.assertRaisesRegex(ImportError, "pip install h5py"):
                sociometer.read_estimates("x.h5")


if __name__ == "__main__":
    unittest.main()
