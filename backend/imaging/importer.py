"""One study into the database, de-identified, in one transaction."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

from django.db import transaction

from backend.accounts.models import Project
from backend.audit.models import record
from backend.core.errors import Conflict
from backend.imaging import identities, patients
from backend.imaging.models import FoundMask, ImportRun, Patient, Phase, Series, Study, Volume
from backend.imaging.reading.messages import BuiltMask, BuiltPhase, BuiltSeries, BuiltStudy, BuiltVolume, CaseSummary


def find_study(project: Project, case: CaseSummary | BuiltStudy) -> Study | None:
    """The study when it is here already; files that are no DICOM also when they came under other names."""
    patient = patients.find(project, case.source_key)
    found = Study.objects.filter(uid=case.study_uid, patient=patient).select_related("patient").first()
    if found is None and isinstance(case, CaseSummary) and case.kind != "dicom":
        return _under_other_names(project, case)
    return found


def _under_other_names(project: Project, case: CaseSummary) -> Study | None:
    """The study that has every file of the case: names alone tell patients of such files apart."""
    holding = Study.objects.filter(patient__project=project, series__uid__in=case.series).distinct()
    return next((s for s in holding.select_related("patient") if not new_or_changed(s, case)), None)


def find_images(project: Project, case: CaseSummary) -> Study | None:
    """The study that holds the very same images under another identifier: two people cannot share them."""
    asked = set(case.series.values())
    studies = Study.objects.filter(uid=case.study_uid, patient__project=project).select_related("patient")
    for study in studies.prefetch_related("series"):
        if asked <= {series.instances_key for series in study.series.all()}:
            return study
    return None


def dated_as(project: Project, case: CaseSummary) -> str:
    """Source key by which the dates of a study are shifted: that of its patient, also after a merge."""
    patient = patients.find(project, case.source_key)
    return patient.source_key if patient else case.source_key


def new_or_changed(study: Study, case: CaseSummary) -> set[str]:
    """Stand-ins of the series of a case that are not in the stored study as they are."""
    known = dict(study.series.values_list("uid", "instances_key"))
    return {uid for uid, key in case.series.items() if known.get(uid) != key}


@transaction.atomic
def store_study(*, run: ImportRun, built: BuiltStudy, dates_of: str, files: int) -> tuple[Study, bool]:
    """Write patient, study, series, volumes, phases and found masks. True: it is new; False: somebody was faster.

    dates_of: source key by which the dates were shifted. Raises Conflict when the patient has become another since.
    """
    project = Project.objects.select_for_update(no_key=True).get(pk=run.project_id)  # pseudonyms one by one
    present = find_study(project, built)
    if present is not None:
        return present, False
    patient = _patient(run, project, built)
    if patient.source_key != dates_of:
        raise Conflict("The patient was merged with another one while the study was read; try it again.")
    study = Study.objects.create(
        patient=patient,
        uid=built.study_uid,
        study_date=dt.date.fromisoformat(built.study_date) if built.study_date else None,
        description=built.description,
    )
    series = [_series(study, row) for row in built.series]
    volumes = [_volume(study, series, volume) for volume in built.volumes]
    store_masks(volumes, series, built.masks)
    record(
        actor=run.started_by,
        action="study.imported",
        project_id=project.pk,
        subject=study,
        import_id=run.pk,
        series=len(series),
        volumes=len(volumes),
        files=files,
    )
    return study, True


def store_masks(volumes: list[Volume], series: list[Series], masks: tuple[BuiltMask, ...]) -> int:
    """Write the segmentations that are not here yet, each waiting to be mapped. Returns how many are new."""
    return sum(_mask(volumes, series, mask) for mask in masks)


@transaction.atomic
def store_mask_series(*, run: ImportRun, study: Study, rows: tuple[BuiltSeries, ...]) -> list[Series]:
    """Rows for segmentations that came after their study, new or as they were."""
    found = []
    for row in rows:
        present = study.series.filter(uid=row.uid).first()
        found.append(present or _series(study, row))
        if present is None:
            record(
                actor=run.started_by,
                action="series.added",
                project_id=run.project_id,
                subject=found[-1],
                import_id=run.pk,
            )
    return found


def set_partition(*, actor: object, patient: Patient, partition: str) -> None:
    """Write the partition of a patient who has none, with its audit row."""
    patient.partition = partition
    patient.save(update_fields=["partition", "updated_at"])
    record(
        actor=actor,
        action="patient.partition_set",
        project_id=patient.project_id,
        subject=patient,
        partition=partition,
    )


def _patient(run: ImportRun, project: Project, built: BuiltStudy) -> Patient:
    """The patient, new under the next pseudonym; one without a partition gets that of the import."""
    patient = patients.find(project, built.source_key)
    if patient is None:
        patient = Patient.objects.create(
            project=project,
            pseudonym=patients.next_pseudonym(project),
            source_key=built.source_key,
            person_key=built.person_key,
            sex=built.sex,
            age_years=built.age_years,
        )
        record(actor=run.started_by, action="patient.created", project_id=project.pk, subject=patient, import_id=run.pk)
    identities.keep(patient, built.identity, built.source_key)
    if run.partition and patient.partition is None:
        set_partition(actor=run.started_by, patient=patient, partition=run.partition)
    return patient


def _series(study: Study, built: BuiltSeries) -> Series:
    fields: dict[str, Any] = asdict(built)
    return Series.objects.create(study=study, **fields)


def _volume(study: Study, series: list[Series], built: BuiltVolume) -> Volume:
    z, y, x = built.geometry.shape_zyx
    volume = Volume.objects.create(
        study=study,
        name=built.name,
        is_dce=built.is_dce,
        size_z=z,
        size_y=y,
        size_x=x,
        affine=built.geometry.to_json()["affine"],
        thumbnail=built.thumbnail,
        projection=built.projection,
    )
    Phase.objects.bulk_create(_phase(volume, series, index, phase) for index, phase in enumerate(built.phases))
    return volume


def _phase(volume: Volume, series: list[Series], index: int, built: BuiltPhase) -> Phase:
    fields: dict[str, Any] = asdict(built)
    fields["series"] = series[built.series]
    return Phase(volume=volume, index=index, **fields)


def _mask(volumes: list[Volume], series: list[Series], built: BuiltMask) -> bool:
    _, created = FoundMask.objects.get_or_create(
        volume=volumes[built.volume],
        instances_key=built.instances_key,
        defaults={
            "series": None if built.series is None else series[built.series],
            "source": built.source,
            "segments": [{**asdict(segment), "label": None} for segment in built.segments],
            "overlaps": [{"segments": list(numbers), "voxels": voxels} for numbers, voxels in built.overlaps],
            "remarks": list(built.remarks),
            "content": built.content,
        },
    )
    return created
