"""Values of 100 regions from the maps of all participants, compared with decompressing the same maps.

Data: as group_ols; an atlas of 100 blocks.
Check: all means, and the medians, against numpy.
Ratio: to `igzip -dc` of the maps in the same round.
"""
import numpy as np

from images import largest_difference, table, volume
from measuring import OUTPUT, Case
from tasks.group_ols import maps


def run(place):
    data, effects = maps(place)
    labels = volume(data / "atlas.nii.gz").astype(int)
    values = {path.name.split("_")[0]: volume(path) for path in effects}

    def check(statistic, of_values):
        def difference(folder):
            rows = [row for row in table(folder / "roi_values.tsv") if row["statistic"] == statistic]
            if len(rows) != len(values) * len(np.unique(labels[labels > 0])):
                return np.inf
            expected = [of_values(values[row["participant_id"]][labels == int(row["roi"].removeprefix("label"))]) for row in rows]
            return largest_difference([float(row["value"]) for row in rows], expected)

        return difference

    command = [place.program, "roi", "extract", "--maps", *effects, "--atlas", data / "atlas.nii.gz", "--masks",
               data / "mask.nii.gz", "-o", OUTPUT, "--log-level", "error"]  # fmt: skip
    return place.timed(["igzip", "-dc", *effects], [
        Case("means", [*command, "--statistic", "mean"], check("mean", np.mean), 1e-6),
        Case("medians", [*command, "--statistic", "median"], check("median", np.median), 1e-6),
    ])  # fmt: skip
