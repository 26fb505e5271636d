"""Single trials: `trials` against one `fit` of the same model, on the same file.

Data: a run of 300 scans on a 2 mm grid, 232,149 voxels in the mask, with 60 trials of three conditions.
Check: amplitudes in 20 voxels against a least-squares fit of each trial's own design, built from the design of the trials
(a column per trial: `fit` with each trial as a condition); white noise, so that no parameters are needed.
Ratio: to `fit` of the same events, confounds and noise model without contrasts or estimates in the same round. The aim is 2.
"""
import numpy as np

from images import largest_difference, numbers, series, volume, volumes
from measuring import OUTPUT, Case, called, with_output

N_CHECKED, N_TRIALS = 20, 60
NOISE = ["ols", "ar1", "ar4-averaged"]


def events_of(scans):
    """60 trials of three conditions over the run, TR 2 s."""
    rng = np.random.default_rng(8)
    step = (2 * scans - 40) / N_TRIALS
    onsets = 4 + step * np.arange(N_TRIALS) + rng.uniform(0, step / 3, N_TRIALS)
    return [(round(float(onset), 2), 1, "abc"[i % 3]) for i, onset in enumerate(onsets)]


def write_events(path, rows):
    path.write_text("onset\tduration\ttrial_type\n" + "".join(f"{a}\t{b}\t{c}\n" for a, b, c in rows))


def words(place, data, events, command, noise, *more):
    return [place.program, command, "--bold", data / "run1_bold.nii.gz", "--events", events, "--confounds",
            data / "run1_confounds.tsv", "--mask", data / "mask.nii.gz", "--noise-model", noise, *more, "-o", OUTPUT,
            "--log-level", "error"]  # fmt: skip


class Check:
    """LSS amplitudes of some voxels by one least-squares fit per trial."""

    def __init__(self, place, data, rows, scans):
        inside = np.flatnonzero(volume(data / "mask.nii.gz"))
        self.voxels = np.sort(np.random.default_rng(5).choice(inside, N_CHECKED, replace=False))
        y = series(data / "run1_bold.nii.gz", self.voxels)
        apart = data / "apart_events.tsv"
        write_events(apart, [(a, b, f"trial{i:03d}") for i, (a, b, _) in enumerate(rows)])
        folder = data / "apart"
        called(with_output([*words(place, data, apart, "design", "ols")[:2], "--events", apart, "--confounds",
                            data / "run1_confounds.tsv", "--tr", "2", "--n-scans", str(scans), "-o", OUTPUT,
                            "--overwrite", "--log-level", "error"], folder))  # fmt: skip
        names, x = numbers(folder / "design.tsv")
        own = x[:, [names.index(f"trial{i:03d}") for i in range(N_TRIALS)]]
        rest = x[:, [j for j, name in enumerate(names) if not name.startswith("trial")]]
        condition = np.array(["abc".index(c) for _, _, c in rows])
        self.expected = np.array([self.amplitude(own, rest, condition, i, y) for i in range(N_TRIALS)])

    @staticmethod
    def amplitude(own, rest, condition, i, y):
        others = np.arange(N_TRIALS) != i
        columns = [own[:, others & (condition == c)].sum(1) for c in range(3)]
        return np.linalg.lstsq(np.column_stack([own[:, i], *columns, rest]), y, rcond=None)[0][0]

    def difference(self, folder):
        return largest_difference(volumes(folder / "desc-trials_stat-effect_statmap.nii.gz")[:, self.voxels], self.expected)


def run(place):
    scans, voxel_mm = (80, 8) if place.quick else (300, 2)
    data = place.bench_data("runs", "FOLDER", 2, scans, voxel_mm)
    rows = events_of(scans)
    events = data / "trials_events.tsv"
    write_events(events, rows)
    check = Check(place, data, rows, scans)
    cases = []
    for noise in NOISE:
        # Only white noise has the check: under the others amplitudes differ as the noise does.
        difference = check.difference if noise == "ols" else lambda folder: 0.0
        cases.append(Case(f"trials, {noise}", words(place, data, events, "trials", noise), difference, 1e-4))
        cases.append(Case(f"fit, {noise}", words(place, data, events, "fit", noise, "--no-estimates", "--contrast", "a"),
                          lambda folder: 0.0, 1e-4))  # fmt: skip
    return place.timed(["igzip", "-dc", data / "run1_bold.nii.gz"], cases)
