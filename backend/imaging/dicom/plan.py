"""What a study becomes: its volumes, what is not drawn on and why, or the defects that refuse it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.imaging.dicom.faults import Defect, NotDrawnOn
from backend.imaging.dicom.grouping import SeriesFiles, StudyFiles
from backend.imaging.dicom.nature import images_of
from backend.imaging.dicom.phases import OrderedPhase, TimedStack, cluster, doubts, is_dce, order_phases
from backend.imaging.dicom.splitting import split_series
from backend.imaging.dicom.stacks import build_stack
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
    def voxels(self) -> int:
        """Over all phases."""
        z, y, x = self.geometry.shape_zyx
        return z * y * x * len(self.phases)


@dataclass(frozen=True)
class Fault:
    """A defect and the series it is in."""

    series: str
    message: str
    action: str


@dataclass(frozen=True)
class StudyPlan:
    """not_drawn_on: reason by series UID; faults: empty when the study can come in; remarks: what to look at."""

    study: StudyFiles
    volumes: tuple[VolumePlan, ...]
    not_drawn_on: dict[str, str]
    faults: tuple[Fault, ...]
    remarks: tuple[str, ...]


def plan_study(study: StudyFiles, *, max_voxels: int) -> StudyPlan:
    """Decide what becomes of each series. A volume larger than `max_voxels` over its phases is a fault."""
    not_drawn_on: dict[str, str] = {}
    faults: list[Fault] = []
    stacks: list[TimedStack] = []
    for series in study.series:
        try:
            parts = split_series(series, images_of(series))
            stacks += [TimedStack(part, build_stack(part.headers)) for part in parts]
        except NotDrawnOn as note:
            not_drawn_on[series.uid] = note.reason
        except Defect as defect:
            faults.append(Fault(series.name, defect.message, defect.action))
    volumes = _volumes(stacks, faults)
    faults += [_too_large(volume, max_voxels) for volume in volumes if volume.voxels > max_voxels]
    remarks = [remark for volume in volumes if volume.is_dce for remark in doubts(volume.phases)]
    return StudyPlan(study, tuple(volumes), not_drawn_on, tuple(faults), tuple(remarks))


def _volumes(stacks: Sequence[TimedStack], faults: list[Fault]) -> list[VolumePlan]:
    volumes = []
    for group in cluster(stacks):
        dynamic = is_dce(group)
        for members in [group] if dynamic else _by_series(group):
            try:
                phases = order_phases(members, dynamic=dynamic)
            except Defect as defect:
                faults.append(Fault(members[0].part.series.name, defect.message, defect.action))
            else:
                volumes.append(VolumePlan(dynamic, members[0].part.kind, tuple(phases)))
    return sorted(volumes, key=lambda volume: not volume.is_dce)


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
