"""A tiny study, commands on it, and comparison of folders byte by byte, for faults.py and same_bytes.py."""
import gzip
import json
import os
import pathlib
import shutil
import subprocess

SUBJECTS = [f"sub-{i:02d}" for i in range(1, 5)]
DERIVATIVES = "given/study/derivatives"
SPACE = "space-MNI152NLin2009cAsym"
N_VOXELS = 400
HIDDEN = (".sociometer-", ".partial")

MODEL = {
    "Name": "faults",
    "BIDSModelVersion": "1.0.0",
    "Nodes": [
        {"Level": "Run", "Name": "run", "GroupBy": ["run", "subject"],
         "Transformations": {"Transformer": "pybids-transforms-v1", "Instructions": [
             {"Name": "Factor", "Input": ["trial_type"]},
             {"Name": "Convolve", "Model": "spm", "Input": ["trial_type.*"]}]},
         "Model": {"Type": "glm", "X": ["trial_type.*", 1]},
         "Contrasts": [{"Name": "feedback", "ConditionList": ["trial_type.feedback"],
                        "Weights": [1], "Test": "t"}]},
        {"Level": "Subject", "Name": "subject", "GroupBy": ["subject", "contrast"],
         "Model": {"Type": "meta", "X": [1]}, "DummyContrasts": {"Test": "t"}},
        {"Level": "Dataset", "Name": "dataset", "GroupBy": ["contrast"],
         "Model": {"Type": "glm", "X": [1]}, "DummyContrasts": {"Test": "t"}}],
}


def image(subject):
    name = f"{subject}_task-social_run-1_{SPACE}_desc-preproc_bold.nii.gz"
    return f"{DERIVATIVES}/fmriprep/{subject}/func/{name}"


def events(subject):
    name = f"{subject}_task-social_run-1_desc-signals_events.tsv"
    return f"given/learning/{subject}/func/{name}"


def fit(subject, output, contrast="feedback:outcome_update"):
    confounds = f"{subject}_task-social_run-1_desc-confounds_timeseries.tsv"
    return ["fit", "--bold", image(subject), "--events", events(subject),
            "--confounds", f"{DERIVATIVES}/fmriprep/{subject}/func/{confounds}",
            "--confound-columns", "trans_?", "--modulators", "feedback:outcome_update",
            "--contrast", f"outcome={contrast}", "--noise-model", "ar1",
            "--mask", "given/small.nii.gz", "--prefix", subject, "-o", output]


def effects():
    return [f"given/first/{s}/{s}_contrast-outcome_stat-effect_statmap.nii.gz" for s in SUBJECTS]


def group(output, seed=1, permutations=40):
    return ["group", "--effects", *effects(), "--permutations", str(permutations),
            "--seed", str(seed), "--statistic", "voxel,tfce", "-o", output]


def extract(output, contrast="feedback:outcome_update"):
    estimates = [f"given/first/{s}/{s}_estimates.h5" for s in SUBJECTS]
    return ["roi", "extract", "--estimates", *estimates, "--rois", "region=given/region.nii.gz",
            "--contrast", f"outcome={contrast}", "-o", output]


def learn(output, models="hybrid,random"):
    return ["learn", "given/study", output, "--models", models, "--evidence", "laplace"]


def simulate(output, seed=3, participants=4, trials=16):
    return ["simulate", output, "--participants", str(participants), "--runs", "1",
            "--trials", str(trials), "--grid", "tiny", "--seed", str(seed)]


def images_and_events(subject):
    return ["--bold", image(subject), "--events", events(subject), "--noise-model", "ar1",
            "--mask", "given/small.nii.gz"]


def design(subject, output):
    return ["design", "--events", events(subject), "--tr", "2", "--n-scans", "60",
            "--modulators", "feedback:outcome_update", "--contrast", "outcome=feedback:outcome_update",
            "-o", output]


def contrast(subject, output, expression="feedback"):
    return ["contrast", f"given/first/{subject}/{subject}_estimates.h5",
            "--contrast", f"new={expression}", "--prefix", subject, "-o", output]


def trials(subject, output, method="lss"):
    return ["trials", *images_and_events(subject), "--trial-types", "feedback", "--method", method,
            "--images", "both", "--rois", "region=given/region.nii.gz", "--prefix", subject, "-o", output]


