"""Single trials by refits, one design per trial: writes the tables beside it. See README.md."""
import pathlib

import numpy as np

N_SCANS, TR, RHO = 90, 2.0, 0.4
rng = np.random.default_rng(20261129)
here = pathlib.Path(__file__).parent


def save(name, values):
    np.savetxt(here / name, values, fmt="%.17g", delimiter="\t")


def response(onset):
    """A gamma density (shape 6, scale 1 s) after the onset, at the scans."""
    t = np.clip(np.arange(N_SCANS) * TR - onset, 0, None)
    return t**5 * np.exp(-t) / 120


onsets = np.array([4, 13, 25, 31, 40, 52, 61, 73, 84, 91, 103, 110, 124, 133, 142, 150], float)
condition = np.array([0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 0, 1, 1, 0, 0, 1])
value = np.round(rng.normal(size=onsets.size), 3)
value[condition == 0] -= value[condition == 0].mean()
trials = np.column_stack([response(onset) for onset in onsets])
t = np.arange(N_SCANS)
nuisance = np.column_stack([np.cos(np.pi * (t + 0.5) / N_SCANS), rng.normal(size=N_SCANS), np.ones(N_SCANS)])
noise = rng.normal(size=(N_SCANS, 5))
for i in range(1, N_SCANS):
    noise[i] += RHO * noise[i - 1]
series = 100 + trials @ rng.normal(1, 1, size=(onsets.size, 5)) * 4 + nuisance[:, :2] @ rng.normal(size=(2, 5)) + noise

covariance = RHO ** np.abs(t[:, None] - t[None])
whitening = np.linalg.inv(np.linalg.cholesky(covariance))


def first_coefficient(design, w):
    """The coefficient of the first column and its standard error."""
    x, y = w @ design, w @ series
    b, _, rank, _ = np.linalg.lstsq(x, y, rcond=None)
    s2 = ((y - x @ b) ** 2).sum(0) / (N_SCANS - rank)
    return b[0], np.sqrt(s2 * np.linalg.inv(x.T @ x)[0, 0])


def lss(w, together, modulated=False):
    """A design per trial: it, the others' columns, nuisance."""
    rows, errors = [], []
    for i in range(onsets.size):
        others = np.arange(onsets.size) != i
        columns = [trials[:, i]]
        for group in [others] if together else [others & (condition == c) for c in (0, 1)]:
            columns.append(trials[:, group].sum(1))
        if modulated:
            group = others & (condition == 0)
            columns.append(trials[:, group] @ value[group])
        b, se = first_coefficient(np.column_stack([*columns, nuisance]), w)
        rows.append(b)
        errors.append(se)
    return np.array(rows), np.array(errors)


save("trials.tsv", trials)
save("nuisance.tsv", nuisance)
save("series.tsv", series)
save("conditions.tsv", np.column_stack([condition, value]))
for name, w in [("ols", np.eye(N_SCANS)), ("ar1", whitening)]:
    amplitude, error = lss(w, together=False)
    save(f"lss_{name}.tsv", amplitude)
    save(f"lss_{name}_error.tsv", error)
    save(f"lss_together_{name}.tsv", lss(w, together=True)[0])
    save(f"lss_modulated_{name}.tsv", lss(w, together=False, modulated=True)[0])
save("lsa_ols.tsv", np.linalg.lstsq(np.column_stack([trials, nuisance]), series, rcond=None)[0][: onsets.size])
