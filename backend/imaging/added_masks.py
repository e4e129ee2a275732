"""Segmentations that come after the study they belong to."""

from __future__ import annotations

from django.db import transaction

from backend.imaging.importer import store_mask_series, store_masks
from backend.imaging.models import ImportRun, Study, Volume
from backend.imaging.reading.messages import CaseSummary
from backend.imaging.reading.protocol import StoredGrid, slices_by_uid
from backend.imaging.reading.reader import Reader
from backend.imaging.reports import Line, already_here_lines, mask_lines


def grid_of(volume: Volume) -> StoredGrid:
    """A stored volume, as masks are placed on it."""
    phases = list(volume.phases.select_related("series"))
    pairs = [(n, uid) for phase in phases for n, (uid, _) in enumerate(phase.instances)]
    frame_of_reference = phases[0].series.attributes.get("FrameOfReferenceUID", "") if phases else ""
    return StoredGrid(volume.geometry, slices_by_uid(pairs), frame_of_reference)


def add_masks(run: ImportRun, reader: Reader, case: CaseSummary, study: Study, *, others: int) -> list[Line]:
    """Read the segmentations of a case onto the study's volumes and say how it went.

    others: how many other series are new or different. Raises StudyRefused, StorageFull.
    """
    volumes = list(study.volumes.order_by("pk"))
    built = reader.build_masks(case, [grid_of(volume) for volume in volumes])
    built.keep()
    with transaction.atomic():
        series = store_mask_series(run=run, study=study, rows=built.series)
        new = store_masks(volumes, series, built.masks)
        lines = mask_lines(study, new=new, faults=built.faults)
        study.report = [*study.report, *(line.to_json() for line in lines)]
        study.save(update_fields=["report", "updated_at"])
    return [*lines, *(already_here_lines(study, different=others) if others else ())]
