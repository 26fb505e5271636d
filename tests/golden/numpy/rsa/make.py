"""RSA on a small case, from the published definitions with dense matrices: writes the tables beside it. See README.md."""
import itertools
import pathlib

import numpy as np
from scipy import linalg, stats

rng = np.random.default_rng(20261129)
here = pathlib.Path(__file__).parent
N_TRIALS, N_VOXELS, N_RESIDUALS = 24, 9, 40


def save(name, values):
    np.savetxt(here / name, values, fmt="%.17g", delimiter="\t")


# Four conditions in three runs, two trials each; condition 3 is missing in run 2, condition 2 in run 3 occurs once.
run = np.repeat([1, 2, 3], 8)
condition = np.tile([0, 1, 2, 3, 3, 2, 1, 0], 3)
kept = ~((run == 2) & (condition == 3))
kept[np.flatnonzero((run == 3) & (condition == 2))[1]] = False
run, condition = run[kept], condition[kept]
onset = np.concatenate([np.cumsum(rng.integers(4, 12, np.sum(run == r))) for r in (1, 2, 3)]).astype(float)
value = np.round(rng.normal(size=run.size), 3)
true = rng.normal(size=(4, N_VOXELS)) * np.linspace(0.5, 2, N_VOXELS)
mixing = np.eye(N_VOXELS) + 0.3 * rng.normal(size=(N_VOXELS, N_VOXELS))
x = true[condition] + rng.normal(size=(run.size, N_VOXELS)) @ mixing + 3
residuals = rng.normal(size=(N_RESIDUALS, N_VOXELS)) @ mixing
residuals -= residuals.mean(0)
dof = N_RESIDUALS - 1
save("trials.tsv", np.column_stack([run, condition, onset, value]))
save("amplitudes.tsv", x)
save("residuals.tsv", residuals)


def ledoit_wolf(e):
    """Ledoit & Wolf 2004, eq. 14 and lemmas 3.2 - 3.4, times p throughout (their norm divides by p)."""
    n, p = e.shape
    s = sum(np.outer(row, row) for row in e) / n
    m = np.trace(s) / p
    d2 = np.sum((s - m * np.eye(p)) ** 2)
    b2 = min(d2, sum(np.sum((np.outer(row, row) - s) ** 2) for row in e) / n**2)
    return b2 / d2, b2 / d2 * m * np.eye(p) + (1 - b2 / d2) * s


def inverse_root(c):
    w, v = np.linalg.eigh(c)
    return v @ np.diag(w**-0.5) @ v.T


shrinkage, covariance = ledoit_wolf(residuals)
covariance *= N_RESIDUALS / dof
few_shrinkage, few = ledoit_wolf(residuals[:6])  # fewer residuals than voxels
save("shrinkage.tsv", [shrinkage, few_shrinkage])
groups = [x[(run == r) & (condition == c)] for r in (1, 2, 3) for c in range(4)]
contrasts = np.vstack([linalg.helmert(len(g)) @ g for g in groups if len(g) > 1])
deviations = np.vstack([g - g.mean(0) for g in groups if len(g) > 1])
assert np.allclose(contrasts.T @ contrasts, deviations.T @ deviations)
save("deviations.tsv", np.vstack([np.full(N_VOXELS, ledoit_wolf(contrasts)[0]), deviations.T @ deviations]))
save("covariance.tsv", covariance)
save("covariance_few.tsv", few * 6 / 5)
whitening = {"none": np.eye(N_VOXELS), "univariate": np.diag((np.sum(residuals**2, 0) / dof) ** -0.5),
             "multivariate": inverse_root(covariance)}

pairs = list(itertools.combinations(range(4), 2))
mean = np.array([x[condition == c].mean(0) for c in range(4)])


def crossnobis(patterns):
    out = []
    for i, j in pairs:
        d = []
        for r in (1, 2, 3):
            a, b = patterns[(run == r) & (condition == i)], patterns[(run == r) & (condition == j)]
            if len(a) and len(b):
                d.append(a.mean(0) - b.mean(0))
        products = [u @ v / N_VOXELS for k, u in enumerate(d) for m, v in enumerate(d) if k != m]
        out.append(np.mean(products))
    return out


rows = []  # a column per dissimilarity and normalisation
for w in whitening.values():
    m = mean @ w
    rows.append([1 - np.corrcoef(m[i], m[j])[0, 1] for i, j in pairs])
    rows.append([np.sum((m[i] - m[j]) ** 2) / N_VOXELS for i, j in pairs])
    rows.append(crossnobis(x @ w))
precision = np.linalg.inv(covariance)
rows.append([(mean[i] - mean[j]) @ precision @ (mean[i] - mean[j]) / N_VOXELS for i, j in pairs])
save("rdms.tsv", np.array(rows).T)

# Trials as items, all pairs and those between runs: comparisons with a model, run and time taken out.
n = run.size
all_pairs = list(itertools.combinations(range(n), 2))
y = np.array([1 - np.corrcoef(x[i], x[j])[0, 1] for i, j in all_pairs])
model = np.array([abs(value[i] - value[j]) for i, j in all_pairs])
other = np.array([float(condition[i] != condition[j]) for i, j in all_pairs])
same_run = np.array([run[i] == run[j] for i, j in all_pairs])
session, end = np.empty(n), 0.0  # each run a mean distance of trials after the one before
for r in (1, 2, 3):
    own = onset[run == r]
    session[run == r] = own - own[0] + end
    end = session[run == r][-1] + np.mean(np.diff(own))
time = np.array([round(abs(session[i] - session[j]), 3) for i, j in all_pairs])
weights = 1 / (1 + np.arange(y.size) % 5)


