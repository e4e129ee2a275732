"""A label map in a NIfTI, NRRD or MetaImage file, added by hand to a volume."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from backend.imaging.reading.messages import BuiltMask
from backend.imaging.reading.output import Output
from backend.imaging.segments.label_maps import Described, Planes, built, checked, planes_of
from backend.imaging.segments.places import Fit, fit
from backend.imaging.segments.refusal import MaskRefused
from backend.imaging.segments.slicer import Named, is_about_segments, named_segments
from ml.geometry import Geometry
from ml.volumes import check_whole

# Suffix → (name of the format, ITK's reader).
KINDS = {
    ".nii.gz": ("NIfTI", "NiftiImageIO"),
    ".nii": ("NIfTI", "NiftiImageIO"),
    ".nrrd": ("NRRD", "NrrdImageIO"),
    ".mha": ("MetaImage", "MetaImageIO"),
}
HEAD_BYTES = 64 * 1024
sitk.ProcessObject.SetGlobalWarningDisplay(False)  # noqa: FBT003 - ITK's warnings quote the path

SEND_WHOLE = "Send the file again, whole, as .nii, .nii.gz, .nrrd or .mha."


def read_label_file(path: Path, name: str, grid: Geometry, out: Output) -> BuiltMask:
    """The mask in one file. name: what the file came with; only its suffix is looked at.

    Axes may run another way than the volume's, and the file may cover a part of it. Layers of a `.seg.nrrd` are kept
    apart, with the names and codes that it gives.

    Raises MaskRefused where the file cannot be read, holds no label map, or lies on another grid.
    """
    suffix = _suffix(name)
    kind, _ = KINDS[suffix]
    with _with_suffix(path, suffix, out.folder) as file:
        reader = _reader(file, suffix)
        geometry = _geometry(reader)
        place = fit(
            grid,
            shape=geometry.shape_zyx,
            origin_lps=geometry.matrix[:3, 3],
            steps_lps=geometry.matrix[:3, :3].T,
        )
        layers = [_on_grid(layer, place, grid) for layer in _layers(file, suffix, reader)]
    words = {word: reader.GetMetaData(word) for word in reader.GetMetaDataKeys() if is_about_segments(word)}
    planes, said = _numbered(layers, named_segments(words))
    return built(
        checked(grid.shape_zyx, planes),
        said,
        source=f"{kind} label map",
        instances_key=hashlib.sha256(path.read_bytes()).hexdigest(),
        volume=0,
        out=out,
    )


def is_label_file(name: str) -> bool:
    """True for a name whose suffix `read_label_file` knows."""
    return name.lower().endswith(tuple(KINDS))


def _suffix(name: str) -> str:
    found = next((suffix for suffix in KINDS if name.lower().endswith(suffix)), None)
    if found is None:
        raise MaskRefused("is none of the files that can hold a mask", SEND_WHOLE)
    return found


@contextmanager
def _with_suffix(path: Path, suffix: str, folder: Path) -> Iterator[Path]:
    """The file under a name that ends as ITK wants it; uploaded files lie under numbers."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        link = Path(place, f"mask{suffix}")
        link.symlink_to(path.resolve())
        yield link


def _reader(file: Path, suffix: str) -> sitk.ImageFileReader:
    """A reader that has read the header."""
    _refuse_detached(file, suffix)
    reader = sitk.ImageFileReader()
    reader.SetImageIO(KINDS[suffix][1])
    reader.SetFileName(str(file))
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        raise MaskRefused("cannot be read as an image", SEND_WHOLE) from error
    return reader


def _refuse_detached(file: Path, suffix: str) -> None:
    """NRRD and MetaImage headers can name another file of this machine to take the voxels from."""
    with file.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    detached = False
    if suffix == ".nrrd":
        own = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
        detached = re.search(rb"^data ?file\s*:", own, re.IGNORECASE | re.MULTILINE) is not None
    elif suffix == ".mha":
        detached = re.search(rb"^\s*ElementDataFile\s*=\s*LOCAL\s*$", head, re.MULTILINE) is None
    if detached:
        raise MaskRefused("is a header whose voxels lie in another file", SEND_WHOLE)


def _geometry(reader: sitk.ImageFileReader) -> Geometry:
    if reader.GetDimension() != 3:
        raise MaskRefused(f"has {reader.GetDimension()} dimensions; a mask has 3", SEND_WHOLE)
    (x, y, z), (x_mm, y_mm, z_mm) = reader.GetSize(), reader.GetSpacing()
    direction = np.asarray(reader.GetDirection(), dtype=np.float64).reshape(3, 3)
    origin = reader.GetOrigin()
    try:
        return Geometry.from_axes(
            shape_zyx=(z, y, x),
            origin_lps=(origin[0], origin[1], origin[2]),
            z_axis_lps=direction[:, 2] * z_mm,
            y_axis_lps=direction[:, 1] * y_mm,
            x_axis_lps=direction[:, 0] * x_mm,
        )
    except ValueError as error:
        raise MaskRefused("does not say where its voxels lie", SEND_WHOLE) from error


def _layers(file: Path, suffix: str, reader: sitk.ImageFileReader) -> list[NDArray[Any]]:
    """Arrays (Z, Y, X) of the file."""
    try:
        if KINDS[suffix][0] == "NIfTI":
            check_whole(file)  # ITK would read zeros where the file ends early
        image = reader.Execute()
    except (ValueError, RuntimeError) as error:
        raise MaskRefused("is cut short or damaged", SEND_WHOLE) from error
    array = sitk.GetArrayFromImage(image)
    return [array] if array.ndim == 3 else [array[..., n] for n in range(array.shape[-1])]


def _on_grid(layer: NDArray[Any], place: Fit, grid: Geometry) -> NDArray[Any]:
    wide = np.zeros(grid.shape_zyx, dtype=layer.dtype)
    place.part(wide, layer.shape)[...] = layer
    return wide


def _numbered(
    layers: list[NDArray[Any]], named: Mapping[tuple[int, int], Named]
) -> tuple[Planes, dict[int, Described]]:
    """Packed slices and what is said of them by segment number: the file's own, else the value."""
    if len(layers) > 1 and not named:
        raise MaskRefused(f"has {len(layers)} values in each voxel, as colour pictures do", SEND_WHOLE)
    planes: Planes = {}
    said = {segment.number: segment.said for segment in named.values()}
    for layer, labels in enumerate(layers):
        for value, slices in planes_of(labels).items():
            segment = named.get((layer, value))
            number = segment.number if segment else max(said) + 1 if named else value
            said.setdefault(number, Described(f"value {value}"))
            planes[number] = slices
    return planes, said
