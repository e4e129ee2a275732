"""What becomes of each file of a folder, in the words of the reports, by the reading side alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from backend.imaging.dicom.cleaner import Cleaner
from backend.imaging.dicom.grouping import SeriesFiles, StudyFiles, group
from backend.imaging.dicom.keys import Key
from backend.imaging.dicom.plan import StudyPlan, plan_study
from backend.imaging.dicom.scan import scan
from backend.imaging.formats import FileCase, find_cases
from backend.imaging.reading.faults import StudyRefused
from backend.imaging.reading.found_masks import is_segmentation, masks_of
from backend.imaging.reading.messages import SourceFile
from backend.imaging.reading.output import Output
from backend.imaging.reading.protocol import StoredGrid, slices_by_uid
from backend.imaging.reading.refusals import REFUSALS

KEY = Key(b"the secret of a project")
MAX_VOXELS = 10**9


def fates_of(folder: Path, out: Path) -> dict[str, str]:
    """By the path in the folder: what the file is now part of, or why it is not; copies are named as such."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    sources = [SourceFile(path, path.relative_to(folder).as_posix()) for path in paths]
    found = find_cases(sources)
    fates = {sources[place].name: reason.one for place, reason in found.refused.items()}
    told = {place for case in found.cases for place in case.places}
    for case in found.cases:
        fates |= {sources[place].name: fate for place, fate in _of_case(case, Output(out)).items()}
    rest = [source for place, source in enumerate(sources) if place not in told]
    return fates | dict(_of_dicom(rest, fates, Output(out)))


def _of_case(case: FileCase, out: Output) -> dict[int, str]:
    case.read_digests(at=lambda place: None)
    try:
        study = case.build(key=KEY, out=out, max_voxels=MAX_VOXELS, step=lambda files: None)
    except StudyRefused as refused:
        return dict.fromkeys(case.places, "refused: " + "; ".join(fault.message for fault in refused.faults))
    fates = {}
    for number, image in enumerate(case.images):
        shapes = [_shape(v.geometry.shape_zyx) for v in study.volumes if v.phases[0].series == number]
        fates[image.index] = f"volume {shapes[0]}" if shapes else f"listed: {study.series[number].not_drawn_on}"
    for mask in case.masks:
        fates[mask.index] = "; ".join(f"mask of {len(found.segments)} segments" for found in study.masks)
    return fates


def _of_dicom(sources: Sequence[SourceFile], told: Mapping[str, str], out: Output) -> Iterator[tuple[str, str]]:
    names = {source.path: source.name for source in sources}
    found = scan([source.path for source in sources])
    read = {header.path for header in found.headers}
    refused = {sources[place].path: REFUSALS[reason].one for place, reason in found.refused.items()}
    for source in sources:
        if source.path in refused and source.name not in told:
            yield source.name, refused[source.path]
        elif source.path not in read and source.path not in refused:
            yield source.name, "a copy of an image that was read"
    for study in group(found.headers):
        for path, fate in _of_study(study, out).items():
            yield names[path], fate


def _of_study(study: StudyFiles, out: Output) -> dict[Path, str]:
    plan = plan_study(study, max_voxels=MAX_VOXELS)
    faults = "; ".join(f"{fault.subject} {fault.message}" for fault in plan.faults)
    fates: dict[Path, list[str]] = defaultdict(list)
    for volume in plan.volumes:
        for phase in volume.phases:
            kind = f"DCE phase, {phase.label}" if volume.is_dce else "volume"
            for header in phase.source.stack.headers:
                fates[header.path].append(f"{kind} {_shape(volume.geometry.shape_zyx)}")
    for series in study.series:
        for header in series.headers:
            listed = f"listed: {plan.not_drawn_on.get(series.uid, '')}"
            fates[header.path] = fates[header.path] or [_of_segmentation(series, study, plan, out) or listed]
    return {path: f"refused: {faults}" if faults else "; ".join(dict.fromkeys(fate)) for path, fate in fates.items()}


def _of_segmentation(series: SeriesFiles, study: StudyFiles, plan: StudyPlan, out: Output) -> str:
    if not is_segmentation(series):
        return ""
    grids = [
        StoredGrid(
            volume.geometry,
            slices_by_uid(
                [
                    (n, KEY.uid(header.sop_uid))
                    for phase in volume.phases
                    for n, header in enumerate(phase.source.stack.headers)
                ]
            ),
            KEY.uid(volume.series.first.frame_of_reference),
        )
        for volume in plan.volumes
    ]
    masks, _ = masks_of([(0, series)], grids, key=KEY, cleaner=Cleaner(study.headers), out=out)
    return "; ".join(f"mask of {len(mask.segments)} segments" for mask in masks)


def _shape(shape: Sequence[int]) -> str:
    return "×".join(str(n) for n in shape)
