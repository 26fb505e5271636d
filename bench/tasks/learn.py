"""Learning models fitted to the choices of a simulated study, compared with the likelihood in plain Python.

Data: 40 participants, 2 runs of 60 rounds (`sociometer simulate`, seed 1).
Check: log likelihood and log posterior of every participant at the reported parameters against references/choices.py; and no
parameter moved by 1 % gives a larger posterior.
Ratio: to an 8 x 8 grid of the hybrid's likelihood of every participant in Python in the same round.
"""
import sys

from images import largest_difference, table
from measuring import BENCH, OUTPUT, Case
from references.choices import PARAMETERS, log_likelihood, log_prior, rounds_of


def check(study, models):
    people = rounds_of(study)

    def posterior(model, p, person):
        return log_likelihood(model, p, people[person]) + log_prior(p)

    def difference(folder):
        estimates = {}
        for row in table(folder / "task-social_parameters.tsv"):
            estimates.setdefault((row["participant_id"], row["model"]), {})[row["parameter"]] = float(row["estimate"])
        fits = table(folder / "task-social_fits.tsv")
        if len(fits) != len(people) * len(models):
            return float("inf")
        found, expected, worst = [], [], 0.0
        for fit in fits:
            person, model = fit["participant_id"], fit["model"]
            p = estimates[person, model]
            found += [float(fit["log_likelihood"]), float(fit["log_posterior"])]
            here = posterior(model, p, person)
            expected += [log_likelihood(model, p, people[person]), here]
            for name in PARAMETERS[model]:
                for moved in (0.99 * p[name], 1.01 * p[name]):
                    if name == "beta" or moved < 1:
                        worst = max(worst, posterior(model, {**p, name: moved}, person) - here)
        return max(worst, largest_difference(found, expected))

    return difference


def run(place):
    participants, rounds, grid = (4, 16, 4) if place.quick else (40, 60, 8)
    study = place.made(f"study-{participants}-{rounds}", place.program, "simulate", "FOLDER", "--participants", participants,
                       "--runs", 2, "--trials", rounds, "--grid", "tiny", "--seed", 1, "--log-level", "error")  # fmt: skip
    cases = [Case(models, [place.program, "learn", study, OUTPUT, "--models", models, "--log-level", "error"],
                  check(study, models.split(",")), 1e-8) for models in ("hybrid", "hybrid,rank,outcome", "rw")]  # fmt: skip
    return place.timed([sys.executable, BENCH / "references" / "choices.py", study, grid], cases)
