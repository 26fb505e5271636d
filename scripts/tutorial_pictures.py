#!/usr/bin/env python3
"""Runs the commands of docs/tutorial.md as they stand and keeps the pictures that the program writes in docs/pictures.

Usage: scripts/tutorial_pictures.py [PROGRAM] [FOLDER]   (default: build/release/cli/sociometer, build/tutorial)
"""
import pathlib
import shutil
import sys

from check_docs import ROOT, blocks_of, environment_of, run

PICTURES = {
    "learning/task-social_predictive.png": "predictive.png",
    "design/design.png": "design.png",
    "individual/individual.png": "individual.png",
    "power/power.png": "power.png",
}


def main(words):
    program = pathlib.Path(words[0] if words else "build/release/cli/sociometer").resolve()
    work = pathlib.Path(words[1] if len(words) > 1 else ROOT / "build/tutorial").resolve()
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    environment = environment_of(program, work)
    for block in blocks_of("docs/tutorial.md")[0]:
        if block.kind == "command":
            faults, seconds = run(block, work, environment, shorter=False)
            print("\n".join(faults) or f"{block.place}: {seconds:.0f} s", flush=True)
            if faults:
                return 1
    for source, name in PICTURES.items():
        shutil.copyfile(work / source, ROOT / "docs/pictures" / name)
    return 0


sys.exit(main(sys.argv[1:]))
