"""CPU time of a sign flip with TFCE in steps, compared with MRtrix3's mrclusterstats on the same data, one thread each.

Data: as group_ols.
Check: TFCE in all voxels against mrclusterstats.
Ratio: to mrclusterstats in the same round. Time per flip is the difference of a run with many flips and one with few, so that
reading and writing do not count.
Left out where mrclusterstats is not installed (Debian package mrtrix3).
"""
import os
import pathlib
import shutil
import statistics
import tempfile

from images import largest_difference, volume
from measuring import Disagreement, Skipped, called, measured
from tasks.group_ols import maps


def run(place):
    if not shutil.which("mrclusterstats"):
        raise Skipped("mrclusterstats is not installed (Debian package mrtrix3)")
    data, effects = maps(place)
    with tempfile.TemporaryDirectory() as temporary:
        return in_folder(place, data, effects, pathlib.Path(temporary))


def in_folder(place, data, effects, folder):
    # mrclusterstats takes names for relative to the present folder, absolute ones too.
    (folder / "files.txt").write_text("".join(f"{os.path.relpath(path)}\n" for path in effects))
    (folder / "design.txt").write_text("1\n" * len(effects))
    (folder / "contrast.txt").write_text("1\n")
    ours, theirs = folder / "ours", folder / "theirs"
    theirs.mkdir()

    def our_command(n):
        shutil.rmtree(ours, ignore_errors=True)
        return [place.program, "group", "--effects", *effects, "--mask", data / "mask.nii.gz", "--no-tables", "--permutations", n, "--statistic",
                "tfce", "--tfce-steps", "mrtrix", "--permute-as", "z", "-j", 1, "-o", ours, "--log-level", "error"]  # fmt: skip

    def their_command(n):
        tables = [folder / f"{name}.txt" for name in ("files", "design", "contrast")]
        return ["mrclusterstats", *tables, data / "mask.nii.gz", f"{theirs}/", "-errors", "ise", "-nshuffles", n, "-nthreads", 0, "-quiet", "-force"]

    called(our_command(4))
    called(their_command(4))
    called(["mrconvert", theirs / "tfce.mif", folder / "tfce.nii.gz", "-quiet"])
    difference = largest_difference(volume(ours / "contrast-a_desc-intercept_stat-tfce_statmap.nii.gz"), volume(folder / "tfce.nii.gz"))
    if not difference <= 1e-4:
        raise Disagreement(f"TFCE differs from mrclusterstats' by {difference:.2g}")

    def per_flip(command, few, many):
        return (measured(map(str, command(many)))["cpu_s"] - measured(map(str, command(few)))["cpu_s"]) / (many - few)

    rounds = [(per_flip(their_command, 4, 24), per_flip(our_command, 100, 1100)) for _ in range(place.rounds)]
    name = f"a flip of {len(effects)} maps"
    their_s, our_s = (statistics.median(column) for column in zip(*rounds))
    ratio = statistics.median(own / base for base, own in rounds)
    return [
        {"name": f"mrclusterstats, {name}", "cpu_s": float(f"{their_s:.3g}"), "cpu_ratio": 1.0},
        {"name": f"sociometer, {name}", "cpu_s": float(f"{our_s:.3g}"), "cpu_ratio": float(f"{ratio:.3g}"), "difference": difference},
    ]
