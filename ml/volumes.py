"""Arrays and their geometry to and from NIfTI files."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from ml.geometry import Geometry

_BLOCK_BYTES = 1 << 20


def write_nifti(path: Path, array_zyx: NDArray[Any], geometry: Geometry) -> None:
    """Write an array (Z, Y, X) with its geometry. Raises ValueError when the shapes differ."""
    if tuple(array_zyx.shape) != geometry.shape_zyx:
        raise ValueError(f"array {array_zyx.shape} does not fit the geometry {geometry.shape_zyx}")
    image = sitk.GetImageFromArray(array_zyx)
    z_mm, y_mm, x_mm = geometry.spacing_zyx_mm
    image.SetSpacing((x_mm, y_mm, z_mm))
    image.SetOrigin([float(v) for v in geometry.matrix[:3, 3]])
    image.SetDirection([float(v) for v in geometry.direction_zyx[:, ::-1].reshape(-1)])
    sitk.WriteImage(image, str(path))


def read_nifti(path: Path) -> tuple[NDArray[Any], Geometry]:
    """Array (Z, Y, X) and geometry of a 3-D image file. Raises ValueError when it is not 3-D, cut or not an image."""
    geometry = read_geometry(path)
    check_whole(path)
    return sitk.GetArrayFromImage(_read(path)), geometry


def read_geometry(path: Path) -> Geometry:
    """Geometry of a 3-D image file, from its header alone. Raises ValueError when it is not 3-D or cannot be read."""
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        raise ValueError(f"{path.name} cannot be read as an image") from error
    if reader.GetDimension() != 3:
        raise ValueError(f"need a 3-D image, got {reader.GetDimension()} dimensions")
    (x, y, z), (x_mm, y_mm, z_mm) = reader.GetSize(), reader.GetSpacing()
    direction = np.asarray(reader.GetDirection(), dtype=np.float64).reshape(3, 3)
    origin = reader.GetOrigin()
    return Geometry.from_axes(
        shape_zyx=(z, y, x),
        origin_lps=(origin[0], origin[1], origin[2]),
        z_axis_lps=direction[:, 2] * z_mm,
        y_axis_lps=direction[:, 1] * y_mm,
        x_axis_lps=direction[:, 0] * x_mm,
    )


def check_whole(path: Path) -> None:
    """Raises ValueError when a NIfTI file holds fewer bytes than its header promises: ITK would read zeros there."""
    try:
        stored: Any = nibabel.load(path)  # a lazy image: nothing but the header is read
        promised = int(stored.dataobj.offset) + math.prod(stored.shape) * int(stored.dataobj.dtype.itemsize)
        found = _inflated_bytes(path) if path.suffix == ".gz" else path.stat().st_size
    except (OSError, EOFError, zlib.error, nibabel.filebasedimages.ImageFileError) as error:
        raise ValueError(f"{path.name} is cut short or damaged") from error
    if found < promised:
        raise ValueError(f"{path.name} is cut short: it holds {found} of {promised} bytes")


def _inflated_bytes(path: Path) -> int:
    with gzip.open(path) as stream:
        return sum(len(block) for block in iter(lambda: stream.read(_BLOCK_BYTES), b""))


def _read(path: Path) -> Any:
    try:
        return sitk.ReadImage(str(path))
    except RuntimeError as error:
        raise ValueError(f"{path.name} cannot be read as an image") from error
