"""NIfTI-1 images and tables as numpy arrays: what the checks of the benchmarks need, no more."""
import csv
import gzip
import struct
import subprocess

import numpy as np

TYPES = {2: "u1", 4: "<i2", 8: "<i4", 16: "<f4", 64: "<f8", 512: "<u2"}


class Header:
    def __init__(self, data):
        if struct.unpack("<i", data[:4])[0] != 348:
            raise ValueError("not a little-endian NIfTI-1 image")
        dim = struct.unpack("<8h", data[40:56])
        self.size, self.n_volumes = dim[1:4], max(1, dim[4]) if dim[0] > 3 else 1
        self.type = np.dtype(TYPES[struct.unpack("<h", data[70:72])[0]])
        self.offset = int(struct.unpack("<f", data[108:112])[0])
        slope, intercept = struct.unpack("<2f", data[112:120])
        self.slope, self.intercept = (slope, intercept) if slope else (1, 0)

    def values(self, data):
        return np.frombuffer(data, self.type).astype(float) * self.slope + self.intercept


def volumes(path):
    """(n_volumes, n_voxels), voxels with x fastest."""
    with gzip.open(path) as file:
        data = file.read()
    header = Header(data)
    return header.values(data[header.offset :]).reshape(header.n_volumes, -1)


def volume(path):
    return volumes(path)[0]


def box(path):
    """3D array indexed by [x, y, z]."""
    with gzip.open(path) as file:
        header = Header(file.read(348))
    return volume(path).reshape(header.size, order="F")


def series(path, voxels):
    """(n_volumes, voxels): an image that is too large for memory as float64, volume by volume."""
    with subprocess.Popen(["igzip", "-dc", str(path)], stdout=subprocess.PIPE) as igzip:
        start = igzip.stdout.read(352)
        header = Header(start)
        igzip.stdout.read(header.offset - len(start))
        size = int(np.prod(header.size)) * header.type.itemsize
        rows = [header.values(igzip.stdout.read(size))[voxels] for _ in range(header.n_volumes)]
    return np.array(rows)


def table(path):
    """Rows of a TSV as dictionaries of text."""
    with open(path, newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def numbers(path, without=()):
    """Column names and (n_rows, n_columns) of a TSV."""
    rows = table(path)
    names = [name for name in rows[0] if name not in without]
    return names, np.array([[float(row[name]) for name in names] for row in rows])


def largest_difference(found, expected):
    """Relative to the larger of 1 and the expected value; infinite where one of them is not finite."""
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    if found.shape != expected.shape or not (np.isfinite(found).all() and np.isfinite(expected).all()):
        return np.inf
    return float(np.max(abs(found - expected) / np.maximum(1, abs(expected))))
