"""Values of events.tsv after each transformation, by pandas, numpy and scipy: writes expected.tsv."""
import numpy as np
import pandas as pd
from scipy import ndimage

events = pd.read_csv("events.tsv", sep="\t")
gain, score, rt = events["gain"].astype(float), events["score"], events["rt"]


def above(values, threshold, binarize=False, below=False, signed=True):
    values = values if signed else values.abs()
    keep = values <= threshold if below else values >= threshold
    return values.where(keep, 0) if not binarize else keep.astype(float)


def residual(y, others):
    rows = pd.concat([y, others], axis=1).notna().all(axis=1)
    x = np.column_stack([np.ones(rows.sum()), others[rows].to_numpy()])
    slopes = np.linalg.lstsq(x, y[rows].to_numpy(), rcond=None)[0][1:]
    out = y.copy()
    out[rows] = y[rows] - others[rows].to_numpy() @ slopes
    return out


def shifted(values, **how):
    return pd.Series(ndimage.shift(values.to_numpy(), **how))


expected = pd.DataFrame({
    "scaled": (score - score.mean()) / score.std(),
    "demeaned": gain - gain.mean(),
    "demeaned_filled": (score - score.mean()).fillna(0),
    "filled_scaled": (score.fillna(0) - score.fillna(0).mean()) / score.fillna(0).std(),
    "threshold": above(gain, 0),
    "binarized": above(gain, 0, binarize=True),
    "binarized_below": above(gain, -1, binarize=True, below=True),
    "unsigned": above(gain, 3, signed=False),
    "product": gain * score,
    "weighted_sum": 2 * gain - 0.5 * rt,
    "orthogonalized": residual(score, pd.concat([gain, rt], axis=1)),
    "lag_1_nearest": shifted(gain, shift=1, order=1, mode="nearest"),
    "lag_minus_2_reflect": shifted(gain, shift=-2, order=1, mode="reflect"),
    "lag_2_constant": shifted(gain, shift=2, order=1, mode="constant", cval=9),
    "lag_half": shifted(gain, shift=0.5, order=1, mode="nearest"),
    "lag_difference": gain - shifted(gain, shift=1, order=1, mode="nearest"),
    "derivative": gain.diff(),
    "second_derivative": gain.diff().diff(),
    "power": score**2,
    "go_against_rest": events["trial_type"].map({"go": -0.5, "rest": 1, "stop": 0}).fillna(0),
})
expected.to_csv("expected.tsv", sep="\t", index=False, na_rep="n/a", float_format="%.17g")
