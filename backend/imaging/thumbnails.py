"""Small pictures for lists."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

LONGEST_SIDE = 256


def png_of(slice_yx: NDArray[np.int16], spacing_yx_mm: tuple[float, float], window: tuple[float, float]) -> bytes:
    """PNG of one slice (Y, X) with square pixels, at most 256 on the longer side; window: black and white value."""
    low, high = window
    grey = np.clip((slice_yx.astype(np.float32) - low) * (255 / (high - low)), 0, 255)
    image = sitk.GetImageFromArray(grey)
    image.SetSpacing((spacing_yx_mm[1], spacing_yx_mm[0]))
    small = sitk.Cast(_resampled(image), sitk.sitkUInt8)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "thumbnail.png"
        sitk.WriteImage(small, str(path))
        return path.read_bytes()


def _resampled(image: sitk.Image) -> sitk.Image:
    extent_mm = [n * mm for n, mm in zip(image.GetSize(), image.GetSpacing(), strict=True)]
    step_mm = max(*image.GetSpacing(), max(extent_mm) / LONGEST_SIDE)
    smooth = sitk.SmoothingRecursiveGaussian(image, step_mm / 2) if step_mm > 1.5 * min(image.GetSpacing()) else image
    size = [max(1, round(mm / step_mm)) for mm in extent_mm]
    # Voxel centres: the first output centre lies half an output step inside the first input edge.
    origin = [step_mm / 2 - mm / 2 for mm in image.GetSpacing()]
    return sitk.Resample(smooth, size, sitk.Transform(), sitk.sitkLinear, origin, [step_mm] * 2, [1, 0, 0, 1], 0.0)
