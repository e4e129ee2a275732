"""How like two images of one body are, whatever their contrast."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

BINS = 64
RANGE_PERCENTILES = (0.5, 99.5)


def body_of(values_zyx: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Voxels (Z, Y, X) of the body: the largest piece above a threshold, closed; all where there is none.

    Otsu's threshold of the logarithm: between the values themselves it parts gland and heart from dark, saturated fat.
    """
    smooth = sitk.GetArrayFromImage(sitk.DiscreteGaussian(sitk.GetImageFromArray(values_zyx), [2.0] * 3))
    tissue = sitk.OtsuThreshold(sitk.GetImageFromArray(np.log1p(smooth - smooth.min())), 0, 1)
    closed = sitk.BinaryMorphologicalClosing(tissue, [3, 3, 3])
    pieces = sitk.RelabelComponent(sitk.ConnectedComponent(closed))
    body: NDArray[np.bool_] = sitk.GetArrayFromImage(pieces) == 1
    return body if body.any() else np.ones(values_zyx.shape, dtype=np.bool_)


def mutual_information(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Normalised mutual information (H(one) + H(other)) / H(both): 1 for unrelated values, 2 for the same.

    Studholme, Hill, Hawkes, Pattern Recognition 1999;32:71-86. Raises ValueError when the sizes differ.
    """
    if one.shape != other.shape:
        raise ValueError(f"both need one shape, got {one.shape} and {other.shape}")
    counts = np.zeros((BINS, BINS))
    np.add.at(counts, (_binned(one), _binned(other)), 1)
    both = _entropy(counts.ravel())
    return (_entropy(counts.sum(axis=0)) + _entropy(counts.sum(axis=1))) / both if both > 0 else 2.0


def _binned(values: NDArray[np.float32]) -> NDArray[np.intp]:
    low, high = np.percentile(values, RANGE_PERCENTILES)
    scaled = (values.ravel() - low) * (BINS / max(float(high - low), 1e-12))
    bins: NDArray[np.intp] = np.clip(scaled, 0, BINS - 1).astype(np.intp)
    return bins


def _entropy(counts: NDArray[np.float64]) -> float:
    share = counts[counts > 0] / counts.sum()
    return float(-(share * np.log(share)).sum())