def roi_fit(subject, output, rois="region=given/region.nii.gz"):
    return ["roi", "fit", "--bold", image(subject), "--events", events(subject), "--rois", rois, "--contrast", "mean=feedback",
            "--prefix", subject, "-o", output]


def roi_test(output, permutations=100):
    return ["roi", "test", "given/values/roi_values.tsv", "--permutations", str(permutations), "-o", output]


def clusters(output, p="0.05"):
    t = f"given/first/{SUBJECTS[0]}/{SUBJECTS[0]}_contrast-outcome_stat-t_statmap.nii.gz"
    return ["clusters", t, "--p", p, "-o", output]


def report(output):
    return ["report", "given/first", "-o", output]


def succeed(program, words, folder):
    done = subprocess.run([program, *words, "-j", "2", "-q"], cwd=folder, capture_output=True,
                          text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise SystemExit(f"the study cannot be prepared: {' '.join(words)}: "
                         f"exit {done.returncode}: {done.stderr.strip()}")


def keep_voxels(source, target, first, n):
    """A mask with n voxels of another, from the first on."""
    data = bytearray(gzip.decompress(source.read_bytes()))
    inside = [at for at in range(352, len(data)) if data[at]]
    wanted = set(inside[first:first + n])
    for at in inside:
        if at not in wanted:
            data[at] = 0
    target.write_bytes(gzip.compress(bytes(data), mtime=0))


def prepare(program, folder):
    """The inputs of all commands in folder/given."""
    given = folder / "given"
    given.mkdir(parents=True)
    succeed(program, simulate("given/study"), folder)
    succeed(program, learn("given/learning"), folder)
    mask = folder / image(SUBJECTS[0]).replace("desc-preproc_bold", "desc-brain_mask")
    keep_voxels(mask, given / "small.nii.gz", 3000, N_VOXELS)
    keep_voxels(mask, given / "region.nii.gz", 3000, N_VOXELS // 4)
    for subject in SUBJECTS:
        succeed(program, fit(subject, f"given/first/{subject}"), folder)
    succeed(program, extract("given/values"), folder)
    for shard in (1, 2):
        succeed(program, [*group("given/shards"), "--shard", f"{shard}/2"], folder)
        succeed(program, [*group("given/others", 2, 20), "--shard", f"{shard}/2"], folder)
    (given / "model.json").write_text(json.dumps(MODEL))


def tree(folder):
    """Content of every file below a folder, and the names of its empty folders."""
    found = {}
    for at, folders, files in os.walk(folder):
        at = pathlib.Path(at)
        if not folders and not files and at != folder:
            found[f"{at.relative_to(folder)}/"] = b""
        for name in files:
            path = at / name
            found[str(path.relative_to(folder))] = path.read_bytes()
    return found


def stamps(folder):
    """Size and time of every file below a folder: whether any was written to."""
    found = {}
    for at, _, files in os.walk(folder):
        for name in files:
            about = os.stat(os.path.join(at, name))
            found[os.path.relpath(os.path.join(at, name), folder)] = (about.st_size, about.st_mtime_ns)
    return found


def hidden_names(names):
    """Names of temporary files and folders."""
    def is_hidden(part):
        digits = part[1:]
        ledger = part.startswith(".") and len(digits) == 16 and set(digits) <= set("0123456789abcdef")
        return ledger or any(word in part for word in HIDDEN)
    return sorted(n for n in names if any(is_hidden(part) for part in n.split("/")))


def difference(found, wanted):
    """One line that says how two trees differ; None if they do not."""
    missing = sorted(set(wanted) - set(found))
    more = sorted(set(found) - set(wanted))
    other = sorted(n for n in set(found) & set(wanted) if found[n] != wanted[n])
    parts = [f"{len(names)} {what}, as {names[0]}"
             for what, names in (("missing", missing), ("too many", more), ("that differ", other))
             if names]
    return "; ".join(parts) or None


def restore(folder, content):
    """Makes the folder's content what it was."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, data in content.items():
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def share(source, target):
    """A copy of a folder whose files are the same on disk: commands must not change them."""
    shutil.copytree(source, target, copy_function=os.link)
