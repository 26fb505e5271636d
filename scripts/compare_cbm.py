#!/usr/bin/env python3
"""Compares `sociometer learn` with the published example of the cbm toolbox (Piray et al. 2019).

Usage: scripts/compare_cbm.py ALL_DATA.mat SOCIOMETER FOLDER [LAP_RL.mat LAP_dualRL.mat]

ALL_DATA.mat is example_RL_task/all_data.mat of github.com/payampiray/cbm: 40 simulated participants
(10 learn with one rate, 30 with two), each with `actions` (1, 2) and `outcome` (1, 0). Writes their
choices as events tables to FOLDER/study, fits both models with normal(0, variance 6.25) priors on
transformed parameters and initial values of 0, infers models and groups jointly, and prints the
results beside the published ones: frequencies .29 and .71, protected exceedance .996 for two rates.
With the toolbox's own Laplace fits, also prints the largest parameter difference; 1e-6 is expected.
Needs python3-scipy. Tested on a simulated file of this layout; the published file itself has not
been available.
"""
import csv
import json
import pathlib
import subprocess
import sys

import numpy as np
import scipy.io

MODELS = {"rw-outcome": ["alpha", "beta"],
          "rw-outcome-signed": ["alpha_positive", "alpha_negative", "beta"]}


def write_events(people, study):
    for i, person in enumerate(people, 1):
        folder = study / f"sub-{i:02d}" / "func"
        folder.mkdir(parents=True, exist_ok=True)
        actions, outcomes = np.ravel(person.actions), np.ravel(person.outcome)
        with open(folder / f"sub-{i:02d}_task-bandit_events.tsv", "w") as f:
            f.write("onset\tduration\ttrial_type\toption_left\toption_right\tchosen\toutcome\n")
            for t, (action, outcome) in enumerate(zip(actions, outcomes)):
                f.write(f"{2 * t}\t1\tchoice\tA1\tA2\tA{int(action)}\tn/a\n")
                f.write(f"{2 * t + 1}\t1\tfeedback\tn/a\tn/a\tn/a\t{int(outcome)}\n")


def settings():
    wide = {"family": "normal_transformed", "mean": 0, "sd": 2.5}
    names = {name for parameters in MODELS.values() for name in parameters}
    return {"initial_value": 0, "priors": {name: wide for name in names}}


def read(path):
    with open(path) as f:
        return list(csv.DictReader(f, delimiter="\t"))


def run(program, folder, out, *more):
    subprocess.run([program, "learn", folder / "study", folder / out, "--models", ",".join(MODELS),
                    "--settings", folder / "settings.json", "--columns", folder / "columns.json",
                    *more], check=True)


def transformed(name, x):
    return np.log(x) if name == "beta" else np.log(x) - np.log1p(-x)


def compare_fits(folder, paths):
    rows = read(folder / "laplace" / "task-bandit_parameters.tsv")
    for (model, names), path in zip(MODELS.items(), paths):
        theirs = scipy.io.loadmat(path, squeeze_me=True, struct_as_record=False)["cbm"].output.parameters
        worst = 0
        for k, name in enumerate(names):
            ours = [transformed(name, float(r["estimate"])) for r in rows
                    if r["model"] == model and r["parameter"] == name]
            worst = max(worst, np.abs(np.array(ours) - theirs[:, k]).max())
        print(f"{model}: largest difference of transformed parameters {worst:.2e} (wanted: 1e-6)")


def main():
    if len(sys.argv) not in (4, 6):
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[3])
    people = np.ravel(scipy.io.loadmat(sys.argv[1], squeeze_me=True, struct_as_record=False)["data"])
    write_events(people, folder / "study")
    (folder / "settings.json").write_text(json.dumps(settings()))
    (folder / "columns.json").write_text(json.dumps({"trial": None, "outcome": "outcome", "rank": None,
                                                         "rank_visible": None}))
    run(sys.argv[2], folder, "hbi", "--group-priors", "hbi")
    print("model, frequency (published), protected exceedance (published)")
    for row, frequency, exceedance in zip(read(folder / "hbi" / "task-bandit_comparison.tsv"),
                                          (.29, .71), (.004, .996)):
        print(f"{row['model']}: {float(row['expected_frequency']):.3f} ({frequency}), "
              f"{float(row['protected_exceedance_probability']):.3f} ({exceedance})")
    if len(sys.argv) == 6:
        run(sys.argv[2], folder, "laplace", "--density-space", "transformed", "--evidence", "laplace")
        compare_fits(folder, sys.argv[4:])


main()
