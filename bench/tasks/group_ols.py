"""Group analysis by ordinary least squares, compared with decompressing the same maps.

Data: 40 effect maps on a 2 mm grid, 217,063 voxels, float32, smooth noise with one place of effect; two covariates.
Check: t in all voxels against numpy's lstsq.
Ratio: to `igzip -dc` of the maps in the same round.
"""
import numpy as np

from images import largest_difference, numbers, volume
from measuring import OUTPUT, Case


def maps(place):
    """The folder of the data, and its effect maps."""
    participants, voxel_mm = (12, 8) if place.quick else (40, 2)
    data = place.bench_data("maps", "FOLDER", participants, voxel_mm)
    return data, sorted(data.glob("sub-*_contrast-a_stat-effect_statmap.nii.gz"))


def t_map(design, effects, column):
    """t of one column of a design, (n_voxels)."""
    beta, squares, rank, _ = np.linalg.lstsq(design, effects, rcond=None)
    variance = squares / (len(design) - rank)
    return beta[column] / np.sqrt(variance * np.linalg.inv(design.T @ design)[column, column])


def run(place):
    data, effects = maps(place)
    mask = volume(data / "mask.nii.gz") > 0
    values = np.array([volume(path)[mask] for path in effects])
    covariates = numbers(data / "design.tsv", without=["participant_id"])[1]
    ones = np.ones((len(effects), 1))

    def check(design, column, name):
        def difference(folder):
            found = volume(folder / f"contrast-a_desc-{name}_stat-t_statmap.nii.gz")[mask]
            return largest_difference(found, t_map(design, values, column))

        return difference

    command = [place.program, "group", "--effects", *effects, "--mask", data / "mask.nii.gz", "-o", OUTPUT, "--log-level", "error"]
    with_covariates = ["--design", data / "design.tsv", "--add-intercept", "--contrast", "score"]
    of_score = check(np.hstack([covariates, ones]), 1, "score")
    return place.timed(["igzip", "-dc", *effects], [
        Case("one sample, tables of clusters", command, check(ones, 0, "intercept"), 1e-5),
        Case("one sample, no tables", [*command, "--no-tables"], check(ones, 0, "intercept"), 1e-5),
        Case("two covariates, tables of clusters", [*command, *with_covariates], of_score, 1e-5),
    ])  # fmt: skip
