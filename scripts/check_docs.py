#!/usr/bin/env python3
"""Runs every command of the documents on a tiny study, and checks options, links and lines of the documents.

Usage: scripts/check_docs.py [PROGRAM] [--keep FOLDER] [DOCUMENT ..]    (default: build/release/cli/sociometer)

Blocks are indented by four columns, or fenced with ``` at the left margin.
- A fenced block is a command if its language is sh; every other language, or none, is text.
- An indented block is a command if its first word is one of COMMANDS or an assignment (NAME=..), JSON if it begins with
  a brace (it must parse), and text otherwise. Text with a line that begins with `sociometer` is refused.
- `<!-- not run: REASON -->` in front of a block says that it is not run, and why. Nothing else leaves a command out but
  the usage lines of the generated reference, which end in [OPTIONS].

Blocks are run by bash, in order. README.md comes first, in an empty folder. What it leaves behind is what the other
documents find: each gets a copy, in which the blocks of a document follow each other. A block finds the folders
that it writes (-o, and the output of simulate, learn and example) empty. SHORTER has the rules that make commands small.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
REFERENCE = "docs/reference/commands.md"

COMMANDS = {
    "sociometer", "awk", "for", "printf", "if", "while", "cat", "mkdir", "cd", "cp", "ls", "seq", "python3", "bash", "cmake", "ctest", "git", "man",
    "sbatch", "srun", "Rscript", "R", "xxhsum", "apt-get", "sudo",
}

# What is made smaller before a block is run: pattern, replacement, why.
SHORTER = [
    (r"(simulate study\b.*?)--participants \d+", r"\1--participants 6", "six people"),
    (r"(simulate study\b.*?)--trials \d+", r"\1--trials 16", "16 rounds a run"),
    (r"(simulate study\b(?!.*--trials))", r"\1 --trials 16", "16 rounds a run"),
    (r"seq -f 'sub-%02g' \d+", "seq -f 'sub-%02g' 6", "six people"),
    (r"--array=1-\d+", "--array=1-6", "six people"),
    (r"--permutations (\d\d)\d+", r"--permutations \1", "two digits of shuffles are enough"),
    (r"(sociometer power\b)", r"\1 --studies 50", "50 studies per figure, not 2,000"),
    (r"--(recover|confusion|predictive) (\d)\d+", r"--\1 \2", "few simulated people and studies"),
]

# Long options of other programs that the documents name.
OF_OTHERS = {
    "cmake": {"--preset", "--build", "--install", "--prefix", "--target"},
    "our scripts and tests": {"--fix", "--check", "--gtest_filter", "--keep", "--cases", "--plans", "--sample"},
    "the program itself": {"--version"},
    "fMRIPrep": {"--output-spaces"},
    "npm": {"--omit-lockfile-registry-resolved", "--save-exact"},
    "FSL": {"--io", "--ms", "--noest", "--permuteBlocks", "--sa", "--tukey"},
    "Slurm": {"--array", "--cpus-per-task", "--mem", "--parsable", "--dependency", "--wrap", "--partition", "--account", "--requeue"},
}

# Taken by `run` without a place in its help, or refused with advice; known in these documents only.
OF_OTHER_APPS = {"--nprocs", "--nthreads", "--n_cpus", "--n-cpus", "--mem_mb", "--mem-mb", "--mem-gb", "--smoothing", "--work-dir",
                 "--clean-workdir", "--omp-nthreads", "--database-path", "--bids-database-dir", "--ignore", "--force-index",
                 "--low-mem", "--resource-monitor", "--drift-model", "--estimator", "--sloppy", "--track-carbon", "--fs-license-file",
                 "--fs-subjects-dir", "--reset-database", "--random-seed", "--dummy-scans", "--fd-spike-threshold", "--dvars-spike-threshold",
                 "--echo-idx", "--derivative-label", "--exclude-participant-label", "--use-plugin", "--config-file", "--debug",
                 "--reports-only", "--write-graph", "--boilerplate-only", "--cifti-output"}
NAMES_OTHER_APPS = {"docs/reference/run.md"}

PROSE_WIDTH = 120


class Block:
    def __init__(self, document, line, text, kind, reason=None):
        self.document, self.line, self.text, self.kind, self.reason = document, line, text, kind, reason

    @property
    def place(self):
        return f"{self.document}:{self.line}"


def kind_of_indented(text):
    first = text.split(maxsplit=1)[0]
    if first[0] == "{":
        return "json"
    return "command" if first in COMMANDS or re.match(r"[A-Za-z_]\w*=", first) else "text"


def blocks_of(document):
    """The blocks of a document in order, and the numbers of the lines that are in none."""
    lines = (ROOT / document).read_text().split("\n")
    blocks, prose, reason, i = [], [], None, 0

    def add(first, body, kind):
        nonlocal reason
        blocks.append(Block(document, first + 1, "\n".join(body), kind, reason))
        reason = None

    while i < len(lines):
        fence = re.match(r"( *)```(\w*)$", lines[i])
        if fence:
            end = next(j for j in range(i + 1, len(lines)) if lines[j].strip() == "```")
            add(i, lines[i + 1 : end], "command" if fence.group(2) == "sh" else "text")
            i = end + 1
        elif lines[i].startswith("    ") and (i == 0 or not lines[i - 1].strip()):
            end = i
            while end < len(lines) and (lines[end].startswith("    ") or not lines[end].strip()):
                end += 1
            body = [line[4:] for line in lines[i:end]]
            while not body[-1].strip():
                body.pop()
            add(i, body, kind_of_indented("\n".join(body)))
            i = end
        else:
            marked = re.match(r"<!-- not run: (.+) -->$", lines[i])
            if marked:
                reason = marked.group(1)
            elif lines[i].strip():
                if reason:
                    blocks.append(Block(document, i + 1, lines[i], "stray", reason))
                reason = None
            prose.append(i)
            i += 1
    return blocks, prose, lines


def usage(block):
    return block.document == REFERENCE and block.text.endswith("[OPTIONS]")


def faults_of_text(block):
    if block.kind == "stray":
        return [f"{block.place}: `not run` stands before no block"]
    if block.kind == "json":
        try:
            json.loads(block.text)
        except ValueError as error:
            return [f"{block.place}: no JSON: {error}"]
    if block.kind == "text" and re.search(r"^\s*sociometer ", block.text, re.M):
        return [f"{block.place}: a command within text"]
    return []


def shortened(text):
    joined = text.replace("\\\n", " ")
    for pattern, by, _ in SHORTER:
        joined = re.sub(pattern, by, joined)
    return joined


def written_folders(text):
    """Top folders that a block writes."""
    found = re.findall(r"\s-o[ =]([\w-]+)", text)
    found += re.findall(r"sociometer simulate ([\w-]+)", text)
    found += re.findall(r"sociometer learn \S+ ([\w-]+)", text)
    found += [name for line in text.split("\n") if "--verify" not in line for name in re.findall(r"sociometer example ([\w-]+)", line)]
    return set(found)


def reads_first(text, folder):
    """Whether a block reads files of a folder before it writes there: then the folder stays."""
    name = re.escape(folder)
    written = re.search(rf"(-o[ =]|simulate |example |learn \S+ ){name}(?![\w-])", text)
    return re.search(rf"(?<![\w/-]){name}/", text[: written.start()]) is not None


def run(block, folder, environment, shorter=True):
    text = shortened(block.text) if shorter else block.text
    for name in written_folders(text):
        if not reads_first(text, name):
            shutil.rmtree(folder / name, ignore_errors=True)
    start = time.monotonic()
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=folder, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    seconds = time.monotonic() - start
    if done.returncode == 0:
        return [], seconds
    messages = "\n".join((done.stdout + done.stderr).strip().split("\n")[-8:])
    return [f"{block.place}: exit code {done.returncode}\n{text}\n--\n{messages}\n"], seconds


def run_document(document, blocks, folder, environment):
    faults, seconds, count = [], 0.0, 0
    for block in blocks:
        faults += faults_of_text(block)
        if block.kind == "command" and not block.reason and not usage(block):
            fault, time_taken = run(block, folder, environment)
            faults, seconds, count = faults + fault, seconds + time_taken, count + 1
    print(f"  {document}: {count} block(s) run, {seconds:.1f} s", flush=True)
    return faults, count


def options_of_reference():
    return set(re.findall(r"(?<![\w-])--[a-z][\w-]*", (ROOT / REFERENCE).read_text()))


def faults_of_lines(document, prose, lines, known):
    faults = []
    for i, line in enumerate(lines):
        names = [] if document == REFERENCE else re.findall(r"(?<![\w-])--[a-z][\w-]*", line)
        faults += [f"{document}:{i + 1}: {name} is no option of {REFERENCE}" for name in names if name not in known]
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", line):
            if not re.match(r"https?:", target) and not (ROOT / document).parent.joinpath(target).exists():
                faults.append(f"{document}:{i + 1}: no file {target}")
    for i in prose:
        if len(lines[i]) > PROSE_WIDTH and not lines[i].startswith("|"):
            faults.append(f"{document}:{i + 1}: {len(lines[i])} columns")
    return faults


def documents():
    return ["README.md", "CONTRIBUTING.md", *sorted(str(p.relative_to(ROOT)) for p in (ROOT / "docs").rglob("*.md"))]


def environment_of(program, folder):
    (folder / "bin").mkdir()
    (folder / "home").mkdir()
    (folder / "bin" / "sociometer").symlink_to(program)
    return {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "HOME": str(folder / "home")}


def main(words):
    keep = None
    if "--keep" in words:
        at = words.index("--keep")
        keep = pathlib.Path(words[at + 1]).resolve()
        words = words[:at] + words[at + 2 :]
    program = pathlib.Path(words[0] if words else "build/release/cli/sociometer").resolve()
    if not program.is_file():
        print(f"check_docs: there is no program {program}", file=sys.stderr)
        return 2
    chosen = words[1:]
    known = options_of_reference().union(*OF_OTHERS.values())
    faults, runs, not_run, text = [], 0, [], 0
    with tempfile.TemporaryDirectory() as temporary:
        work = keep or pathlib.Path(temporary)
        if keep:
            shutil.rmtree(keep, ignore_errors=True)
            keep.mkdir(parents=True)
        environment = environment_of(program, work)
        readme = work / "README"
        readme.mkdir()
        shutil.copytree(ROOT / "docs" / "models", readme / "docs" / "models")
        for document in documents():
            if chosen and document not in chosen and document != "README.md":
                continue
            blocks, prose, lines = blocks_of(document)
            apps = OF_OTHER_APPS if document in NAMES_OTHER_APPS else set()
            faults += faults_of_lines(document, prose, lines, known | apps)
            folder = readme
            if document != "README.md" and any(b.kind == "command" for b in blocks):
                folder = work / document.replace("/", "_").removesuffix(".md")
                shutil.copytree(readme, folder, copy_function=os.link)
            if blocks:
                fault, count = run_document(document, blocks, folder, environment)
                faults, runs = faults + fault, runs + count
            not_run += [b for b in blocks if b.kind == "command" and (b.reason or usage(b))]
            text += sum(b.kind in ("text", "json") for b in blocks)
    print(f"{runs} block(s) run, {len(not_run)} not run, {text} block(s) of text")
    reasons = {}
    for block in not_run:
        reasons.setdefault(block.reason or "usage line of the generated reference", []).append(block.place)
    for reason, places in reasons.items():
        print(f"  not run: {reason} ({len(places)}): {', '.join(places[:4])}{' ..' if len(places) > 4 else ''}")
    for why in dict.fromkeys(why for _, _, why in SHORTER):
        print(f"  shorter: {why}")
    print("\n".join(faults) if faults else "documents hold")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
