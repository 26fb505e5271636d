"""Means of runs weighted by estimated precisions: what their variance is, and Meier's estimate of it.

Writes the tables of this folder; README.md says what they hold.
"""
import numpy as np
from scipy import integrate, special, stats


def exact_variance(nu1, nu2, k):
    """Of the mean of two runs with true variances 1 and k: an integral over the ratio of their estimates, which has an F distribution."""

    def integrand(f):
        r = k * f
        return ((r / (1 + r)) ** 2 + k / (1 + r) ** 2) * stats.f.pdf(f, nu2, nu1)

    return integrate.quad(integrand, 0, 1, epsabs=1e-12)[0] + integrate.quad(integrand, 1, np.inf, epsabs=1e-12)[0]


def chi_square_nodes(nu, n=80):
    """Gauss-Laguerre nodes and weights of a chi-square over its degrees of freedom."""
    x, w = special.roots_genlaguerre(n, nu / 2 - 1)
    return 2 * x / nu, w / w.sum()


def expected_estimates(nu1, nu2, k):
    """Mean of 1 / sum w, and of Meier's variance."""
    (x1, w1), (x2, w2) = chi_square_nodes(nu1), chi_square_nodes(nu2)
    s1, s2 = np.meshgrid(x1, k * x2, indexing="ij")
    weight = np.outer(w1, w2)
    plain = s1 * s2 / (s1 + s2)
    p = s2 / (s1 + s2)
    meier = plain * (1 + 4 * p * (1 - p) * (1 / nu1 + 1 / nu2))
    return (weight * plain).sum(), (weight * meier).sum()


def rows_of_exact():
    for nu1, nu2, k in [(12, 12, 1), (30, 30, 1), (30, 30, 4), (20, 60, 0.5), (130, 130, 1), (130, 130, 2)]:
        yield [nu1, nu2, k, exact_variance(nu1, nu2, k), *expected_estimates(nu1, nu2, k)]


def combined(effects, covariances, nus):
    """Meier's formula with matrices in place of numbers, term by term. q effects of each run."""
    q = len(effects[0])
    weights = [np.linalg.inv(c) for c in covariances]
    c = np.linalg.inv(sum(weights))
    effect = c @ sum(w @ b for w, b in zip(weights, effects))
    correction, dof = np.zeros((q, q)), 0
    for w, nu in zip(weights, nus):
        p = c @ w
        correction += 4 / nu * p @ (np.eye(q) - p) @ c
        dof += (np.trace(p) / q) ** 2 / nu
    covariance = c + correction
    f = effect @ np.linalg.solve(covariance, effect) / q
    return [*effect, *np.diag(covariance), f, 1 / dof]


def random_runs(rng, q, n):
    effects, covariances = [], []
    for _ in range(n):
        root = rng.normal(size=(q, q + 2))
        covariances.append(root @ root.T * rng.uniform(0.2, 3))
        effects.append(rng.normal(size=q))
    return effects, covariances, [17, 44.5, 90][:n]


rng = np.random.default_rng(20261129)
np.savetxt("exact.tsv", list(rows_of_exact()), fmt="%.10g", delimiter="\t", header="nu1 nu2 ratio exact plain meier")
for q in (1, 2):
    effects, covariances, nus = random_runs(rng, q, 3)
    lower = [c[np.tril_indices(q)] for c in covariances]
    np.savetxt(f"runs_{q}.tsv", [[*b, *c, nu] for b, c, nu in zip(effects, lower, nus)], fmt="%.17g", delimiter="\t", header="effects, lower triangle of covariances, dof; a line per run")
    np.savetxt(f"meier_{q}.tsv", [combined(effects, covariances, nus)], fmt="%.17g", delimiter="\t", header="effects, variances, F, dof")
