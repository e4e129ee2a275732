"""Reading patients, volumes and imports, each list with a fixed number of queries."""

from __future__ import annotations

from django.db.models import Count, IntegerField, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from backend.accounts.models import Project, User
from backend.accounts.permissions import require
from backend.accounts.roles import Capability
from backend.core.errors import NotFound
from backend.imaging.models import FoundMask, ImportRun, Patient, Phase, Series, Study, Volume
from backend.imaging.permissions import visible_imports, visible_patients, visible_volumes

NOT_THERE = "There is no such thing, or you may not see it."


def patients_of(project: Project, *, partition: str = "") -> QuerySet[Patient]:
    """Patients with what a list shows of them; the caller has checked that the project may be seen."""
    patients = _counted(Patient.objects.filter(project=project))
    return patients.filter(partition=partition) if partition else patients


def patient_for(user: User, patient_id: int) -> Patient:
    """One patient with studies, series, volumes and phases. Raises NotFound for one that the user may not see."""
    patient = _counted(visible_patients(user)).prefetch_related(_studies()).filter(pk=patient_id).first()
    if patient is None:
        raise NotFound(NOT_THERE)
    return patient


def volume_for(user: User, volume_id: int) -> Volume:
    """One volume with its phases and its first task. Raises NotFound for one that the user may not see."""
    volume = with_phases(visible_volumes(user)).filter(pk=volume_id).first()
    if volume is None:
        raise NotFound(NOT_THERE)
    return volume


def chunk_for(user: User, volume_id: int, index: int, number: int) -> str:
    """sha256 of one block of a phase. Raises NotFound when there is none or the user may not see it."""
    visible = visible_volumes(user).filter(pk=volume_id)
    chunks = Phase.objects.filter(volume__in=visible, index=index).values_list("chunks", flat=True).first()
    if chunks is None or number >= len(chunks):
        raise NotFound(NOT_THERE)
    return str(chunks[number])


def thumbnail_for(user: User, volume_id: int) -> str:
    """sha256 of a volume's picture. Raises NotFound when there is none or the user may not see it."""
    return _picture_for(user, volume_id, "thumbnail")


def projection_for(user: User, volume_id: int) -> str:
    """sha256 of a volume's maximum intensity projection. Raises NotFound as `thumbnail_for`."""
    return _picture_for(user, volume_id, "projection")


def _picture_for(user: User, volume_id: int, which: str) -> str:
    digest = visible_volumes(user).filter(pk=volume_id).values_list(which, flat=True).first()
    if not digest:
        raise NotFound(NOT_THERE)
    return str(digest)


def imports_of(project: Project) -> QuerySet[ImportRun]:
    """Imports of a project; the caller has checked that they may be seen."""
    return _with_upload(ImportRun.objects.filter(project=project))


def import_for(user: User, import_id: int) -> ImportRun:
    """One import. Raises NotFound outside of the user's projects, NotAllowed for a member who may not import."""
    run = _with_upload(visible_imports(user)).select_related("project").filter(pk=import_id).first()
    if run is None:
        raise NotFound(NOT_THERE)
    require(user, run.project, Capability.MANAGE_CASES)
    return run


def _with_upload(runs: QuerySet[ImportRun]) -> QuerySet[ImportRun]:
    """Without the sizes of the uploaded files, which can be tens of thousands."""
    return runs.select_related("started_by", "upload").defer("upload__sizes")


def with_phases(volumes: QuerySet[Volume]) -> QuerySet[Volume]:
    """Volumes with phases, `task_id` of the first task on each, and how many of its masks nobody has mapped."""
    first_task = Volume.objects.filter(pk=OuterRef("pk")).order_by("tasks__pk").values("tasks__pk")[:1]
    waiting = FoundMask.objects.filter(volume=OuterRef("pk"), state=FoundMask.State.WAITING)
    counted = waiting.order_by().values("volume").annotate(n=Count("pk")).values("n")
    return (
        volumes.annotate(
            task_id=Subquery(first_task),
            masks_waiting=Coalesce(Subquery(counted, output_field=IntegerField()), 0),
        )
        .prefetch_related("phases")
        .order_by("pk")
    )


def _studies() -> Prefetch[str]:
    phases = Prefetch("phases", queryset=Phase.objects.select_related("volume").order_by("volume", "index"))
    masks = Prefetch("found_masks", queryset=FoundMask.objects.select_related("volume").defer("segments", "overlaps"))
    series = Prefetch("series", queryset=Series.objects.defer("header").prefetch_related(phases, masks))
    volumes = Prefetch("volumes", queryset=with_phases(Volume.objects.all()))
    return Prefetch("studies", queryset=Study.objects.order_by("study_date", "pk").prefetch_related(series, volumes))


def _counted(patients: QuerySet[Patient]) -> QuerySet[Patient]:
    """With the numbers of studies, volumes and tasks, and the volume whose picture stands for the patient."""
    pictured = Volume.objects.filter(study__patient=OuterRef("pk")).exclude(thumbnail="")
    return patients.annotate(
        study_count=_count("studies"),
        volume_count=_count("studies__volumes"),
        task_count=_count("tasks"),
        pictured_volume_id=Subquery(pictured.order_by("-is_dce", "pk").values("pk")[:1]),
        pictured_projection=Subquery(pictured.order_by("-is_dce", "pk").values("projection")[:1]),
    )


def _count(path: str) -> Coalesce:
    """Number of related rows as a subquery, so that several counts do not multiply each other."""
    counted = Patient.objects.filter(pk=OuterRef("pk")).annotate(n=Count(path)).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
