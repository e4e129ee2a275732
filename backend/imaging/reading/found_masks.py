"""Segmentations that belong to the volumes of a study, or were added to one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from backend.imaging.dicom.cleaner import Cleaner
from backend.imaging.dicom.grouping import SeriesFiles
from backend.imaging.dicom.keys import Key
from backend.imaging.reading.faults import StudyRefused
from backend.imaging.reading.messages import BuiltMask, BuiltVolume, Fault
from backend.imaging.reading.output import Output
from backend.imaging.reading.protocol import StoredGrid, slices_by_uid
from backend.imaging.segments import MaskRefused, read_mask_file, read_seg

SEGMENTATION = "SEG"


def is_segmentation(series: SeriesFiles) -> bool:
    """True for what holds masks instead of images."""
    return series.first.modality == SEGMENTATION


def grid_of(volume: BuiltVolume, frame_of_reference: str) -> StoredGrid:
    """A volume that was just built, as masks are placed on it."""
    pairs = [(n, uid) for phase in volume.phases for n, (uid, _) in enumerate(phase.instances)]
    return StoredGrid(volume.geometry, slices_by_uid(pairs), frame_of_reference)


def masks_of(
    series: Sequence[tuple[int, SeriesFiles]],
    volumes: Sequence[StoredGrid],
    *,
    key: Key,
    cleaner: Cleaner,
    out: Output,
) -> tuple[tuple[BuiltMask, ...], tuple[Fault, ...]]:
    """Each segmentation, with the place of its series, on every volume that it fits; and those that fit none."""
    masks: list[BuiltMask] = []
    faults: list[Fault] = []
    for place, files in series:
        for header in files.headers:
            found, refused = _on_each(header.path, volumes, key=key, cleaner=cleaner, out=out)
            masks += [replace(mask, series=place) for mask in found]
            if not found and refused:
                message = f"is not offered as a mask: it {refused[0].message}"
                faults.append(Fault(files.name, message, refused[0].action))
    return tuple(masks), tuple(dict.fromkeys(faults))


def mask_in(path: Path, name: str, volume: StoredGrid, *, key: Key, out: Output) -> BuiltMask:
    """The mask in one file of any kind. Raises StudyRefused with what is wrong with it."""
    try:
        return read_mask_file(
            path,
            name,
            key=key,
            grid=volume.geometry,
            references=volume.references,
            out=out,
            frame_of_reference=volume.frame_of_reference,
        )
    except MaskRefused as refused:
        raise StudyRefused((Fault("The file", refused.message, refused.action),)) from None


def _on_each(
    path: Path, volumes: Sequence[StoredGrid], *, key: Key, cleaner: Cleaner, out: Output
) -> tuple[list[BuiltMask], list[MaskRefused]]:
    found, refused = [], []
    for number, volume in enumerate(volumes):
        try:
            mask = read_seg(
                path,
                key=key,
                grid=volume.geometry,
                references=volume.references,
                out=out,
                frame_of_reference=volume.frame_of_reference,
                cleaner=cleaner,
            )
        except MaskRefused as error:
            refused.append(error)
        else:
            found.append(replace(mask, volume=number))
    return found, refused
