"""A DICOM study among the files: planned, its pixels read, its words cleaned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydicom.filereader import dcmread

from backend.imaging.dicom import deidentify
from backend.imaging.dicom.burned_in import risk
from backend.imaging.dicom.deidentify import Cleaner, Key
from backend.imaging.dicom.faults import Defect
from backend.imaging.dicom.grouping import SeriesFiles, StudyFiles
from backend.imaging.dicom.nature import modality_code
from backend.imaging.dicom.phases import OrderedPhase
from backend.imaging.dicom.pixels import read_pixels
from backend.imaging.dicom.plan import StudyPlan, VolumePlan, plan_study
from backend.imaging.dicom.quality import warnings_of_pixels
from backend.imaging.dicom.walk import MAX_DEPTH
from backend.imaging.reading.faults import StudyRefused
from backend.imaging.reading.found_masks import grid_of, is_segmentation, masks_of
from backend.imaging.reading.messages import (
    BuiltMask,
    BuiltPhase,
    BuiltSeries,
    BuiltStudy,
    BuiltVolume,
    CaseSummary,
    Fault,
)
from backend.imaging.reading.output import Output, Place
from backend.imaging.reading.protocol import StoredGrid

AT_ONCE = 2  # decoding and compressing leave Python's lock; a phase of 448×448×160 takes 130 MB meanwhile
LARGEST_VALUE = 65_536  # bytes; what is kept of a header has no larger value
UNMARKED = "To draw on it, export it again without text in its pictures."
MEND = "Export it again from the archive, and import the study again."


@dataclass(frozen=True)
class DicomCase:
    """places: where each file stands in the list of files. dates_of: source key by which dates are shifted."""

    study: StudyFiles
    places: Mapping[Path, int]
    dates_of: str = ""

    def summary(self, number: int, key: Key) -> CaseSummary:
        """Stand-ins alone."""
        return CaseSummary(
            number=number,
            kind="dicom",
            files=tuple(sorted({self.places[header.path] for header in self.study.headers})),
            source_key=deidentify.source_key(key, self.study.first),
            person_key=deidentify.person_key(key, self.study.first),
            study_uid=key.uid(self.study.uid),
            series={key.uid(series.uid): _instances_key(key, series) for series in self.study.series},
            masks=tuple(key.uid(series.uid) for series in self.study.series if is_segmentation(series)),
        )

    def build(self, *, key: Key, out: Output, max_voxels: int, step: Callable[[int], None]) -> BuiltStudy:
        """Read, code and write its pixels; `step` is told how many files are done. Raises StudyRefused."""
        plan = plan_study(self.study, max_voxels=max_voxels)
        if plan.faults:
            raise StudyRefused(plan.faults)
        cleaner = Cleaner(self.study.headers)
        first = self.study.first
        counts = Counter[str]()
        series = tuple(self._series(files, plan.not_drawn_on, key, cleaner, counts) for files in self.study.series)
        date = deidentify.shifted_date(key, self.dates_of, first.study_date)
        volumes, seen = _volumes(plan, series, key, cleaner, out, step)
        masks, refused = masks_of(
            [(place, files) for place, files in enumerate(self.study.series) if is_segmentation(files)],
            [
                grid_of(b, key.uid(p.series.first.frame_of_reference))
                for b, p in zip(volumes, plan.volumes, strict=True)
            ],
            key=key,
            cleaner=cleaner,
            out=out,
        )
        return BuiltStudy(
            source_key=deidentify.source_key(key, first),
            person_key=deidentify.person_key(key, first),
            study_uid=key.uid(self.study.uid),
            study_date="" if date is None else date.isoformat(),
            description=cleaner(first.study_description, limit=200),
            sex=deidentify.sex(first),
            age_years=deidentify.age_years(first),
            identity=deidentify.identity(first),
            series=series,
            volumes=volumes,
            masks=masks,
            warnings=(*plan.warnings, *seen, *_marked(self.study), *refused),
            deidentified=dict(counts),
        )

    def _series(
        self, files: SeriesFiles, not_drawn_on: Mapping[str, str], key: Key, cleaner: Cleaner, counts: Counter[str]
    ) -> BuiltSeries:
        """The row of a series; what its header lost is added to the counts."""
        row = _series(files, not_drawn_on, key, cleaner)
        header, counted = _header(files, key, self.dates_of, cleaner)
        counts.update(counted)
        return replace(row, header=header)

    def masks_on(
        self, volumes: Sequence[StoredGrid], *, key: Key, out: Output
    ) -> tuple[tuple[BuiltMask, ...], tuple[BuiltSeries, ...], tuple[Fault, ...]]:
        """Segmentations on volumes that are stored already, with their series."""
        cleaner = Cleaner(self.study.headers)
        found = [files for files in self.study.series if is_segmentation(files)]
        masks, refused = masks_of(list(enumerate(found)), volumes, key=key, cleaner=cleaner, out=out)
        reasons = {files.uid: "a segmentation (SEG), not an image" for files in found}
        rows = tuple(self._series(files, reasons, key, cleaner, Counter()) for files in found)
        return masks, rows, refused


def _marked(study: StudyFiles) -> Iterator[Fault]:
    """MR whose own header says that its pictures show who the patient is; no pixel of it is kept."""
    for files in study.series:
        if files.first.modality == "MR" and any(header.burned_in or header.recognizable for header in files.headers):
            yield Fault(files.name, f"came in without its pictures: {risk(files.headers)}", UNMARKED)


def _header(files: SeriesFiles, key: Key, dates_of: str, cleaner: Cleaner) -> tuple[dict[str, Any], Counter[str]]:
    """What is kept of the first image's header, and what became of its attributes."""
    dataset = dcmread(files.first.path, stop_before_pixels=True, defer_size=LARGEST_VALUE, force=True)
    try:
        return deidentify.deidentified_header(dataset, key, dates_of, cleaner)
    except deidentify.NestedTooDeep:
        fault = Fault(files.name, f"has sequences nested more than {MAX_DEPTH} deep, which no scanner writes", MEND)
        raise StudyRefused((fault,)) from None


