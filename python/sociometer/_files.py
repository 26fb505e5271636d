"""Files by the entities of their names, tables and sidecars."""
from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_EXTENSIONS = (".nii.gz", ".nii", ".tsv.gz")
_MISSING = ("n/a", "")
# 01 is a label, not a number.
_INTEGER = re.compile(r"[+-]?(0|[1-9]\d*)")
_NUMBER = re.compile(r"[+-]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]?\d+)?|[+-]?inf|nan")


@dataclass(frozen=True)
class File:
    """A file and what its name says: `sub-01_contrast-outcome_stat-t_statmap.nii.gz`.

    path       of the file
    entities   {"sub": "01", "contrast": "outcome", "stat": "t"}; sub and ses also from its folders
    suffix     "statmap"
    extension  ".nii.gz"
    """

    path: Path
    entities: dict
    suffix: str
    extension: str

    def __fspath__(self) -> str:
        return os.fspath(self.path)


def _extension_of(name: str) -> str:
    for extension in _EXTENSIONS:
        if name.endswith(extension):
            return extension
    return os.path.splitext(name)[1]


def _file(path: Path) -> File:
    extension = _extension_of(path.name)
    *parts, suffix = path.name[:len(path.name) - len(extension)].split("_")
    entities = {}
    for folder in path.parts[:-1]:
        found = re.fullmatch(r"(sub|ses)-([A-Za-z0-9+]+)", folder)
        if found:
            entities[found.group(1)] = found.group(2)
    for part in parts:
        key, hyphen, label = part.partition("-")
        if hyphen:
            entities[key] = label
    return File(path, entities, suffix, extension)


def _is_wanted(label, wanted) -> bool:
    if isinstance(wanted, Iterable) and not isinstance(wanted, str):
        return any(_is_wanted(label, one) for one in wanted)
    if label is None or wanted is None:
        return label is wanted
    if isinstance(wanted, str):
        return label == wanted
    return label.isdigit() and int(label) == wanted


def find_files(folder, suffix=None, extension=None, **entities) -> list:
    """Files in a folder and the folders below it, by their names; hidden ones are left out.

    @param suffix, extension  as "clusters" and ".tsv"; a list: one of these.
    @param entities  labels, as sub="01", contrast="outcome", stat=["effect", "variance"];
                     a number is compared as a number (run=1 is run-1 and run-01); None: without it.
    @return list of File, sorted by path.
    @raise FileNotFoundError  if there is no such folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is no folder")
    found = []
    for at, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [_file(Path(at, name)) for name in names if not name.startswith(".")]
    return sorted((file for file in found
                   if (suffix is None or _is_wanted(file.suffix, suffix))
                   and (extension is None or _is_wanted(file.extension, extension))
                   and all(_is_wanted(file.entities.get(key), label)
                           for key, label in entities.items())),
                  key=lambda file: os.fspath(file.path))


def find_file(folder, suffix=None, extension=None, **entities) -> File:
    """The one file that find_files finds.

    @raise LookupError  if there is none, or more than one.
    """
    found = find_files(folder, suffix, extension, **entities)
    if len(found) != 1:
        names = "".join(f"\n  {file.path}" for file in found[:10])
        raise LookupError(f"{len(found)} files of {folder} have these names, not one:"
                          f" suffix {suffix}, extension {extension}, {entities}{names}")
    return found[0]


def find_maps(folder, **entities) -> list:
    """The statistical maps in a folder: find_files with the suffix statmap of NIfTI images."""
    return find_files(folder, suffix="statmap", extension=[".nii.gz", ".nii"], **entities)


def load_map(path):
    """A map as an image of nibabel, which must be installed."""
    try:
        import nibabel
    except ImportError as error:
        raise ImportError("maps are loaded with nibabel; install it: pip install nibabel,"
                          " or apt-get install python3-nibabel") from error
    return nibabel.load(os.fspath(path))


def _column(cells: list) -> np.ndarray:
    there = [cell for cell in cells if cell not in _MISSING]
    whole = all(_INTEGER.fullmatch(cell) and len(cell) < 19 for cell in cells)
    if whole and cells:
        return np.array([int(cell) for cell in cells], dtype=np.int64)
    if all(_NUMBER.fullmatch(cell) for cell in there):
        return np.array([float("nan" if cell in _MISSING else cell) for cell in cells])
    return np.array([None if cell in _MISSING else cell for cell in cells], dtype=object)


def read_table(path) -> dict:
    """A tab-separated table, as {name: column}, in the order and with the names of the file.

    Columns of numbers are int64, or float64 with NaN for n/a; the others are object arrays of
    text, with None for n/a. Labels like 01 stay text.
    @raise ValueError  for rows that do not have as many cells as the header, and for double names.
    """
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", strict=True))
    names, rows = (rows[0], [row for row in rows[1:] if row]) if rows else ([], [])
    if not names or len(set(names)) != len(names):
        fault = "two columns have one name" if names else "no header"
        raise ValueError(f"{os.fspath(path)}: {fault}")
    for number, row in enumerate(rows, 1):
        if len(row) != len(names):
            raise ValueError(f"{os.fspath(path)}: row {number} has {len(row)} cells,"
                             f" the header {len(names)}")
    return {name: _column([row[i] for row in rows]) for i, name in enumerate(names)}


def read_sidecar(path) -> dict:
    """The JSON file beside a map, a table or estimates.h5, or a JSON file itself."""
    path = Path(path)
    name = path.name[:len(path.name) - len(_extension_of(path.name))]
    with open(path.with_name(name + ".json"), encoding="utf-8") as file:
        return json.load(file)
