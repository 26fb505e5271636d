"""First level: whole commands, compared with decompressing the same file.

Data: runs of 300 scans on a 2 mm grid, 232,149 voxels in the mask, int16, 12 confounds, 9 cosines, 3 conditions; 3 contrasts
with five maps each, and estimates.h5.
Check: t of a contrast in 20 voxels against generalised least squares with dense matrices (references/gls.py), given the
parameters of the noise that the program recorded.
Ratio: to `igzip -dc` of the first run's image in the same round.
"""
import h5py
import numpy as np

from images import largest_difference, numbers, series, volume, volumes
from measuring import OUTPUT, Case, called, with_output
from references.gls import t_of_voxel

# Name of the case: noise model of references/gls.py, number of runs.
CASES = {
    "ols": ("ols", 1),
    "ar1": ("ar1", 1),
    "ar4": ("ar4", 1),
    "mixture (default)": ("mixture", 1),
    "ar4-averaged": ("ar4-averaged", 1),
    "auto": ("auto", 1),
    "arma11": ("arma11", 1),
    "arma11, AFNI's search": ("arma11-afni", 1),
    "spm-ar1": ("spm-ar1", 1),
    "tukey": ("tukey", 1),
    "ols, two runs": ("ols", 2),
    "ar1, two runs": ("ar1", 2),
    "mixture, two runs": ("mixture", 2),
}
OPTIONS = {"arma11-afni": ["arma11", "--arma-search", "afni"]}
CONTRASTS = ["a", "a - b", "mix=0.5*a + 0.5*b - c"]
N_CHECKED = 20


def command(place, data, model, n_runs):
    def files(kind):
        return [data / f"run{r}_{kind}" for r in range(1, n_runs + 1)]

    return [place.program, "fit", "--bold", *files("bold.nii.gz"), "--events", *files("events.tsv"), "--confounds",
            *files("confounds.tsv"), "--mask", data / "mask.nii.gz", "--contrast", *CONTRASTS, "--noise-model",
            *OPTIONS.get(model, [model]), "-o", OUTPUT, "--log-level", "error"]  # fmt: skip


class Check:
    """t of the contrast `mix` of the first run in some voxels."""

    def __init__(self, data):
        inside = np.flatnonzero(volume(data / "mask.nii.gz"))
        self.voxels = np.sort(np.random.default_rng(5).choice(inside, N_CHECKED, replace=False))
        self.series = series(data / "run1_bold.nii.gz", self.voxels)

    def difference(self, model, folder):
        names, design = numbers(folder / "design.tsv")
        weights = np.array([{"a": 0.5, "b": 0.5, "c": -1}.get(name, 0) for name in names])
        is_drift = np.array([name.startswith("drift_") for name in names])
        found = volume(folder / "contrast-mix_stat-t_statmap.nii.gz")[self.voxels]
        noise = np.zeros((0, N_CHECKED))
        if model != "ols":
            noise = volumes(folder / "stat-noise_statmap.nii.gz")[:, self.voxels]
        atoms = None
        if model == "mixture":
            with h5py.File(folder / "estimates.h5") as estimates:
                atoms = estimates["runs/1/noise_atoms"][:]
        expected = [
            t_of_voxel(model, design, is_drift, self.series[:, i], noise[:, i], weights, atoms) for i in range(N_CHECKED)
        ]
        return largest_difference(found, expected)


class CheckRuns:
    """Two runs: the effect and its variance are those of the runs alone, weighted by their precisions."""

    def __init__(self, place, data):
        self.place, self.data = place, data

    def difference(self, model, folder):
        effects, variances = [], []
        for run in (1, 2):
            alone = folder.parent / f"alone-{run}"
            words = [str(word).replace("run1_", f"run{run}_") for word in command(self.place, self.data, model, 1)]
            called(with_output([*words, "--map-type", "float64", "--overwrite"], alone))
            effects.append(volume(alone / "contrast-mix_stat-effect_statmap.nii.gz"))
            variances.append(volume(alone / "contrast-mix_stat-variance_statmap.nii.gz"))
        precisions = [1 / np.where(v > 0, v, 1) for v in variances]
        effect = sum(e * p for e, p in zip(effects, precisions)) / sum(precisions)
        expected = np.where(variances[0] > 0, effect * np.sqrt(sum(precisions)), 0)
        return largest_difference(volume(folder / "contrast-mix_stat-t_statmap.nii.gz"), expected)


def run(place):
    scans, voxel_mm = (80, 8) if place.quick else (300, 2)
    data = place.bench_data("runs", "FOLDER", 2, scans, voxel_mm)
    check, check_runs = Check(data), CheckRuns(place, data)
    cases = []
    for name, (model, n_runs) in CASES.items():
        chosen = check if n_runs == 1 else check_runs
        saves = ["--save", "noise"] if n_runs == 1 and model != "ols" else []
        cases.append(Case(name, command(place, data, model, n_runs),
                          lambda folder, m=model, c=chosen: c.difference(m, folder), 1e-5, saves))  # fmt: skip
    return place.timed(["igzip", "-dc", data / "run1_bold.nii.gz"], cases)
