#!/usr/bin/env python3
"""Searchlights of one participant in numpy, a sphere at a time.

`searchlight.py data FOLDER VOXELS MM`: amplitudes of trials, as `trials` writes them: 8 conditions, 4 runs, two trials of
each in a run, VOXELS voxels of MM mm in an ellipsoid.
`searchlight.py FOLDER RADIUS N`: the values of a model at N centres, by crossnobis. This is what bench/tasks/rsa_searchlight.py
compares times with.
"""
import gzip
import pathlib
import struct
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from images import box, table, volumes  # noqa: E402

N_CONDITIONS, N_RUNS, N_REPEATS = 8, 4, 2
STEM = "sub-01_"


def write_image(path, size, mm, values):
    """float32, a volume per row of `values`."""
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 4 if len(values) > 1 else 3, *size, len(values), 1, 1, 1)
    struct.pack_into("<hh", header, 70, 16, 32)
    struct.pack_into("<8f", header, 76, 1, mm, mm, mm, 1, 1, 1, 1)
    struct.pack_into("<3f", header, 108, 352, 1, 0)
    struct.pack_into("<h", header, 254, 4)
    for k, row in enumerate(np.diag([mm, mm, mm])):
        struct.pack_into("<4f", header, 280 + 16 * k, *row, -mm * size[k] / 2)
    header[344:348] = b"n+1\0"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(bytes(header))
        for row in values:
            file.write(row.astype("<f4").tobytes())


def make(folder, n_voxels, mm):
    rng = np.random.default_rng(9)
    size = [int(194 / mm), int(230 / mm), int(194 / mm)]
    axes = [(np.arange(n) - (n - 1) / 2) / n for n in size]
    distance = sum(a**2 for a in np.meshgrid(*axes, indexing="ij")).ravel(order="F")
    inside = np.sort(np.argsort(distance, kind="stable")[:n_voxels])
    rows, images = [], []
    slopes = rng.normal(size=n_voxels)
    values = np.round(rng.normal(size=N_CONDITIONS), 3)
    for run in range(N_RUNS):
        for c in rng.permutation(np.repeat(np.arange(N_CONDITIONS), N_REPEATS)):
            rows.append(f"{len(rows) + 1}\t{run + 1}\t{8 * len(rows)}\t2\tfeedback\tok\tc{c}\t{values[c]}\n")
            image = np.zeros(np.prod(size))
            image[inside] = 0.3 * values[c] * slopes + rng.normal(size=n_voxels) * (1 + inside % 3)
            images.append(image)
    header = "trial_number\trun_number\tonset\tduration\ttrial_type\ttrial_status\tcondition\tvalue\n"
    (folder / f"{STEM}trials.tsv").write_text(header + "".join(rows))
    mask = np.zeros(np.prod(size))
    mask[inside] = 1
    write_image(folder / f"{STEM}mask.nii.gz", size, mm, [mask])
    write_image(folder / f"{STEM}desc-trials_stat-effect_statmap.nii.gz", size, mm, images)


class Searchlights:
    """Values of the model at some centres."""

    def __init__(self, folder, radius_voxels, n_centres):
        folder = pathlib.Path(folder)
        rows = table(folder / f"{STEM}trials.tsv")
        run = np.array([int(row["run_number"]) - 1 for row in rows])
        condition = np.array([int(row["condition"][1:]) for row in rows])
        mask = box(folder / f"{STEM}mask.nii.gz") > 0
        self.index = np.full(mask.size, -1)
        inside = np.flatnonzero(mask.ravel(order="F"))
        self.index[inside] = np.arange(inside.size)
        x = volumes(folder / f"{STEM}desc-trials_stat-effect_statmap.nii.gz")[:, inside]
        self.mean = np.array([[x[(run == r) & (condition == c)].mean(0) for c in range(N_CONDITIONS)] for r in range(N_RUNS)])
        deviations = x - self.mean[run, condition]
        self.sd = np.sqrt((deviations**2).sum(0) / (len(rows) - N_RUNS * N_CONDITIONS))
        value = np.array([next(float(row["value"]) for row in rows if row["condition"] == f"c{c}") for c in range(N_CONDITIONS)])
        self.first, self.second = np.triu_indices(N_CONDITIONS, 1)
        self.model = self.ranks(abs(value[self.first] - value[self.second]))
        r = int(radius_voxels)
        steps = np.array([(i, j, k) for k in range(-r, r + 1) for j in range(-r, r + 1) for i in range(-r, r + 1)])
        self.steps = steps[(steps**2).sum(1) <= radius_voxels**2]
        self.size = np.array(mask.shape)
        self.centres = np.sort(np.random.default_rng(4).choice(inside, min(n_centres, inside.size), replace=False))

    @staticmethod
    def ranks(values):
        _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
        return (np.cumsum(counts) - (counts - 1) / 2)[inverse]

    def around(self, centre):
        at = np.array(np.unravel_index(centre, self.size, order="F")) + self.steps
        at = at[((at >= 0) & (at < self.size)).all(1)]
        found = self.index[np.ravel_multi_index(at.T, self.size, order="F")]
        return found[found >= 0]

    def crossnobis(self, voxels):
        z = self.mean[:, :, voxels] / self.sd[voxels]
        d = z[:, self.first] - z[:, self.second]
        return (d.sum(0) ** 2 - (d**2).sum(0)).sum(1) / (N_RUNS * (N_RUNS - 1) * voxels.size)

    def correlation(self, voxels):
        return (1 - np.corrcoef(self.mean[:, :, voxels].mean(0)))[self.first, self.second]

    def values(self, dissimilarity):
        """Spearman's correlation with the model; NaN in spheres of fewer than 10 voxels."""
        out = []
        for centre in self.centres:
            voxels = self.around(centre)
            enough = voxels.size >= 10
            out.append(np.corrcoef(self.ranks(dissimilarity(voxels)), self.model)[0, 1] if enough else np.nan)
        return np.array(out)


if __name__ == "__main__":
    if sys.argv[1] == "data":
        make(pathlib.Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
    else:
        lights = Searchlights(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
        print(np.nanmean(lights.values(lights.crossnobis)))
