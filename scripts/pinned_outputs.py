#!/usr/bin/env python3
"""Outputs of every command on a tiny simulated study, compared with another program or with recorded figures.

    pinned_outputs.py run PROGRAM FOLDER      every command into FOLDER, with its messages and exit code
    pinned_outputs.py compare FOLDER FOLDER   content for content: maps, tables, JSON, stores, messages
    pinned_outputs.py record FOLDER FILE      figures of each output: shape, finite values, sum and sum of squares
    pinned_outputs.py check PROGRAM FILE      runs every command and compares its outputs with recorded figures

`compare` is for two builds on one machine, before and after a change that must not change results: every byte of content
counts, except what identifies the program (Software, GeneratedBy, versions). `check` is a test: figures must agree to
1e-4, so that it passes on every processor.
"""
import gzip
import json
import math
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

SUBJECTS = [f"sub-{i:02d}" for i in range(1, 7)]
CONTRASTS = ["outcome=feedback:outcome_update", "rank=feedback:rank_update_unsigned"]
MODULATORS = "feedback:outcome_update,rank_update_unsigned"
NOISE_MODELS = ["ols", "ar1", "ar2-corrected", "ar4-averaged", "auto", "ar1-nilearn", "arma11", "spm-ar1", "spm-fast", "tukey", "mixture"]
FMRIPREP = "study/derivatives/fmriprep"


def first_level(subject, runs=(1, 2), events="learning"):
    func = f"{FMRIPREP}/{subject}/func/{subject}_task-social_run-"
    words = ["--bold", *[f"{func}{r}_space-MNI152NLin2009cAsym_desc-preproc_bold.nii.gz" for r in runs]]
    words += ["--events", *[f"{events}/{subject}/func/{subject}_task-social_run-{r}_desc-signals_events.tsv" for r in runs]]
    return words + ["--confounds", *[f"{func}{r}_desc-confounds_timeseries.tsv" for r in runs], "--confound-columns", "trans_?", "rot_?"]


def effects(contrast):
    return [f"first/{s}/{s}_contrast-{contrast}_stat-effect_statmap.nii.gz" for s in SUBJECTS]


