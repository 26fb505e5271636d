"""All runs of a BIDS study, found without a database, compared with a plain listing of the same folders.

Data: a raw dataset and fMRIPrep derivatives of 1,000 participants with 4 runs, three spaces and surfaces: 92,003 empty files.
Check: image, mask, confounds and events of every run against the names that the study was made with.
Ratio: to `find` of the same folders in the same round.
"""
from measuring import Case, Disagreement, called


def expected(participants, n_runs):
    """A line per run: image, mask, confounds, events."""
    for participant in participants:
        for run in range(1, n_runs + 1):
            stem = f"fmriprep/sub-{participant}/func/sub-{participant}_task-x_run-{run}_"
            space = f"{stem}space-MNI152NLin2009cAsym_res-2_desc-"
            events = f"raw/sub-{participant}/func/sub-{participant}_task-x_run-{run:02}_events.tsv"
            yield "\t".join([f"{space}preproc_bold.nii.gz", f"{space}brain_mask.nii.gz", f"{stem}desc-confounds_timeseries.tsv", events])


def run(place):
    n_participants, n_runs = (20, 2) if place.quick else (1000, 4)
    program = place.build / "bench" / "bench_bids_index"
    study = place.made(f"bids-{n_participants}-{n_runs}", program, "make", "FOLDER", n_participants, n_runs)
    everyone = [f"{i:04}" for i in range(1, n_participants + 1)]
    cases = []
    for name, more, participants in ((f"{n_participants} participants", [], everyone), ("one participant", ["0001"], ["0001"])):
        command = [program, "find", study, *more]

        def check(_, command=command, participants=participants):
            if called(command).splitlines() != list(expected(participants, n_runs)):
                raise Disagreement("other runs or files than the study was made with")
            return 0

        cases.append(Case(name, command, check, 0))
    return place.timed(["find", study], cases)