def _instances_key(key: Key, series: SeriesFiles) -> str:
    return key.digest("instances", *sorted(header.sop_uid for header in series.headers))


def _series(files: SeriesFiles, not_drawn_on: Mapping[str, str], key: Key, cleaner: Cleaner) -> BuiltSeries:
    first = files.first
    return BuiltSeries(
        uid=key.uid(files.uid),
        number=first.series_number,
        modality=modality_code(first),
        description=cleaner(first.series_description, limit=200),
        instances=len(files.headers),
        instances_key=_instances_key(key, files),
        not_drawn_on=not_drawn_on.get(files.uid, ""),
        attributes={
            **deidentify.series_attributes(first.path, cleaner),
            "FrameOfReferenceUID": key.uid(first.frame_of_reference),
            "contrast_agent_named": any(header.has_contrast for header in files.headers),
        },
    )


def _volumes(
    plan: StudyPlan,
    series: tuple[BuiltSeries, ...],
    key: Key,
    cleaner: Cleaner,
    out: Output,
    step: Callable[[int], None],
) -> tuple[tuple[BuiltVolume, ...], list[Fault]]:
    """The volumes, and what their pixels give to look at."""
    places = {files.uid: place for place, files in enumerate(plan.study.series)}
    ordered = [phase for volume in plan.volumes for phase in volume.phases]
    built: dict[int, BuiltPhase] = {}
    seen: dict[int, list[Fault]] = {}
    counted = set[Path]()  # frames of one file are many images
    with _pool() as pool:
        futures = {pool.submit(_phase, phase, places, key, out): n for n, phase in enumerate(ordered)}
        for future in as_completed(futures):
            built[futures[future]], seen[futures[future]] = future.result()
            read = {header.path for header in ordered[futures[future]].source.stack.headers}
            step(len(read - counted))
            counted |= read
    numbers = iter(range(len(ordered)))
    volumes = tuple(
        out.volume(
            name=_name(volume, series[places[volume.series.uid]], cleaner),
            is_dce=volume.is_dce,
            geometry=volume.geometry,
            phases=tuple(built[next(numbers)] for _ in volume.phases),
        )
        for volume in plan.volumes
    )
    return volumes, [warning for n in sorted(seen) for warning in seen[n]]


@contextmanager
def _pool() -> Iterator[ThreadPoolExecutor]:
    """Threads that start nothing more once one has failed."""
    pool = ThreadPoolExecutor(max_workers=AT_ONCE)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _phase(phase: OrderedPhase, places: Mapping[str, int], key: Key, out: Output) -> tuple[BuiltPhase, list[Fault]]:
    source = phase.source
    try:
        pixels = read_pixels(source.stack)
    except Defect as defect:
        raise StudyRefused((Fault(source.part.series.name, defect.message, defect.action),)) from defect
    instances = tuple((key.uid(header.sop_uid), header.frame) for header in source.stack.headers)
    place = Place(places[source.part.series.uid], phase.label, phase.time_s, phase.reason, instances)
    return out.phase(pixels, place), warnings_of_pixels(source.name, pixels)


def _name(volume: VolumePlan, series: BuiltSeries, cleaner: Cleaner) -> str:
    if volume.is_dce:
        return f"DCE, {len(volume.phases)} phases"
    name = series.description or ("MR" if series.number is None else f"MR series {series.number}")
    return cleaner(f"{name}, {volume.kind}", limit=120) if volume.kind else name[:120]