def commands():
    """Name and arguments of each command, in order of their dependencies."""
    yield "simulate", ["simulate", "study", "--participants", "6", "--runs", "2", "--trials", "20", "--grid", "tiny", "--seed", "3"]
    yield "example", ["example", "example"]
    yield "learn", ["learn", "study", "learning", "--models", "hybrid,rank,outcome,random", "--predictive", "20"]
    yield "learn-recovery", ["learn", "study", "recovery", "--models", "hybrid,rank", "--recover", "3", "--confusion", "2", "--group-priors", "hbi"]
    signals = "learning/sub-01/func/sub-01_task-social_run-1_desc-signals_events.tsv"
    yield "design", ["design", "--events", signals, "--tr", "2", "--n-scans", "180", "--modulators", MODULATORS, "--contrast", *CONTRASTS,
                     "--prefix", "sub-01/x/", "-o", "design"]
    yield "design-fir", ["design", "--events", signals, "--tr", "2", "--n-scans", "180", "--hrf", "fir", "--drift", "polynomial", "-o", "design-fir"]
    for subject in SUBJECTS:
        yield f"fit-{subject}", ["fit", *first_level(subject), "--modulators", MODULATORS, "--contrast", *CONTRASTS,
                                 "difference=feedback:outcome_update - feedback:rank_update_unsigned",
                                 "--f-contrast", "any=feedback:outcome_update;feedback:rank_update_unsigned", "--prefix", subject, "-o", f"first/{subject}"]
    for model in NOISE_MODELS:
        yield f"fit-{model}", ["fit", *first_level("sub-01"), "--modulators", MODULATORS, "--contrast", *CONTRASTS, "--noise-model", model,
                               "--prefix", "sub-01/x/", "-o", f"noise/{model}"]
    yield "fit-options", ["fit", *first_level("sub-02"), "--modulators", MODULATORS, "--contrast", *CONTRASTS, "--noise-model", "ar1", "--mask", "computed",
                          "--smoothing-fwhm", "6", "--scaling", "psc", "--hrf", "glover + derivative", "--drift", "none", "--fixed-effects", "equal",
                          "--center", "all", "--orthogonalise", "serial", "--save", "residual-variance", "r-squared", "noise", "mean", "betas",
                          "residuals", "predicted", "--log-p", "-o", "options"]
    yield "fit-refused", ["fit", *first_level("sub-02", (1,)), "--contrast", "nothing=nobody", "-o", "refused"]
    yield "contrast", ["contrast", "first/sub-01/sub-01_estimates.h5", "--contrast", "sum=feedback:outcome_update + feedback:rank_update_unsigned",
                       "--f-contrast", "two=feedback:outcome_update;feedback:rank_update_unsigned", "--prefix", "sub-01", "-o", "more"]
    for method in ["lss", "lsa"]:
        yield f"trials-{method}", ["trials", *first_level("sub-01"), "--modulators", MODULATORS, "--method", method, "--average-by", "chosen",
                                   "--images", "both", "--variance", "--prefix", "sub-01/x/", "-o", f"trials/{method}"]
    yield "trials-library", ["trials", *first_level("sub-01"), "--trial-types", "feedback", "--hrf", "library", "--noise-model", "ar1", "--variance",
                             "--images", "both", "--prefix", "sub-01", "-o", "trials/library"]
    yield "trials-library-map", ["trials", *first_level("sub-01"), "--trial-types", "feedback", "--noise-model", "ols", "--hrf", "library",
                                 "--hrf-map", "trials/library/sub-01_desc-hrf_stat-index_statmap.nii.gz", "--unit-duration", "1",
                                 "--average-by", "chosen", "--prefix", "sub-01", "-o", "trials/library-map"]
    yield "trials-dry", ["trials", *first_level("sub-01"), "--trial-types", "feedback", "--dry-run", "--prefix", "sub-01", "-o", "trials/dry"]
    mixed = ["mixed", *[f"learning/{s}/func/{s}_task-social_run-1_desc-signals_events.tsv" for s in SUBJECTS], "--where", "trial_type=feedback"]
    yield "mixed", [*mixed, "--center-within", "outcome_update", "--lag", "outcome_update", "--formula",
                    "outcome_pe ~ outcome_update_within + outcome_update_lag1 + (1 | participant_id)", "-o", "mixed"]
    yield "contrast-several", ["contrast", *[f"first/{s}/{s}_estimates.h5" for s in SUBJECTS[:3]], "--contrast", "again=feedback:outcome_update", "-o", "several"]
    variances = [path.replace("stat-effect", "stat-variance") for path in effects("outcome")]
    group = ["group", "--effects", *effects("outcome")]
    for method, more in {"ols": [], "mixed": ["--variances", *variances], "fixed": ["--variances", *variances], "robust": []}.items():
        yield f"group-{method}", [*group, *more, "--method", method, "--prefix", "x", "-o", f"group/{method}"]
    yield "group-corrections", [*group, "--corrections", "fdr,bonferroni,rft", "-o", "group/corrections"]
    yield "report", ["report", "group", "-o", "report"]
    yield "clusters", ["clusters", "group/corrections/contrast-outcome_desc-intercept_stat-t_statmap.nii.gz", "--value", "2", "--sided", "two",
                       "--fwhm", "6", "-o", "clusters"]
    yield "group-participants", ["group", "--effects", "first", "--first-level-contrast", "rank", "--participants", "study/participants.tsv",
                                 "--covariates", "social_anxiety", "--contrast", "social_anxiety", "-o", "group/participants"]
    shuffles = ["--permutations", "60", "--statistic", "voxel,tfce,extent,mass", "--seed", "5"]
    yield "group-permutations", [*group, *shuffles, "--tail", "gpd", "-o", "group/permutations"]
    yield "group-sub-folder", [*group, *shuffles, "--prefix", "sub/x/", "-o", "group/sub-folder"]
    for shard in (1, 2):
        yield f"group-shard-{shard}", [*group, *shuffles, "--shard", f"{shard}/2", "-o", "shards"]
    yield "merge", ["merge", "shards/shard-1-of-2.h5", "shards/shard-2-of-2.h5", "-o", "merged"]
    yield "roi-make", ["roi", "make", "--like", "first/sub-01/sub-01_mask.nii.gz", "--set", "rejection", "striatum",
                       "--union", "ventralStriatum=ventralStriatumL,ventralStriatumR", "-o", "rois"]
    yield "roi-sphere", ["roi", "make", "--like", "first/sub-01/sub-01_mask.nii.gz", "--sphere", "ball=0,20,30,10", "-o", "rois-sphere"]
    estimates = [f"first/{s}/{s}_estimates.h5" for s in SUBJECTS]
    yield "roi-extract", ["roi", "extract", "--estimates", *estimates, "--rois", "rois/rois.tsv", "--contrast", *CONTRASTS, "-o", "values"]
    yield "roi-extract-summaries", ["roi", "extract", "--estimates", *estimates, "--rois", "rois/rois.tsv", "--contrast", *CONTRASTS,
                                    "--statistic", "weighted-mean", "sd", "-o", "values-median"]
    yield "roi-extract-maps", ["roi", "extract", "--maps", *effects("outcome"), "--rois", "rois/rois.tsv", "-o", "values-maps"]
    yield "roi-extract-series", ["roi", "extract", "--series", f"{FMRIPREP}/sub-01/func/sub-01_task-social_run-1_space-MNI152NLin2009cAsym_desc-preproc_bold.nii.gz",
                                 "--rois", "rois/rois.tsv", "-o", "values-series"]
    for model in ("ar4-averaged", "arma11"):
        yield f"roi-fit-{model}", ["roi", "fit", *first_level("sub-01"), "--modulators", MODULATORS, "--rois", "rois/rois.tsv", "--contrast", *CONTRASTS,
                                   "--noise-model", model, "-o", f"roi-fit/{model}"]
    table = "values/roi_values.tsv"
    yield "roi-test", ["roi", "test", table, "-o", "tests/t"]
    yield "roi-test-regression", ["roi", "test", table, "--test", "regression", "--participants", "study/participants.tsv", "--covariates", "social_anxiety",
                                  "-o", "tests/regression"]
    yield "roi-dissociate", ["roi", "dissociate", table, "--regions", "ventralStriatum", "dACC", "--signals", "outcome", "rank", "-o", "dissociation"]
    yield "roi-dissociate-maps", ["roi", "dissociate", "--maps", "first/*/*_stat-effect_statmap.nii.gz", "--signals", "outcome", "rank", "-o", "places"]
    yield "roi-individual", ["roi", "individual", table, "--participants", "study/participants.tsv", "--scores", "social_anxiety", "depression",
                             "--regions", "ventralStriatum", "dACC", "--signals", "outcome", "rank", "-o", "individual"]
    yield from commands_of_patterns_and_coupling()
    yield "power", ["power", "--participants", "10", "20", "--trials", "40", "--studies", "20", "-o", "power"]


