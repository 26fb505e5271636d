"""Searchlights: `rsa --searchlight` of a whole brain against numpy at a thousand centres.

Data: amplitudes of 64 trials (8 conditions, 4 runs) in 217,063 voxels of 2 mm, float32; spheres of 3 voxels' radius (123 voxels).
Check: the map at a thousand centres against numpy, sphere by sphere (references/searchlight.py).
Ratio: to numpy reading the same file and doing those thousand centres by crossnobis in the same round.
"""
import sys

import numpy as np

from images import largest_difference, volume
from measuring import BENCH, OUTPUT, Case
from references.searchlight import STEM, Searchlights

RADIUS_VOXELS = 3


def run(place):
    n_voxels, mm, n_centres = (3000, 8, 100) if place.quick else (217063, 2, 1000)
    script = BENCH / "references" / "searchlight.py"
    data = place.made(f"searchlight-{n_voxels}", sys.executable, script, "data", "FOLDER", n_voxels, mm)
    lights = Searchlights(data, RADIUS_VOXELS, n_centres)

    def difference(expected):
        has = np.isfinite(expected)

        def of(folder):
            found = volume(folder / "sub-01" / "sub-01_contrast-value_stat-effect_statmap.nii.gz")[lights.centres]
            return largest_difference(found[has], expected[has])

        return of

    def case(name, expected, *more):
        command = [place.program, "rsa", "--trials", data / f"{STEM}trials.tsv", "--conditions", "condition", "--model", "value",
                   "--searchlight", RADIUS_VOXELS * mm, *more, "-o", OUTPUT, "--log-level", "error"]  # fmt: skip
        return Case(name, command, difference(expected), 1e-5)

    crossnobis, correlation = lights.values(lights.crossnobis), lights.values(lights.correlation)
    return place.timed([sys.executable, script, data, RADIUS_VOXELS, n_centres], [
        case("crossnobis", crossnobis),
        case("crossnobis, one thread", crossnobis, "-j", "1"),
        case("correlation", correlation, "--dissimilarity", "correlation"),
    ])  # fmt: skip
