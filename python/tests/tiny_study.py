"""A tiny simulated study and its results, made once for all tests."""
import atexit
import functools
import os
import pathlib
import shutil
import tempfile
import unittest

import sociometer

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODEL = ROOT / "docs" / "models" / "model-dissociation_smdl.json"

needs_program = unittest.skipUnless(os.environ.get("SOCIOMETER"), "$SOCIOMETER names no program")


def needs_package(name):
    try:
        __import__(name)
    except ImportError:
        return unittest.skip(f"the Python package {name} is not installed")
    return lambda test: test


def temporary_folder() -> pathlib.Path:
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sociometer-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@functools.lru_cache(maxsize=None)
def program() -> sociometer.Program:
    """The program in the folder of the study, silent."""
    return sociometer.Program(folder=temporary_folder(), show=False)


def folder() -> pathlib.Path:
    return pathlib.Path(program().folder)


@functools.lru_cache(maxsize=None)
def study() -> pathlib.Path:
    """A simulated study of three people with two runs."""
    program().simulate("study", participants=3, runs=2, trials=10, grid="tiny")
    return folder() / "study"


def files_of(study_folder, participant, suffix, **entities):
    return sociometer.find_files(study_folder / "derivatives" / "fmriprep", suffix=suffix,
                                 extension=[".tsv", ".nii.gz"], sub=participant, **entities)


@functools.lru_cache(maxsize=None)
def maps() -> pathlib.Path:
    """First levels of sub-01: `both`, of its two runs, and `one`, of its first run, in float64."""
    events = sociometer.find_files(study() / "sub-01", suffix="events", extension=".tsv")
    bold = files_of(study(), "01", "bold", desc="preproc")
    contrast = {"feedback": "feedback", "difference": "feedback - choice"}
    program().fit(bold=bold, events=events, contrast=contrast, noise_model="ar2",
                  f_contrast={"any": ["feedback", "choice"]}, o="maps/both")
    program().fit(bold=bold[0], events=events[0], contrast=contrast, noise_model="ols",
                  map_type="float64", prefix="pilot_sub-01", o="maps/one")
    return folder() / "maps"


@functools.lru_cache(maxsize=None)
def results() -> pathlib.Path:
    """The whole study, by `run`."""
    study()
    program().run("study", "results", "group", model=MODEL)
    return folder() / "results"
