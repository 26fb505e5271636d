"""A whole study in one call, from BIDS to TFCE of the group, compared with decompressing its images.

Data: 40 participants with 2 runs of 60 rounds at 3 mm (`sociometer simulate`, seed 1).
Work: `sociometer run .. group` with docs/models/model-dissociation_smdl.json: three learning models, first levels with three
contrasts, group statistics with 1,000 sign flips of t and TFCE, regions, the dissociation.
Check: t of two contrasts in all voxels against numpy on the participants' effects, which the same call wrote; TFCE of five voxels
against a cluster that grows from the voxel (references/tfce.py). That the first levels are those of `fit` is a test (tests/cli/run_test.cpp).
Ratio: to `igzip -dc` of all images in the same round.
"""
import json

import numpy as np

from images import largest_difference, volume
from measuring import BENCH, OUTPUT, Case, Disagreement
from tasks.group_ols import t_map
from tasks.group_permutation import check_tfce

SPACE = "task-social_space-MNI152NLin2009cAsym"
CONTRASTS = ["outcome", "rank"]


def model_of(place, n_flips):
    """The model of the documents, with another number of flips for the small data."""
    model = json.loads((BENCH.parent / "docs" / "models" / "model-dissociation_smdl.json").read_text())
    for node in model["Nodes"]:
        if node["Level"] == "Dataset":
            node["Model"]["Software"]["Sociometer"]["Permutations"] = n_flips
    place.data.mkdir(parents=True, exist_ok=True)
    path = place.data / f"model-dissociation-{n_flips}_smdl.json"
    path.write_text(json.dumps(model))
    return path


def check(n_participants):
    def difference(folder):
        worst = 0.0
        for contrast in CONTRASTS:
            effects = sorted(folder.glob(f"node-subject/sub-*/sub-*_contrast-{contrast}_stat-effect_statmap.nii.gz"))
            if len(effects) != n_participants:
                raise Disagreement(f"{len(effects)} maps of {contrast}, of {n_participants} participants")
            stem = f"{SPACE}_contrast-{contrast}_desc-intercept"
            t = volume(folder / "node-dataset" / f"{stem}_stat-t_statmap.nii.gz")
            tested = np.isfinite(t) & (t != 0)
            values = np.array([volume(path)[tested] for path in effects])
            worst = max(worst, largest_difference(t[tested], t_map(np.ones((len(effects), 1)), values, 0)),
                        check_tfce(folder / "node-dataset", stem))  # fmt: skip
        return worst

    return difference


def run(place):
    participants, rounds, grid, n_flips = (4, 20, "tiny", 16) if place.quick else (40, 60, "3mm", 1000)
    study = place.made(f"study-{participants}-{rounds}-{grid}", place.program, "simulate", "FOLDER", "--participants", participants,
                       "--runs", 2, "--trials", rounds, "--grid", grid, "--seed", 1, "--log-level", "error")  # fmt: skip
    images = sorted(study.glob("derivatives/fmriprep/sub-*/func/*_desc-preproc_bold.nii.gz"))
    command = [place.program, "run", study, OUTPUT, "group", "--model", model_of(place, n_flips), "--log-level", "error"]
    case = Case(f"{participants} participants, 2 runs, {n_flips} flips", command, check(participants), 1e-4)
    return place.timed(["igzip", "-dc", *images], [case])