def residual(a, b):
    return a - b @ np.linalg.lstsq(b, a, rcond=None)[0]


def tau_a(a, b):
    return np.mean([np.sign((a[i] - a[j]) * (b[i] - b[j])) for i, j in itertools.combinations(range(len(a)), 2)])


def z(a, w=None):
    w = np.ones_like(a) if w is None else w
    centred = a - np.average(a, weights=w)
    return centred / np.sqrt(np.average(centred**2, weights=w))


def regression(a, w=None):
    design = np.column_stack([z(v, w) for v in a[1:]] + [np.ones_like(a[0])])
    root = np.sqrt(w if w is not None else np.ones_like(a[0]))
    return np.linalg.lstsq(design * root[:, None], z(a[0], w) * root, rcond=None)[0][0]


figures = []
for used in (np.ones(y.size, bool), ~same_run):
    a, m, o, s, t = y[used], model[used], other[used], (~same_run[used]).astype(float), time[used]
    ones = np.ones_like(a)
    ranks = [stats.rankdata(v) for v in (a, m, s, t)]
    nuisance = np.column_stack([ranks[2], ranks[3], ones])
    figures.append([
        stats.spearmanr(a, m)[0],
        np.corrcoef(residual(ranks[0], nuisance), residual(ranks[1], nuisance))[0, 1],
        tau_a(a, m), tau_a(a, o), np.corrcoef(a, m)[0, 1],
        np.corrcoef(residual(a, np.column_stack([s, t, ones])), residual(m, np.column_stack([s, t, ones])))[0, 1],
        a @ m / np.linalg.norm(a) / np.linalg.norm(m),
        regression([a, m, o]), regression([a, m, o], weights[used])])
save("comparisons.tsv", np.array(figures).T)

# Noise ceilings of five RDMs of ten pairs (Nili et al. 2014).
rdms = rng.normal(size=(10, 1)) + rng.normal(size=(10, 5))
save("five_rdms.tsv", rdms)
transforms = {"spearman": (stats.rankdata, lambda a, b: stats.spearmanr(a, b)[0]), "kendall": (stats.rankdata, tau_a),
              "pearson": (z, lambda a, b: np.corrcoef(a, b)[0, 1]),
              "cosine": (lambda a: a / np.linalg.norm(a), lambda a, b: a @ b / np.linalg.norm(a) / np.linalg.norm(b))}
ceilings = []
for transform, compare in transforms.values():
    t = np.apply_along_axis(transform, 0, rdms)
    upper = np.mean([compare(rdms[:, i], t.mean(1)) for i in range(5)])
    lower = np.mean([compare(rdms[:, i], np.delete(t, i, 1).mean(1)) for i in range(5)])
    ceilings.append([lower, upper])
save("ceilings.tsv", ceilings)

# What each voxel matters for a comparison, trials as items, pairs between runs: shares of the value, and what is lost
# without the voxel.
used = ~same_run
a_pairs = [p for p, u in zip(all_pairs, used) if u]
m, o, t = model[used], other[used], time[used]
ones = np.ones_like(m)


def squared(p):
    return np.array([np.mean((p[i] - p[j]) ** 2) for i, j in a_pairs])


def one_minus_r(p):
    return np.array([1 - np.corrcoef(p[i], p[j])[0, 1] for i, j in a_pairs])


def partial(a):
    b = np.column_stack([t, ones])
    return np.corrcoef(residual(a, b), residual(m, b))[0, 1]


def partial_ranks(a):
    b = np.column_stack([stats.rankdata(t), ones])
    return np.corrcoef(residual(stats.rankdata(a), b), residual(stats.rankdata(m), b))[0, 1]


def lost(rdm, compare):
    return [compare(rdm(x)) - compare(rdm(np.delete(x, v, 1))) for v in range(N_VOXELS)]


# The share is the slope of the numerator on the voxel's part: the whole RDM's value, its denominator held fixed.
columns = []
left = residual(m, np.column_stack([t, ones]))
whole = squared(x)
norm = np.linalg.norm(residual(whole, np.column_stack([t, ones]))) * np.linalg.norm(left)
columns.append([left @ np.array([(x[i, v] - x[j, v]) ** 2 for i, j in a_pairs]) / N_VOXELS / norm for v in range(N_VOXELS)])
w = weights[used]
root = np.sqrt(w)
weighted_left = residual(z(m, w) * root, np.column_stack([z(o, w), ones]) * root[:, None])
sd = np.sqrt(np.average((whole - np.average(whole, weights=w)) ** 2, weights=w))
columns.append([weighted_left @ (root * [(x[i, v] - x[j, v]) ** 2 for i, j in a_pairs]) / N_VOXELS / sd
                / (weighted_left @ weighted_left) for v in range(N_VOXELS)])
unit = np.array([(p - p.mean()) / np.linalg.norm(p - p.mean()) for p in x])
norm = np.linalg.norm(one_minus_r(x) - one_minus_r(x).mean()) * np.linalg.norm(m - m.mean())
columns.append([(m - m.mean()) @ [1 / N_VOXELS - unit[i, v] * unit[j, v] for i, j in a_pairs] / norm for v in range(N_VOXELS)])
columns.append(lost(squared, partial))
columns.append(lost(one_minus_r, partial_ranks))
columns.append(lost(squared, lambda a: regression([a, m, o], w)))
columns.append(lost(one_minus_r, lambda a: regression([a, m, o])))
assert np.isclose(np.sum(columns[0]), partial(whole)) and np.isclose(np.sum(columns[1]), regression([whole, m, o], w))
save("importance.tsv", np.array(columns).T)
