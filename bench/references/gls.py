"""Generalised least squares of one voxel with dense matrices, for each noise model as docs/numerics.md defines it.

Only the parameters of the noise come from the program (`--save noise`); all else is computed here from the definitions.
"""
import numpy as np


def autocovariances_of_ar(phi, n):
    """Lags 0 .. n-1 of a stationary AR process with innovation variance 1, from the Yule-Walker equations."""
    order = len(phi)
    equations = np.zeros((order + 1, order + 1))
    for k in range(order + 1):
        equations[k, k] += 1
        for j in range(1, order + 1):
            equations[k, abs(k - j)] -= phi[j - 1]
    lags = list(np.linalg.solve(equations, np.eye(order + 1)[0]))
    while len(lags) < n:
        lags.append(sum(phi[j] * lags[-1 - j] for j in range(order)))
    return np.array(lags[:n])


def toeplitz(lags):
    n = np.arange(len(lags))
    return np.asarray(lags)[abs(n[:, None] - n)]


def ar_covariance(phi, n):
    return toeplitz(autocovariances_of_ar(phi, n))


def arma11_covariance(a, b, n):
    share = (b + a) * (1 + a * b) / (1 + 2 * a * b + b * b)
    return toeplitz(np.concatenate([[1], share * a ** np.arange(n - 1)]))


def arma11_band(a, b):
    """The last lag at which AFNI's 3dREMLfit has a correlation: about the first whose correlation is below 1e-4."""
    share = (b + a) * (1 + a * b) / (1 + 2 * a * b + b * b)
    if abs(share) < 1e-4:
        return 0
    return 1 if a == 0 else 1 + int(np.ceil(np.log(1e-4 / abs(share)) / np.log(abs(a))))


def cut(V, band):
    n = np.arange(len(V))
    return np.where(abs(n[:, None] - n) <= band, V, 0)


def generalised(X, y, V, c, dof):
    """Effect, its variance, and what a change of the inverse covariance needs: (X'WX)^-1 c and the residual variance."""
    W = np.linalg.inv(V)
    G = np.linalg.inv(X.T @ W @ X)
    b = G @ (X.T @ (W @ y))
    r = y - X @ b
    s2 = r @ W @ r / dof
    return c @ b, s2 * (c @ G @ c), G @ c, s2


def partial_autocorrelations(phi):
    phi, found = np.array(phi), []
    while len(phi):
        last, rest = phi[-1], phi[:-1]
        found.append(last)
        phi = (rest + last * rest[::-1]) / (1 - last * last)
    return np.array(found[::-1])


def ar_of_partial(partial):
    phi = np.zeros(0)
    for p in partial:
        phi = np.concatenate([phi - p * phi[::-1], [p]])
    return phi


def averaged(X, y, noise, order, c, dof):
    """GLS at the mean of eta, with the variance v + 1/2 sum_k v_k^2 / v of the covariance of eta."""
    phi, n = noise[:order], len(y)
    spread = np.zeros((order, order))
    spread[np.tril_indices(order)] = noise[order:]
    axes = np.linalg.cholesky(np.tril(spread) + np.tril(spread, -1).T)
    effect, variance, weights, s2 = generalised(X, y, ar_covariance(phi, n), c, dof)
    eta, on_scans, more = np.arctanh(partial_autocorrelations(phi)), X @ weights, 0

    def inverse_at(coordinates):
        return np.linalg.inv(ar_covariance(ar_of_partial(np.tanh(coordinates)), n))

    for axis in axes.T:
        change = (inverse_at(eta + axis) - inverse_at(eta - axis)) / 2
        more += (s2 * (on_scans @ change @ on_scans)) ** 2 / variance
    return effect, variance + more / 2


def spm_ar1(X, y, weight, is_drift, c, dof):
    """Data and design times V^-1/2, then the drift projected out as it is."""
    n = len(y)
    lag = np.arange(n)
    V = toeplitz(0.2**lag) + weight * toeplitz(np.where(lag > 0, lag * 0.2 ** (lag - 1.0), 0))
    values, vectors = np.linalg.eigh(V)
    whiten = vectors @ np.diag(values**-0.5) @ vectors.T
    drift = np.linalg.qr(X[:, is_drift])[0]
    filtered = whiten - drift @ (drift.T @ whiten)
    return least_squares(filtered @ X[:, ~is_drift], filtered @ y, c[~is_drift], dof)


def tukey(X, y, autocorrelations, c, dof):
    """Data and design divided by the square root of the spectrum of the tapered autocorrelations."""
    n, padded = len(y), 1
    while padded < n:
        padded *= 2
    lags = np.zeros(padded)
    lags[0] = 1
    lags[1 : len(autocorrelations) + 1] = autocorrelations
    lags[padded - len(autocorrelations) :] = autocorrelations[::-1]
    gain = np.fft.fft(lags).real ** -0.5

    def whitened(columns):
        return np.fft.ifft(np.fft.fft(columns, padded, axis=0) * gain[:, None], axis=0).real[:n]

    return least_squares(whitened(X), whitened(y[:, None])[:, 0], c, dof)


def least_squares(X, y, c, dof):
    b = np.linalg.lstsq(X, y, rcond=None)[0]
    r = y - X @ b
    on_scans = c @ np.linalg.pinv(X)
    return c @ b, r @ r / dof * (on_scans @ on_scans)


def mixture(X, y, noise, atoms, c, dof):
    """The posterior mean of the effect, and the scale of the one t that has the second and fourth moments of its mixture.

    @param noise  probabilities of the processes, then residual variances under them
    @param atoms  coefficients of the processes, one row each
    """
    probability, variance = np.split(noise, 2)
    effect = second = fourth = 0
    for p, s2, phi in zip(probability, variance, atoms):
        if p > 0:
            found, scale, _, own = generalised(X, y, ar_covariance(phi, len(y)), c, dof)
            effect += p * found
            scale *= s2 / own
            second += p * scale * dof / (dof - 2)
            fourth += p * 3 * scale**2 * dof**2 / ((dof - 2) * (dof - 4))
    matched = 4 + 6 / (fourth / second**2 - 3)
    return effect, second * (matched - 2) / matched


def t_of_voxel(model, X, is_drift, y, noise, c, atoms=None):
    """t of contrast c.

    @param X      (n_scans, n_columns), of full rank
    @param noise  the model's parameters in this voxel
    @param atoms  the run's, of mixture
    """
    n, dof = len(y), len(y) - X.shape[1]
    if model == "ols":
        effect, variance = least_squares(X, y, c, dof)
    elif model.endswith("-averaged"):
        order = int(model[2])
        effect, variance = averaged(X, y, noise, order, c, dof - order)
    elif model in ("arma11", "arma11-afni"):
        V = arma11_covariance(noise[0], noise[1], n)
        if model == "arma11-afni":
            V = cut(V, arma11_band(noise[0], noise[1]))
        effect, variance = generalised(X, y, V, c, dof)[:2]
    elif model == "spm-ar1":
        effect, variance = spm_ar1(X, y, noise[0], is_drift, c, dof)
    elif model == "mixture":
        effect, variance = mixture(X, y, noise, atoms, c, dof)
    elif model == "tukey":
        effect, variance = tukey(X, y, noise, c, dof)
    else:  # ar1 .. ar5, auto: each voxel's own coefficients
        effect, variance = generalised(X, y, ar_covariance(noise, n), c, dof)[:2]
    return effect / np.sqrt(variance)
