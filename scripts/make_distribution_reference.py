#!/usr/bin/python3
"""Writes the reference values of tests/golden/mpmath/distributions with mpmath (60 digits).

Usage: scripts/make_distribution_reference.py tests/golden/mpmath/distributions
Needs python3-mpmath.
"""
import sys

import mpmath as mp

mp.mp.dps = 60


def log_ibeta(a, b, x):
    """log of the regularised incomplete beta function, from the series whose terms are all positive."""
    a, b, x = mp.mpf(a), mp.mpf(b), mp.mpf(x)
    prefix = a * mp.log(x) + b * mp.log1p(-x) - mp.log(a) - mp.log(mp.beta(a, b))
    term = total = mp.mpf(1)
    k = 0
    while term > total * mp.mpf(10) ** -60:
        term *= x * (a + b + k) / (a + 1 + k)
        total += term
        k += 1
    return prefix + mp.log(total)


def log1mexp(x):
    return mp.log(-mp.expm1(x))


def z_of(log_p):
    """z with log P(Z > z) = log_p."""
    start = mp.sqrt(-2 * log_p) if log_p < -1 else mp.mpf(0)
    return mp.findroot(lambda z: mp.log(mp.erfc(z / mp.sqrt(2)) / 2) - log_p, start)


def write(path, names, rows):
    with open(path, "w") as f:
        f.write("\t".join(names) + "\n")
        for row in rows:
            f.write("\t".join(mp.nstr(mp.mpf(v), 20) for v in row) + "\n")


def main(folder):
    rows = []
    for dof in (1, 2.5, 5, 20, 109, 288, 1000, 100000):
        for t in (1e-12, 1e-6, 0.01, 0.5, 1, 2, 3.5, 5, 8, 12, 20, 40, 41, 60, 100, 400, 10000):
            n, x = mp.mpf(dof), mp.mpf(t)
            w = n / (n + x * x)
            if x * x > 1:
                half = log_ibeta(n / 2, mp.mpf(1) / 2, w) + mp.log(mp.mpf(1) / 2)
            else:
                half = log1mexp(log_ibeta(mp.mpf(1) / 2, n / 2, x * x / (n + x * x))) + mp.log(mp.mpf(1) / 2)
            rows.append((t, dof, half, z_of(half)))
    write(f"{folder}/t.tsv", ("t", "dof", "log_p", "z"), rows)
    rows = []
    for dof1 in (1, 2, 3, 7):
        for dof2 in (2, 10, 109, 500):
            for f in (1e-6, 0.01, 0.3, 0.9, 1, 2, 5, 20, 100, 1000, 100000):
                a, b, x = mp.mpf(dof2) / 2, mp.mpf(dof1) / 2, mp.mpf(f)
                w = dof2 / (dof2 + dof1 * x)
                # The smaller tail is computed, the other follows from it.
                if w < mp.mpf(dof2) / (dof1 + dof2):
                    log_p = log_ibeta(a, b, w)
                    log_q = log1mexp(log_p)
                else:
                    log_q = log_ibeta(b, a, 1 - w)
                    log_p = log1mexp(log_q)
                rows.append((f, dof1, dof2, log_p, log_q, z_of(log_p) if log_p < log_q else -z_of(log_q)))
    write(f"{folder}/f.tsv", ("f", "dof1", "dof2", "log_p", "log_q", "z"), rows)


main(sys.argv[1])
