"""What a study becomes: its volumes, what is not drawn on and why, or the defects that refuse it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from backend.imaging.dicom.doubts import SUBJECT as DCE
from backend.imaging.dicom.doubts import doubts
from backend.imaging.dicom.faults import Defect, NotDrawnOn
from backend.imaging.dicom.grouping import SeriesFiles, StudyFiles
from backend.imaging.dicom.headers import Header
from backend.imaging.dicom.nature import images_of
from backend.imaging.dicom.phases import OrderedPhase, TimedStack, cluster, is_dce, is_t1_gradient_echo, order_phases
from backend.imaging.dicom.quality import check_extent, check_scale, warnings_of
from backend.imaging.dicom.repeats import without_repeats
from backend.imaging.dicom.splitting import Part, split_series
from backend.imaging.dicom.stacks import build_stack
from backend.imaging.reading.messages import Fault
from ml.geometry import Geometry


@dataclass(frozen=True)
class VolumePlan:
    """A volume to build. kind: what sets it apart from others of its series, such as `echo 2.3`."""

    is_dce: bool
    kind: str
    phases: tuple[OrderedPhase, ...]

    @property
    def geometry(self) -> Geometry:
        """Grid of every phase."""
        return self.phases[0].source.stack.geometry

    @property
    def series(self) -> SeriesFiles:
        """The series of phase 0."""
        return self.phases[0].source.part.series

    @property
    def name(self) -> str:
        """How a report calls it: by its series, which names nobody."""
        return DCE if self.is_dce else self.series.name

    @property
    def voxels(self) -> int:
        """Over all phases."""
        z, y, x = self.geometry.shape_zyx
        return z * y * x * len(self.phases)


@dataclass(frozen=True)
class StudyPlan:
    """not_drawn_on: reason by series UID; faults: empty when the study can come in; warnings: what to look at."""

    study: StudyFiles
    volumes: tuple[VolumePlan, ...]
    not_drawn_on: dict[str, str]
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]


@dataclass
class Draft:
    """A plan while its series are gone through."""

    not_drawn_on: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)


def plan_study(study: StudyFiles, *, max_voxels: int) -> StudyPlan:
    """Decide what becomes of each series. A volume larger than `max_voxels` over its phases is a fault."""
    draft, stacks = Draft(), list[TimedStack]()
    for series in study.series:
        try:
            stacks += _stacks(series, draft)
        except NotDrawnOn as note:
            draft.not_drawn_on[series.uid] = note.reason
        except Defect as defect:
            draft.faults.append(Fault(series.name, defect.message, defect.action))
    volumes = _volumes(stacks, draft)
    draft.faults += [_too_large(volume, max_voxels) for volume in volumes if volume.voxels > max_voxels]
    for volume in volumes:
        draft.warnings += warnings_of(volume)
        draft.warnings += doubts(volume.phases) if volume.is_dce else []
    return StudyPlan(study, tuple(volumes), draft.not_drawn_on, tuple(draft.faults), tuple(draft.warnings))


def _stacks(series: SeriesFiles, draft: Draft) -> list[TimedStack]:
    images = images_of(series)
    computed = len(series.slices) - len(images)
    if computed:
        what = f"has {computed} of {len(series.slices)} images that are computed from the others; they were left out"
        draft.warnings.append(Fault(series.name, what, ""))
    check_scale(images)
    stacks = [TimedStack(part, build_stack(part.headers)) for part in _parts(series, images)]
    for stack in stacks:
        check_extent(stack.stack.geometry)
    return stacks


def _parts(series: SeriesFiles, images: Sequence[Header]) -> list[Part]:
    """Images that nothing tells apart refuse a study only where they can be phases of it."""
    try:
        return split_series(series, images)
    except Defect as defect:
        if is_t1_gradient_echo(images[0]):
            raise
        raise NotDrawnOn(f"it {defect.message}") from defect


def _volumes(stacks: Sequence[TimedStack], draft: Draft) -> list[VolumePlan]:
    volumes = []
    for found in cluster(stacks):
        group, repeated = without_repeats(found)
        _note_repeats(repeated, stacks, draft)
        dynamic = is_dce(group)
        for members in [group] if dynamic else _by_series(group):
            try:
                phases = order_phases(members, dynamic=dynamic)
            except Defect as defect:
                draft.faults.append(Fault(members[0].part.series.name, defect.message, defect.action))
            else:
                volumes.append(VolumePlan(dynamic, members[0].part.kind, tuple(phases)))
    return sorted(volumes, key=lambda volume: not volume.is_dce)


def _note_repeats(
    repeated: Sequence[tuple[TimedStack, TimedStack]], stacks: Sequence[TimedStack], draft: Draft
) -> None:
    """A series that came twice is listed; where only a part of it did, that is told."""
    left_out = Counter(stack.part.series.uid for stack, _ in repeated)
    whole = Counter(stack.part.series.uid for stack in stacks)
    for stack, twin in repeated:
        series = stack.part.series
        if left_out[series.uid] == whole[series.uid]:
            draft.not_drawn_on[series.uid] = f"the same pictures as {twin.part.series.name}, exported twice"
        else:
            draft.warnings.append(Fault(stack.name, f"is the same as {twin.name}, and was left out", ""))


def _by_series(group: Sequence[TimedStack]) -> list[list[TimedStack]]:
    """Time points of one series stay together; repeats in another series are volumes of their own."""
    found: dict[str, list[TimedStack]] = {}
    for stack in group:
        found.setdefault(stack.part.series.uid, []).append(stack)
    return list(found.values())


def _too_large(volume: VolumePlan, limit: int) -> Fault:
    shape = "×".join(str(n) for n in volume.geometry.shape_zyx)
    return Fault(
        volume.series.name,
        f"is too large: {len(volume.phases)} × {shape} = {volume.voxels:,} voxels; the limit is {limit:,}",
        "Import a smaller part of it, or ask the administrator to raise NINEFOLD_MAX_VOLUME_VOXELS.",
    )
