"""Writes large.tsv: ln BF10 where BayesFactor uses an approximation, by mpmath with 40 digits (Rouder et al. 2009, eq. 1)."""
import mpmath as mp

mp.mp.dps = 40


def log_bf(t, n, scale):
    t, n, r = mp.mpf(t), mp.mpf(n), mp.mpf(scale)
    dof = n - 1

    def integrand(u):
        g = mp.exp(u)
        spread = 1 + n * g * r * r
        ratio = ((1 + t * t / dof) / (1 + t * t / (spread * dof))) ** ((dof + 1) / 2)
        return ratio / mp.sqrt(spread * 2 * mp.pi * g) * mp.exp(-1 / (2 * g))

    return mp.log(mp.quad(integrand, list(range(-8, 100, 2))))


with open("large.tsv", "w") as out:
    out.write("t\tn\tscale\tlog_bf\n")
    for scale in (2 ** 0.5 / 2, 1.0):
        for t in (2.0, 12.0, 40.0, 150.0):
            for n in (2, 5, 44, 300, 5000):
                out.write(f"{t}\t{n}\t{scale!r}\t{mp.nstr(log_bf(t, n, scale), 20)}\n")