def commands_of_patterns_and_coupling():
    for subject in SUBJECTS:
        yield f"trials-{subject}", ["trials", *first_level(subject), "--trial-types", "feedback", "--rois", "rois/rois.tsv", "--prefix", subject,
                                    "-o", f"single/{subject}"]
    rsa = ["rsa", "--trials", *[f"single/{s}/{s}_trials.tsv" for s in SUBJECTS]]
    beliefs = ["--model", "rank_mean_before", "outcome_value_before"]
    yield "rsa-trials", [*rsa, "--set", "rejection", "control", *beliefs, "--dissimilarity", "euclidean", "--compare", "regression",
                         "--nuisance", "trial_number", "--permutations", "99", "-o", "rsa/trials"]
    yield "rsa-deciders", [*rsa, "--rois", "rois/rois.tsv", "--conditions", "chosen", *beliefs, "--pattern-permutations", "50",
                           "--permutations", "99", "--prefix", "x", "-o", "rsa/deciders"]
    yield "rsa-both", [*rsa, "--set", "rejection", "--conditions", "chosen", *beliefs, "--bootstraps", "200", "--permutations", "99", "-o", "rsa/both"]
    yield "rsa-overlap", [*rsa, "--set", "rejection", *beliefs, "--overlap", "--overlap-permutations", "20", "--importance-maps",
                          "--overlap-with", "outcome_effect", "--participants", "study/phenotype/rating_effects.tsv", "--permutations", "99",
                          "-o", "rsa/overlap"]
    yield "rsa-searchlight", [*rsa, "--conditions", "chosen", "--searchlight", "12", "--model", "rank_mean_before", "-o", "rsa/searchlight"]
    yield "rsa-preset", [*rsa, "--preset", "babur2024", "--values", "study/phenotype/ratings.tsv", "--overlap-permutations", "20",
                         "--permutations", "99", "-o", "rsa/preset"]
    yield "rsa-refused", [*rsa, "--set", "rejection", *beliefs, "--overlap", "--compare", "kendall", "-o", "rsa/refused"]
    ppi = ["ppi", "--series", "values-series/sub-01_task-social_run-1_space-MNI152NLin2009cAsym_desc-preproc_bold_timeseries.tsv", "--seed", "dACC", "--tr", "2",
           "--events", "learning/sub-01/func/sub-01_task-social_run-1_desc-signals_events.tsv", "--modulators", "feedback:outcome_update"]
    yield "ppi", [*ppi, "-o", "ppi/products"]
    yield "ppi-deconvolved", [*ppi, "--deconvolve", "-o", "ppi/deconvolved"]
    yield "beta-series", ["beta-series", *[f"single/{s}/{s}_trialRegions.tsv" for s in SUBJECTS], "--join",
                          *[f"single/{s}/{s}_trials.tsv" for s in SUBJECTS], "--seed", "dACC", "--regions", "ventralStriatum", "--by", "match",
                          "-o", "beta-series"]


