"""The pixels of a planned volume, coded and written, without its padding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from numpy.typing import NDArray

from backend.imaging.dicom.faults import Defect, NotDrawnOn
from backend.imaging.formats.arrays import as_pixels, read_arrays, whole_values
from backend.imaging.formats.masks import Target
from backend.imaging.formats.opening import Opened
from backend.imaging.formats.padding import find_padding
from backend.imaging.formats.rows import description_of
from backend.imaging.formats.volumes import PlannedPhase, PlannedVolume
from backend.imaging.reading.faults import StudyRefused
from backend.imaging.reading.messages import BuiltPhase, BuiltVolume, Fault
from backend.imaging.reading.output import Output, Place

FEW_VALUES = 16  # an image has more; a file with fewer whole numbers is likely a label map


def target_of(volume: PlannedVolume, images: Sequence[Opened], masks: Sequence[Opened]) -> Target:
    """Grid and padding of a volume. Only arrays are padded; their label maps and subtractions count too."""
    grid = volume.geometry
    if volume.first.named.kind != "npy":
        return Target(grid, None)
    beside = [
        file for file in (*images, *masks) if file.named.kind == "npy" and file.layout.shape_zyx == grid.shape_zyx
    ]
    try:
        return Target(grid, find_padding(beside))
    except Defect as defect:
        raise StudyRefused((Fault(volume.first.subject, defect.message, defect.action),)) from defect


def build_volume(volume: PlannedVolume, target: Target, out: Output, *, step: Callable[[int], None]) -> BuiltVolume:
    """Read each file once; `step` gets 1 after each.

    Raises StudyRefused for a file that cannot be read, and NotDrawnOn for an image that looks like a label map.
    """
    phases: list[BuiltPhase] = []
    for _, group in groupby(volume.phases, key=lambda phase: phase.source.place):
        planned = list(group)
        source = planned[0].source
        try:
            for phase, raw in zip(planned, read_arrays(source.path, source.layout), strict=True):
                _check_is_image(volume, raw)
                phases.append(_phase(phase, target.kept.array(raw) if target.kept else raw, out))
        except Defect as defect:
            raise StudyRefused((Fault(source.subject, defect.message, defect.action),)) from defect
        step(1)
    return out.volume(name=_name(volume), is_dce=volume.is_dce, geometry=target.stored, phases=tuple(phases))


def _phase(phase: PlannedPhase, raw: NDArray[Any], out: Output) -> BuiltPhase:
    layout = phase.source.layout
    pixels = as_pixels(raw, layout.slope, layout.intercept)
    return out.phase(pixels, Place(phase.source.place, phase.label, phase.time_s, phase.reason))


def _check_is_image(volume: PlannedVolume, raw: NDArray[Any]) -> None:
    if len(volume.phases) > 1 or not volume.first.layout.is_whole_numbers:
        return
    values = whole_values(raw, most=FEW_VALUES)
    if values and len(values) > 1:
        raise NotDrawnOn(
            f"holds {len(values)} different values, as a label map does; end its name with _seg to import it as one"
        )


def _name(volume: PlannedVolume) -> str:
    """In our own words: names of files do not come in."""
    if volume.is_dce:
        return f"DCE, {len(volume.phases)} phases"
    return description_of(volume.first)
