"""Permutation tests of one sample, compared with decompressing the same maps.

Data: as group_ols.
Check: t in all voxels against numpy, TFCE of five voxels against a cluster that grows from the voxel (references/tfce.py),
and each voxel's count of the flips by the largest value over voxels against the null distribution that was written.
Ratio: to `igzip -dc` of the maps in the same round.
"""
import numpy as np

from images import box, largest_difference, numbers, volume
from measuring import OUTPUT, Case
from references.tfce import tfce
from tasks.group_ols import maps, t_map

STATISTICS = ["voxel", "voxel,tfce", "voxel,tfce,extent"]
N_CHECKED = 5


def check_tfce(folder, stem):
    t, found = box(folder / f"{stem}_stat-t_statmap.nii.gz"), box(folder / f"{stem}_stat-tfce_statmap.nii.gz")
    peak = np.unravel_index(np.argmax(t), t.shape)
    positive = np.argwhere(t > 0)
    places = [peak, *positive[np.random.default_rng(3).choice(len(positive), N_CHECKED - 1)]]
    expected = [tfce(t, tuple(int(i) for i in place)) for place in places]
    return largest_difference([found[tuple(place)] for place in places], expected)


def check_p(folder, stem, mask, t):
    """Family-wise p of each voxel from the largest values of all flips, as they were written."""
    names, null = numbers(folder / f"{stem}_null.tsv")
    largest = null[:, names.index("voxel")]
    p = volume(folder / f"{stem}_stat-voxelPfwe_statmap.nii.gz")[mask]
    # A flip within rounding of float32 of the observed value may count, or not.
    ordered, margin = np.sort(largest), 3e-5 * np.maximum(1, np.abs(t))
    least, most = [1 - np.searchsorted(ordered, t + by) / len(ordered) for by in (margin, -margin)]
    return p, np.clip(p, least, most)


def run(place):
    data, effects = maps(place)
    mask = volume(data / "mask.nii.gz") > 0
    values = np.array([volume(path)[mask] for path in effects])
    n_flips = 50 if place.quick else 500
    stem = "contrast-a_desc-intercept"

    def check(statistic):
        def difference(folder):
            t = t_map(np.ones((len(effects), 1)), values, 0)
            p, expected = check_p(folder, stem, mask, t)
            worst = [largest_difference(volume(folder / f"{stem}_stat-t_statmap.nii.gz")[mask], t), largest_difference(p, expected)]
            return max(worst + ([check_tfce(folder, stem)] if "tfce" in statistic else []))

        return difference

    command = [place.program, "group", "--effects", *effects, "--mask", data / "mask.nii.gz", "--no-tables", "--permutations",
               n_flips, "--seed", 3, "-o", OUTPUT, "--log-level", "error"]  # fmt: skip
    cases = [Case(f"{statistic}, {n_flips} flips", [*command, "--statistic", statistic], check(statistic), 1e-4) for statistic in STATISTICS]
    return place.timed(["igzip", "-dc", *effects], cases)
