"""The pixels of a planned study into blobs. Nothing is written to the database here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass

from backend.core import blobs
from backend.imaging.dicom.faults import Defect
from backend.imaging.dicom.phases import OrderedPhase
from backend.imaging.dicom.pixels import read_pixels
from backend.imaging.dicom.plan import Fault, StudyPlan, VolumePlan
from backend.imaging.stored import StoredBlocks, load_slices, store_phase
from backend.imaging.thumbnails import png_of

AT_ONCE = 2  # decoding and compressing leave Python's lock; a phase of 448×448×160 takes 130 MB meanwhile


class StudyRefused(Exception):
    """The study cannot come in, for these reasons."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


@dataclass(frozen=True)
class BuiltPhase:
    """A phase whose pixels are stored."""

    phase: OrderedPhase
    stored: StoredBlocks
    slope: float
    intercept: float


@dataclass(frozen=True)
class BuiltVolume:
    """A volume whose phases are stored; thumbnail: sha256 of a PNG."""

    plan: VolumePlan
    phases: tuple[BuiltPhase, ...]
    thumbnail: str


def build_volumes(plan: StudyPlan, *, step: Callable[[int], None]) -> list[BuiltVolume]:
    """Decode, compress and store every phase; `step` gets the number of files done with each.

    Raises StudyRefused when the plan has faults, or pixels cannot be read.
    """
    if plan.faults:
        raise StudyRefused(plan.faults)
    ordered = [phase for volume in plan.volumes for phase in volume.phases]
    built: dict[int, BuiltPhase] = {}
    with _pool() as pool:
        futures = {pool.submit(_build, phase): n for n, phase in enumerate(ordered)}
        for future in as_completed(futures):
            phase = future.result()
            built[futures[future]] = phase
            step(len(phase.phase.source.stack.headers))
    numbers = iter(range(len(ordered)))
    return [_volume(volume, tuple(built[next(numbers)] for _ in volume.phases)) for volume in plan.volumes]


@contextmanager
def _pool() -> Iterator[ThreadPoolExecutor]:
    """Threads that start nothing more once one has failed."""
    pool = ThreadPoolExecutor(max_workers=AT_ONCE)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _build(phase: OrderedPhase) -> BuiltPhase:
    try:
        pixels = read_pixels(phase.source.stack)
    except Defect as defect:
        raise StudyRefused((Fault(phase.source.part.series.name, defect.message, defect.action),)) from defect
    return BuiltPhase(phase, store_phase(pixels.stored), pixels.slope, pixels.intercept)


def _volume(plan: VolumePlan, phases: tuple[BuiltPhase, ...]) -> BuiltVolume:
    shown, geometry = phases[-1].stored, plan.geometry
    middle = geometry.shape_zyx[0] // 2
    picture = load_slices(shown, geometry.shape_zyx, middle, middle + 1)[0]
    png = png_of(picture, geometry.spacing_zyx_mm[1:], (shown.window_low, shown.window_high))
    return BuiltVolume(plan, phases, blobs.put(png))
