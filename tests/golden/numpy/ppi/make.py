"""Interactions of a seed with events, and its deconvolution, written out from the papers: python3 make.py, here."""
import numpy as np
from scipy import optimize, stats

rng = np.random.default_rng(20261129)
scans, tr, bins, offset = 90, 2.0, 8, 4
fine, dt = scans * bins, tr / bins

# nilearn's SPM kernel on the fine grid: docs of nilearn, parameters 6, 16, ratio 0.167.
t = np.linspace(0, 32, int(np.rint(32 / dt)))
response = stats.gamma.pdf(t, 6, loc=dt) - 0.167 * stats.gamma.pdf(t, 16, loc=dt)
response /= response.sum()

# Two conditions; the second has a modulator, centred over its trials.
onsets = np.arange(18) * 9.5 + rng.uniform(0, 3, 18).round(2)
kind = np.array([0, 1] * 9)
value = rng.normal(size=18).round(3)
duration = np.where(kind == 0, 0.0, 2.5)


def course(chosen, weight):
    out = np.zeros(fine)
    for o, d, w in zip(onsets[chosen], duration[chosen], weight):
        first = int(np.ceil(o / dt - 1e-6))
        out[first:first + max(1, int(round(d / dt)))] += w
    return out


def at_scans(x):
    return np.convolve(x, response)[:fine][offset::bins][:scans]


centred = value[kind == 1] - value[kind == 1].mean()
courses = {"a": course(kind == 0, np.ones(9)), "b": course(kind == 1, np.ones(9)), "b:value": course(kind == 1, centred)}

activity = np.convolve(rng.normal(size=fine), np.ones(6) / 6)[:fine] + 0.8 * courses["b"]
confounds = np.c_[np.linspace(-1, 1, scans), rng.normal(size=scans)]
seed = 100 + 3 * at_scans(activity) + 2 * confounds[:, 0] + 0.15 * rng.normal(size=scans)

# Cosines, their responses, and the density of the adjusted series written out.
k, s = np.arange(scans), np.arange(fine)
basis = np.sqrt(2 / fine) * np.cos(np.pi * np.outer(s + 0.5, k) / fine)
basis[:, 0] = np.sqrt(1 / fine)
seen = np.array([at_scans(basis[:, j]) for j in range(scans)]).T
nuisance = np.c_[confounds, np.ones(scans)]
free = np.linalg.svd(nuisance, full_matrices=True)[0][:, 3:]
y, a = free.T @ seed, free.T @ seen


def deviance(log):
    v = np.exp(log[0]) * (a @ a.T) + np.exp(log[1]) * np.eye(len(y))
    return np.linalg.slogdet(v)[1] + y @ np.linalg.solve(v, y) + len(y) * np.log(2 * np.pi)


best = min((optimize.minimize(deviance, [i, j], method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 20000})
            for i in (-2, 0, 3) for j in (-6, -3, 0)), key=lambda r: r.fun)
vc, ve = np.exp(best.x)
# Posterior mean with the nuisance as unpenalised columns of one system.
whole = np.c_[seen, nuisance]
penalty = np.diag(np.r_[np.full(scans, ve / vc), np.zeros(3)])
solution = np.linalg.solve(whole.T @ whole + penalty, whole.T @ seed)
neural = basis @ solution[:scans]

table = {name: at_scans((c - c.mean()) * neural) for name, c in courses.items()}
np.savetxt("neural.tsv", neural, fmt="%.12g", header="neural", comments="")
np.savetxt("response.tsv", response, fmt="%.15g", header="response", comments="")
adjusted = free @ (free.T @ seed)
np.savetxt("scans.tsv", np.c_[seed, confounds, adjusted, at_scans(neural), np.array(list(table.values())).T], fmt="%.14g",
           delimiter="\t", header="\t".join(["seed", "c1", "c2", "adjusted", "convolved", *table]), comments="")
with open("events.tsv", "w") as f:
    f.write("onset\tduration\ttrial_type\tvalue\n")
    for o, d, i, v in zip(onsets, duration, kind, value):
        f.write(f"{o:.6g}\t{d:g}\t{'ab'[i]}\t{v if i else 'n/a'}\n")
with open("figures.tsv", "w") as f:
    f.write(f"log_likelihood\tratio\n{-0.5 * best.fun:.10g}\t{vc / ve:.8g}\n")
print(vc, ve, best.fun)

# The same seed as if sampled at the end of each scan: scan i is bin 8 i + 8, one bin more of grid.
offset, fine = bins, fine + 1
s = np.arange(fine)
basis = np.sqrt(2 / fine) * np.cos(np.pi * np.outer(s + 0.5, k) / fine)
basis[:, 0] = np.sqrt(1 / fine)
seen = np.array([at_scans(basis[:, j]) for j in range(scans)]).T
a = free.T @ seen
best = min((optimize.minimize(deviance, [i, j], method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 20000})
            for i in (-2, 0, 3) for j in (-6, -3, 0)), key=lambda r: r.fun)
vc, ve = np.exp(best.x)
whole = np.c_[seen, nuisance]
penalty = np.diag(np.r_[np.full(scans, ve / vc), np.zeros(3)])
neural = basis @ np.linalg.solve(whole.T @ whole + penalty, whole.T @ seed)[:scans]
late = {"a": course(kind == 0, np.ones(9)), "b": course(kind == 1, np.ones(9)), "b:value": course(kind == 1, centred)}
late = {name: at_scans((c - c.mean()) * neural) for name, c in late.items()}
np.savetxt("late.tsv", np.array(list(late.values())).T, fmt="%.14g", delimiter="\t", header="\t".join(late), comments="")
