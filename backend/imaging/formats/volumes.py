"""Which files of a case are phases of one volume, in what order, and why. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from backend.imaging.dicom.faults import Defect
from backend.imaging.formats.opening import Opened
from backend.imaging.formats.quality import check_count, check_grid
from backend.imaging.reading.messages import Fault
from ml.geometry import Geometry

SAME_GRID_MM = 0.05
NOT_DYNAMIC = frozenset({"dwi", "adc", "b0"})
COMPUTED_WORDS = frozenset({"subtraction", "subtracted", "mip"})
COMPUTED = "computed from other images (a subtraction, projection or reformat)"  # as for DICOM
NUMBER_ONCE = "Give each phase a number of its own in its file name, and import the whole case again."
ONE_GRID = "Write all phases on one grid, or leave the others out, and import the whole case again."
LOOK = "Look at the order of the phases, and set it right where it is wrong."


@dataclass(frozen=True)
class PlannedPhase:
    """One time point of a file. frame: which, from 0. reason: how its place was found."""

    source: Opened
    frame: int
    label: str
    time_s: float | None
    reason: str


@dataclass(frozen=True)
class PlannedVolume:
    """A volume to build."""

    phases: tuple[PlannedPhase, ...]
    is_dce: bool
    remarks: tuple[str, ...] = ()

    @property
    def geometry(self) -> Geometry:
        """Grid of every phase."""
        return self.phases[0].source.turn.geometry

    @property
    def first(self) -> Opened:
        """Stands for the volume."""
        return self.phases[0].source


@dataclass(frozen=True)
class Plan:
    """not_drawn_on: reason by the place of an image. faults: empty when the case can come in."""

    volumes: tuple[PlannedVolume, ...]
    not_drawn_on: dict[int, str]
    faults: tuple[Fault, ...]


def plan_volumes(images: Sequence[Opened], *, max_voxels: int) -> Plan:
    """Decide what becomes of each image of a case."""
    native = [image for image in images if not _is_computed(image)]
    not_drawn_on = {image.place: COMPUTED for image in images if native and _is_computed(image)}
    volumes: list[PlannedVolume] = []
    faults: list[Fault] = []
    for group in _groups(native or images):
        try:
            volume = _volume(group)
            check_count(volume.geometry.shape_zyx, len(volume.phases), max_voxels)
            check_grid(volume.geometry)
            volumes.append(volume)
        except Defect as defect:
            faults.append(Fault(group[0].subject, defect.message, defect.action))
    ordered = sorted(volumes, key=lambda volume: (not volume.is_dce, volume.first.place))
    return Plan(tuple(ordered), not_drawn_on, tuple(faults))


def _is_computed(image: Opened) -> bool:
    return image.named.is_subtraction or bool(COMPUTED_WORDS & set(image.named.words))


def _groups(images: Sequence[Opened]) -> list[list[Opened]]:
    """Files of one series whose names number its phases, in that order, and each other file alone."""
    series: dict[tuple[object, ...], list[Opened]] = defaultdict(list)
    for image in images:
        named = image.named
        is_phase = named.mark is not None and image.layout.phases == 1
        series[(named.words, named.rest, is_phase, None if is_phase else image.place)].append(image)
    return [sorted(group, key=_order) for group in series.values()]


def _volume(group: Sequence[Opened]) -> PlannedVolume:
    if len(group) == 1:
        return _of_one_file(group[0])
    _check_marks(group)
    _check_grids(group)
    marks = [image.named.mark for image in group]
    labels = [mark.label if mark and mark.label else _label(n) for n, mark in enumerate(marks)]
    reasons = [mark.reason if mark else "" for mark in marks]
    phases = tuple(PlannedPhase(image, 0, labels[n], None, reasons[n]) for n, image in enumerate(group))
    return PlannedVolume(phases, is_dce=True, remarks=_doubts(group))


def _of_one_file(image: Opened) -> PlannedVolume:
    layout = image.layout
    if layout.phases == 1:
        alone = PlannedPhase(image, 0, "single phase", None, "the only time point of its series")
        return PlannedVolume((alone,), is_dce=False)
    is_dce = not NOT_DYNAMIC & set(image.named.words)
    phases = tuple(
        PlannedPhase(
            image,
            frame,
            _label(frame) if is_dce else f"time {frame}",
            None if layout.step_s is None else round(frame * layout.step_s, 3),
            f"the {ordinal(frame + 1)} volume of a 4-D file",
        )
        for frame in range(layout.phases)
    )
    doubt = "comes from one 4-D file, and nothing in it names a contrast agent: phase 0 was taken as pre-contrast"
    return PlannedVolume(phases, is_dce, (doubt,) if is_dce else ())


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th …"""
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _order(image: Opened) -> int:
    return image.named.mark.order if image.named.mark else 0


def _label(place: int) -> str:
    return "pre-contrast" if place == 0 else f"post-contrast {place}"


def _check_marks(ordered: Sequence[Opened]) -> None:
    repeated = [order for order, count in Counter(map(_order, ordered)).items() if count > 1]
    if repeated:
        mark = next(image.named.mark for image in ordered if _order(image) == repeated[0])
        said = mark.reason if mark else ""
        raise Defect(f"is one of several files that claim one place among the phases ({said})", NUMBER_ONCE)


def _check_grids(ordered: Sequence[Opened]) -> None:
    first = ordered[0].turn.geometry
    for other in ordered[1:]:
        grid = other.turn.geometry
        if grid.shape_zyx != first.shape_zyx:
            sizes = " and ".join("×".join(map(str, g.shape_zyx)) for g in (first, grid))
            raise Defect(f"and {other.subject} are phases of one volume, but have {sizes} voxels", ONE_GRID)
        if not first.same_grid(grid, tolerance_mm=SAME_GRID_MM):
            raise Defect(f"and {other.subject} are phases of one volume, but lie at different places", ONE_GRID)


def _doubts(ordered: Sequence[Opened]) -> tuple[str, ...]:
    found = ["has the order and the names of its phases from file names alone, and no times"]
    if not any(image.named.mark and image.named.mark.label for image in ordered):
        found.append("has numbered files, and nothing says which is pre-contrast: phase 0 was taken as that")
    orders = [_order(image) for image in ordered if _order(image) >= 0]
    missing = sorted(set(range(orders[0], orders[-1] + 1)) - set(orders)) if orders else []
    if missing:
        found.append(f"has a gap in the numbers of its files: {', '.join(map(str, missing[:5]))} did not come")
    return tuple(found)
