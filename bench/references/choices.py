#!/usr/bin/env python3
"""Likelihood of choices under four models of docs/reference/learning.md, in plain Python.

As a program, `choices.py STUDY N`: the hybrid's likelihood of every participant on an N x N grid of w and beta. This is
what bench/tasks/learn.py compares times with.
"""
import csv
import math
import pathlib
import sys

RANKS, RANK_MEAN, RANK_VARIANCE, RANK_NOISE = 8, 4.5, 5.25, 1.0
PARAMETERS = {"hybrid": ["w", "beta"], "rank": ["beta"], "outcome": ["beta"], "rw": ["alpha", "w", "beta"]}


def number(cell):
    return None if cell == "n/a" else float(cell)


def rounds_of(study):
    """{participant: [(left, right, chosen, rank, match)]} of all runs in order."""
    people = {}
    for path in sorted(pathlib.Path(study).glob("sub-*/func/*_events.tsv")):
        rounds = people.setdefault(path.name.split("_")[0], [])
        with open(path, newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                if row["trial_type"] == "choice":
                    rounds.append([row["option_left"], row["option_right"], row["chosen"], None, None])
                elif row["trial_type"] == "feedback":
                    rank = number(row["rank"]) if row["rank_visible"] == "1" else None
                    rounds[-1][3:] = [rank, number(row["match"])]
    return people


def value_of_rank(rank):
    return 1 - (rank - 1) / (RANKS - 1)


class IdealObserver:
    def __init__(self, w):
        self.w, self.ranks, self.outcomes = w, {}, {}

    def value(self, option):
        mean, _ = self.ranks.get(option, (RANK_MEAN, RANK_VARIANCE))
        hits, misses = self.outcomes.get(option, (1, 1))
        return self.w * value_of_rank(mean) + (1 - self.w) * hits / (hits + misses)

    def learn(self, option, rank, match):
        if rank is not None:
            mean, variance = self.ranks.get(option, (RANK_MEAN, RANK_VARIANCE))
            gain = variance / (variance + RANK_NOISE)
            self.ranks[option] = mean + gain * (rank - mean), (1 - gain) * variance
        if match is not None:
            hits, misses = self.outcomes.get(option, (1, 1))
            self.outcomes[option] = hits + match, misses + 1 - match


class RescorlaWagner:
    def __init__(self, alpha, w):
        self.alpha, self.w, self.ranks, self.outcomes = alpha, w, {}, {}

    def value(self, option):
        return self.w * self.ranks.get(option, 0.5) + (1 - self.w) * self.outcomes.get(option, 0.5)

    def learn(self, option, rank, match):
        if rank is not None:
            old = self.ranks.get(option, 0.5)
            self.ranks[option] = old + self.alpha * (value_of_rank(rank) - old)
        if match is not None:
            old = self.outcomes.get(option, 0.5)
            self.outcomes[option] = old + self.alpha * (match - old)


def learner(model, p):
    if model == "rw":
        return RescorlaWagner(p["alpha"], p["w"])
    return IdealObserver({"rank": 1, "outcome": 0}.get(model, p.get("w")))


def log_likelihood(model, p, rounds):
    state, total = learner(model, p), 0.0
    for left, right, chosen, rank, match in rounds:
        if chosen not in (left, right):
            continue  # no response
        other = right if chosen == left else left
        total -= math.log1p(math.exp(-p["beta"] * (state.value(chosen) - state.value(other))))
        state.learn(chosen, rank, match)
    return total


def log_prior(p):
    """beta: gamma(1.2, scale 5); w, alpha: beta(1.1, 1.1)."""
    total = 0.2 * math.log(p["beta"]) - p["beta"] / 5 - math.lgamma(1.2) - 1.2 * math.log(5)
    for name in ("w", "alpha"):
        if name in p:
            total += 0.1 * math.log(p[name] * (1 - p[name])) - 2 * math.lgamma(1.1) + math.lgamma(2.2)
    return total


def main():
    n = int(sys.argv[2])
    for person, rounds in rounds_of(sys.argv[1]).items():
        grid = [(w / n + 0.5 / n, 20 * (b + 1) / n) for w in range(n) for b in range(n)]
        best = max(grid, key=lambda p: log_likelihood("hybrid", {"w": p[0], "beta": p[1]}, rounds))
        print(person, *best, sep="\t")


if __name__ == "__main__":
    main()
