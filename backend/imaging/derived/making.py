"""Computes a channel block by block, so that no more than a few slices of each phase are in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.core import blobs
from backend.imaging.derived.recipes import floor_of, timing_of
from backend.imaging.derived.scales import Scale, scale_for
from backend.imaging.models import Phase, Volume
from backend.imaging.pictures import grey, png, view_along
from backend.imaging.stored import StoredBlocks, load_slices, store_phase
from ml.geometry import Geometry
from ml.preprocessing.channels import Kind, Projections, Recipe, compute, phases_used

SLICES_AT_ONCE = 16
PICTURE_PERCENTILES = (1.0, 99.8)


@dataclass(frozen=True)
class MadeChannel:
    """Stored blocks with their scale; projections: sha256 of a PNG by plane."""

    blocks: StoredBlocks
    scale: Scale
    projections: dict[str, str]


def make_channel(volume: Volume, phases: Sequence[Phase], made: Recipe, alive: Callable[[], None]) -> MadeChannel:
    """Compute and store a channel of a volume. alive: called for every few slices.

    Raises NotFound when the store lost a blob, StorageFull when it has no room.
    """
    projections = Projections(volume.shape_zyx)
    if made.kind is Kind.PHASE and made.channel is not None:
        phase = phases[made.channel.phase]
        for start, values in _slices(volume, phases, made):
            projections.add(start, values)
            alive()
        blocks = StoredBlocks(
            phase.codec, phase.slices_per_chunk, list(phase.chunks), phase.window_low, phase.window_high
        )
        return MadeChannel(blocks, Scale(phase.slope, phase.intercept), pictures_of(projections, volume.geometry))
    with tempfile.TemporaryDirectory(prefix="ninefold-derived-") as folder:
        blocks, scale = _stored(volume, _slices(volume, phases, made), projections, Path(folder), alive)
    return MadeChannel(blocks, scale, pictures_of(projections, volume.geometry))


def pictures_of(projections: Projections, geometry: Geometry) -> dict[str, str]:
    """Store a PNG of each projection, by plane."""
    stored = {}
    for axis, values in enumerate((projections.along_z, projections.along_y, projections.along_x)):
        view = view_along(geometry, axis)
        low, high = np.percentile(values, PICTURE_PERCENTILES)
        picture = view.turned(grey(values, (float(low), float(high))))
        stored[view.plane] = blobs.put(png(picture, view.spacing_mm))
    return stored


def _slices(volume: Volume, phases: Sequence[Phase], made: Recipe) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """First slice and values (n, Y, X) of the channel, a few slices at a time."""
    timing, floor = timing_of(phases), floor_of(phases, made)
    used = phases_used(made, timing)
    shape = volume.shape_zyx
    for start in range(0, shape[0], SLICES_AT_ONCE):
        stop = min(start + SLICES_AT_ONCE, shape[0])
        values = {index: scanner_values(phases[index], shape, start, stop) for index in used}
        yield start, compute(made, values, timing, floor=floor)


def scanner_values(phase: Phase, shape_zyx: tuple[int, int, int], start: int, stop: int) -> NDArray[np.float32]:
    """Scanner values (stop - start, Y, X) of some slices of a phase."""
    values = load_slices(phase, shape_zyx, start, stop).astype(np.float32)
    if (phase.slope, phase.intercept) != (1.0, 0.0):
        values *= np.float32(phase.slope)
        values += np.float32(phase.intercept)
    return values


def _stored(
    volume: Volume,
    slices: Iterator[tuple[int, NDArray[np.float32]]],
    projections: Projections,
    folder: Path,
    alive: Callable[[], None],
) -> tuple[StoredBlocks, Scale]:
    """The range has to be known before the first value is stored, so values wait in a file meanwhile."""
    real = np.memmap(folder / "real", dtype=np.float32, mode="w+", shape=volume.shape_zyx)
    low, high, whole = np.inf, -np.inf, True
    for start, values in slices:
        real[start : start + len(values)] = values
        projections.add(start, values)
        low, high = min(low, float(values.min())), max(high, float(values.max()))
        whole = whole and np.array_equal(values, np.rint(values))
        alive()
    scale = scale_for(low, high, whole=whole)
    stored = np.memmap(folder / "stored", dtype=np.int16, mode="w+", shape=volume.shape_zyx)
    for start in range(0, len(real), SLICES_AT_ONCE):
        part = slice(start, start + SLICES_AT_ONCE)
        stored[part] = scale.stored(real[part])
        alive()
    return store_phase(stored), scale
