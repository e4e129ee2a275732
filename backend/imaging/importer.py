"""One study into the database, de-identified, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from backend.accounts.models import Project
from backend.audit.models import record
from backend.imaging import identities, patients
from backend.imaging.building import BuiltPhase, BuiltVolume
from backend.imaging.dicom import deidentify
from backend.imaging.dicom.deidentify import Cleaner, Key
from backend.imaging.dicom.grouping import SeriesFiles, StudyFiles
from backend.imaging.dicom.nature import modality_code
from backend.imaging.dicom.plan import StudyPlan
from backend.imaging.keys import key_of
from backend.imaging.models import ImportRun, Patient, Phase, Series, Study, Volume


@dataclass(frozen=True)
class Identity:
    """How a study is known here: stand-ins that only the installation's key can make."""

    key: Key
    source_key: str
    study_uid: str


def identify(project: Project, study: StudyFiles) -> Identity:
    """Stand-ins of a study in a project."""
    key = key_of(project)
    return Identity(key, deidentify.source_key(key, study.first), key.uid(study.uid))


def find_study(project: Project, identity: Identity) -> Study | None:
    """The study when it is here already."""
    patient = patients.find(project, identity.source_key)
    return Study.objects.filter(uid=identity.study_uid, patient=patient).select_related("patient").first()


def new_or_changed(study: Study, identity: Identity, files: StudyFiles) -> int:
    """How many series of the files are not in the stored study as they are."""
    known = dict(study.series.values_list("uid", "instances_key"))
    key = identity.key
    return sum(known.get(key.uid(series.uid)) != _instances_key(key, series) for series in files.series)


@transaction.atomic
def store_study(*, run: ImportRun, identity: Identity, plan: StudyPlan, volumes: list[BuiltVolume]) -> Study:
    """Write patient, study, series, volumes and phases. A study that somebody stored meanwhile is returned as it is."""
    project = Project.objects.select_for_update(no_key=True).get(pk=run.project_id)  # pseudonyms one by one
    present = find_study(project, identity)
    if present is not None:
        return present
    cleaner = Cleaner(plan.study.headers)
    patient = _patient(run, project, identity, plan.study)
    first = plan.study.first
    study = Study.objects.create(
        patient=patient,
        uid=identity.study_uid,
        study_date=deidentify.shifted_date(identity.key, patient.source_key, first.study_date),
        description=cleaner(first.study_description, limit=200),
    )
    rows = {series.uid: _series(study, identity.key, cleaner, series, plan) for series in plan.study.series}
    for volume in volumes:
        _volume(study, rows, volume, cleaner)
    record(
        actor=run.started_by,
        action="study.imported",
        project_id=project.pk,
        subject=study,
        import_id=run.pk,
        series=len(rows),
        volumes=len(volumes),
        files=len(plan.study.headers),
    )
    return study


def _patient(run: ImportRun, project: Project, identity: Identity, files: StudyFiles) -> Patient:
    """The patient, new under the next pseudonym; one without a partition gets that of the import."""
    patient = patients.find(project, identity.source_key)
    if patient is None:
        patient = Patient.objects.create(
            project=project,
            pseudonym=patients.next_pseudonym(project),
            source_key=identity.source_key,
            person_key=deidentify.person_key(identity.key, files.first),
            sex=deidentify.sex(files.first),
            age_years=deidentify.age_years(files.first),
        )
        record(actor=run.started_by, action="patient.created", project_id=project.pk, subject=patient, import_id=run.pk)
    identities.keep(patient, deidentify.identity(files.first), identity.source_key)
    if run.partition and patient.partition is None:
        set_partition(actor=run.started_by, patient=patient, partition=run.partition)
    return patient


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


def _instances_key(key: Key, series: SeriesFiles) -> str:
    return key.digest("instances", *sorted(header.sop_uid for header in series.headers))


def _series(study: Study, key: Key, cleaner: Cleaner, series: SeriesFiles, plan: StudyPlan) -> Series:
    first = series.first
    return Series.objects.create(
        study=study,
        uid=key.uid(series.uid),
        number=first.series_number,
        modality=modality_code(first),
        description=cleaner(first.series_description, limit=200),
        instances=len(series.headers),
        instances_key=_instances_key(key, series),
        not_drawn_on=plan.not_drawn_on.get(series.uid, ""),
        attributes={
            **deidentify.series_attributes(first.path, cleaner),
            "FrameOfReferenceUID": key.uid(first.frame_of_reference),
            "contrast_agent_named": any(header.has_contrast for header in series.headers),
        },
    )


def _volume(study: Study, rows: dict[str, Series], built: BuiltVolume, cleaner: Cleaner) -> None:
    geometry = built.plan.geometry
    z, y, x = geometry.shape_zyx
    volume = Volume.objects.create(
        study=study,
        name=_name(built, rows, cleaner),
        is_dce=built.plan.is_dce,
        size_z=z,
        size_y=y,
        size_x=x,
        affine=geometry.to_json()["affine"],
        thumbnail=built.thumbnail,
    )
    Phase.objects.bulk_create(_phase(volume, rows, index, phase) for index, phase in enumerate(built.phases))


def _name(built: BuiltVolume, rows: dict[str, Series], cleaner: Cleaner) -> str:
    if built.plan.is_dce:
        return f"DCE, {len(built.phases)} phases"
    series = rows[built.plan.series.uid]
    name = series.description or ("MR" if series.number is None else f"MR series {series.number}")
    return cleaner(f"{name}, {built.plan.kind}", limit=120) if built.plan.kind else name[:120]


def _phase(volume: Volume, rows: dict[str, Series], index: int, built: BuiltPhase) -> Phase:
    return Phase(
        volume=volume,
        series=rows[built.phase.source.part.series.uid],
        index=index,
        label=built.phase.label,
        time_s=built.phase.time_s,
        reason=built.phase.reason,
        codec=built.stored.codec,
        slices_per_chunk=built.stored.slices_per_chunk,
        chunks=list(built.stored.chunks),
        slope=built.slope,
        intercept=built.intercept,
        window_low=built.stored.window_low,
        window_high=built.stored.window_high,
    )