def run(program, folder):
    folder = pathlib.Path(folder)
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    program = str(pathlib.Path(program).resolve())
    (folder / "messages").mkdir()
    for name, words in commands():
        # Messages and the exit code are part of a command's behaviour.
        done = subprocess.run([program, *words], cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        (folder / "messages" / f"{name}.txt").write_text(f"exit code {done.returncode}\n{done.stdout}{done.stderr}")


NAMES_THE_PROGRAM = ("Software", "GeneratedBy", "Version", "Commit", "software")


def without_program(value):
    if isinstance(value, dict):
        return {k: without_program(v) for k, v in value.items() if k not in NAMES_THE_PROGRAM}
    return [without_program(v) for v in value] if isinstance(value, list) else value


def content(path):
    """Content of a file, without what identifies the program."""
    if path.name.endswith(".gz"):
        return gzip.decompress(path.read_bytes())
    if path.suffix == ".json":
        return json.dumps(without_program(json.loads(path.read_text())), indent=1).encode()
    if path.suffix == ".toml":
        return b"\n".join(line for line in path.read_bytes().splitlines() if not line.startswith(b"#"))
    return path.read_bytes()


def files_of(folder):
    folder = pathlib.Path(folder)
    return {str(p.relative_to(folder)): p for p in sorted(folder.rglob("*")) if p.is_file() and ".outputs" not in p.parts}


def nifti_without_description(data):
    return data[:148] + data[228:] if len(data) > 348 and data[:4] == b"\\\x01\x00\x00" else data


def without_place(data, folder):
    return data.replace(str(pathlib.Path(folder).resolve()).encode(), b"FOLDER")


def compare(first, second):
    a, b = files_of(first), files_of(second)
    faults = [f"only in {first}: {name}" for name in a if name not in b] + [f"only in {second}: {name}" for name in b if name not in a]
    for name in a:
        if name not in b:
            continue
        x = without_place(nifti_without_description(content(a[name])), first)
        y = without_place(nifti_without_description(content(b[name])), second)
        if x == y:
            continue
        if name.startswith("shards/"):
            continue  # They contain commit and folder in compressed text; the result of merging them is compared.
        faults.append(f"differs: {name}{first_difference(x, y)}")
    print("\n".join(faults) if faults else f"equal: {len(a)} files")
    return 1 if faults else 0


def first_difference(x, y):
    try:
        lines = zip(x.decode().splitlines(), y.decode().splitlines())
        for i, (left, right) in enumerate(lines, 1):
            if left != right:
                return f"\n    line {i}: {left[:200]}\n         is: {right[:200]}"
    except UnicodeDecodeError:
        pass
    return f" ({len(x)} and {len(y)} bytes)"


TYPES = {2: "B", 4: "h", 8: "i", 16: "f", 64: "d", 256: "b", 512: "H", 768: "I"}


def figures_of_numbers(values):
    # From long series every n-th value, since the sums are in plain Python.
    values = values[:: max(1, len(values) // 20000)]
    finite = [v for v in values if math.isfinite(v)]
    return [len(values), len(finite), math.fsum(finite), math.fsum(v * v for v in finite)]


def image_numbers(data):
    big = struct.unpack("<i", data[:4])[0] != 348
    order = ">" if big else "<"
    kind = struct.unpack(order + "h", data[70:72])[0]
    offset = int(struct.unpack(order + "f", data[108:112])[0])
    body = data[offset:]
    width = struct.calcsize(TYPES[kind])
    return struct.unpack(f"{order}{len(body) // width}{TYPES[kind]}", body)


def table_figures(text):
    lines = text.splitlines()
    cells = [cell for line in lines[1:] for cell in line.split("\t")]
    numbers = []
    for cell in cells:
        try:
            numbers.append(float(cell))
        except ValueError:
            pass
    return {"header": lines[0] if lines else "", "rows": len(lines), "numbers": figures_of_numbers(numbers)}


def figures(folder):
    """Figures of each image and table, the keys of each JSON file, and exit codes."""
    out = {}
    for name, path in files_of(folder).items():
        if name.endswith(".nii.gz"):
            out[name] = {"numbers": figures_of_numbers(image_numbers(content(path)))}
        elif name.endswith(".tsv"):
            out[name] = table_figures(path.read_text())
        elif name.endswith(".json"):
            value = json.loads(path.read_text())
            out[name] = {"keys": sorted(value) if isinstance(value, dict) else len(value)}
        elif name.startswith("messages/"):
            out[name] = {"exit": path.read_text().split("\n")[0]}
        else:
            out[name] = {}
    return out


def close(a, b):
    return a == b or abs(a - b) <= 1e-4 * max(abs(a), abs(b))


def agree(want, have):
    if want.keys() != have.keys():
        return False
    for key, value in want.items():
        if key != "numbers" and value != have[key]:
            return False
    if "numbers" not in want:
        return True
    (n, finite, total, squares), other = want["numbers"], have["numbers"]
    # A sum of terms of both signs is compared relative to the size of the terms.
    size = math.sqrt(max(squares, other[3]) * max(finite, 1))
    return n == other[0] and finite == other[1] and abs(total - other[2]) <= 1e-4 * size and close(squares, other[3])


def check(program, record):
    want = json.loads(pathlib.Path(record).read_text())
    with tempfile.TemporaryDirectory() as folder:
        run(program, pathlib.Path(folder) / "out")
        have = figures(pathlib.Path(folder) / "out")
    faults = [f"not written: {name}" for name in want if name not in have] + [f"not recorded: {name}" for name in have if name not in want]
    faults += [f"{name}: {have[name]}, recorded {want[name]}" for name in want if name in have and not agree(want[name], have[name])]
    print("\n".join(faults[:40]) if faults else f"as recorded: {len(want)} files of {len(list(commands()))} commands")
    return 1 if faults else 0


def main(words):
    if len(words) == 3 and words[0] == "run":
        return run(words[1], words[2])
    if len(words) == 3 and words[0] == "compare":
        return compare(words[1], words[2])
    if len(words) == 3 and words[0] == "record":
        lines = [f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in figures(words[1]).items()]
        pathlib.Path(words[2]).write_text("{\n" + ",\n".join(lines) + "\n}\n")
        return 0
    if len(words) == 3 and words[0] == "check":
        return check(words[1], words[2])
    print(__doc__, file=sys.stderr)
    return 2


sys.exit(main(sys.argv[1:]))
