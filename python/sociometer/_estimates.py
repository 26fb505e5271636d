"""estimates.h5; its layout is in docs/reference/formats.md."""
from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field

import numpy as np

_FORMAT, _VERSION = "sociometer-estimates", 2
_SEAL_BYTES = 24
# Stored as matrices of one column.
_VECTORS = ("frame_times", "trial_sd", "residual_variance", "r_squared", "mean")
_VOXELWISE = ("betas", "residual_variance", "noise_parameters", "r_squared", "mean", "status")


@dataclass(frozen=True)
class Estimates:
    """Estimates of one participant: V voxels, and per run P columns, N scans, K noise parameters.

    path        of the file
    software    that wrote it
    voxels      (V) indices of the voxels in the grid, x fastest: x + nx (y + ny z)
    size        (nx, ny, nz)
    affine      (4, 4) world (mm, RAS+) from voxel
    space_code  NIfTI's xform code
    runs        one dict per run: design (N, P), column_names (P), column_roles (P),
                frame_times (N, s), kept (N, bool), betas (V, P), residual_variance (V),
                noise_parameters (V, K), r_squared (V), mean (V), status (V), dof, noise_model,
                scaling, source, grand_mean, and whatever else the run has in the file.
                What the file lacks (noise_parameters of OLS) is missing.
    """

    path: str
    software: str
    voxels: np.ndarray = field(repr=False)
    size: tuple
    affine: np.ndarray = field(repr=False)
    space_code: int
    runs: list = field(repr=False)

    def volume(self, values, outside: float = float("nan")) -> np.ndarray:
        """Values of the voxels (V, ..) in the grid (nx, ny, nz, ..)."""
        values = np.asarray(values)
        if values.shape[:1] != self.voxels.shape:
            raise ValueError(f"{values.shape} values for {self.voxels.size} voxels of {self.path}")
        more = values.shape[1:]
        grid = np.full((int(np.prod(self.size)), *more), outside, dtype=np.float64)
        grid[self.voxels] = values
        return grid.reshape((*self.size, *more), order="F")

    def image(self, values, outside: float = float("nan")):
        """The same as an image of nibabel, which must be installed."""
        try:
            import nibabel
        except ImportError as error:
            raise ImportError("images are made with nibabel; install it: pip install nibabel,"
                              " or apt-get install python3-nibabel") from error
        image = nibabel.Nifti1Image(self.volume(values, outside), self.affine)
        image.header.set_xyzt_units("mm")
        image.set_sform(self.affine, code=self.space_code)
        image.set_qform(self.affine, code=self.space_code)
        return image


def _check_seal(path: str) -> None:
    """Files that were cut short lack the seal. Its checksum is left to the program."""
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        file.seek(max(0, size - _SEAL_BYTES))
        seal = file.read()
    if seal[:16] != b"SOCIOSUM" + struct.pack("<Q", max(0, size - _SEAL_BYTES)):
        raise ValueError(f"{path} is no file of sociometer, or it is damaged: its seal is missing")


def _plain(value):
    if isinstance(value, bytes):
        return value.decode("utf-8")
    return value.item() if isinstance(value, np.generic) else value


def _read_run(group, only) -> dict:
    run = {name: _plain(value) for name, value in group.attrs.items()}
    for name, dataset in group.items():
        if name in _VOXELWISE and only is not None and name not in only:
            continue
        values = dataset[()]
        if values.dtype == object:
            values = [_plain(value) for value in values]
        elif name in _VECTORS:
            values = values[:, 0]
        elif name == "kept":
            values = values != 0
        run[name] = values
    return run


def read_estimates(path, only=None) -> Estimates:
    """Reads estimates.h5 with h5py, which must be installed.

    @param only  names of the voxelwise arrays to be read, as ["betas"] (default: all).
    @raise ValueError  for other files, other versions of the format, files that were cut short.
    """
    try:
        import h5py
    except ImportError as error:
        raise ImportError("estimates.h5 is read with h5py; install it: pip install h5py,"
                          " or apt-get install python3-h5py") from error
    path = os.fspath(path)
    unknown = set(only or ()) - set(_VOXELWISE)
    if unknown:
        raise ValueError(f"only: {', '.join(sorted(unknown))}; known: {', '.join(_VOXELWISE)}")
    _check_seal(path)
    with h5py.File(path, "r") as file:
        kind, version = _plain(file.attrs.get("format", "")), file.attrs.get("format_version", 0)
        if kind != _FORMAT or version != _VERSION:
            raise ValueError(f"{path} is '{kind}' version {version:g};"
                             f" this package reads {_FORMAT} version {_VERSION}")
        mask, runs = file["mask"], file["runs"]
        return Estimates(
            path=path,
            software=_plain(file.attrs["software"]),
            voxels=mask["voxels"][()].astype(np.int64),
            size=tuple(int(n) for n in mask["size"]),
            affine=mask["affine"][()],
            space_code=int(mask.attrs["space_code"]),
            runs=[_read_run(runs[number], only) for number in sorted(runs, key=int)])
