"""One person under two identifiers: offered, merged once a manager says so, or put aside for good."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from django.db import connection, transaction
from django.db.models import Count, Q
from django.dispatch import Signal

from backend.accounts.models import Project, User
from backend.accounts.permissions import require
from backend.accounts.roles import Capability
from backend.audit.models import record
from backend.core.errors import Conflict, InvalidInput
from backend.core.jobs import enqueue
from backend.imaging import identities
from backend.imaging.dicom.moments import moved_json
from backend.imaging.importer import set_partition
from backend.imaging.keys import key_of
from backend.imaging.models import DifferentPeople, Patient, PatientAlias, PatientIdentity, Series, Study

SAME_PERSON = "name, birth date and sex are the same"
SAME_IDENTIFIER = "the identifiers differ in case, spaces, leading zeros or issuer alone"

# Sent with keep and other while the studies have moved and the other patient is still there, for apps above this one.
patients_merge = Signal()


@dataclass(frozen=True)
class Offer:
    """Two patients who may be one person, the earlier first. obstacle: why they cannot be merged, empty else."""

    first: Patient
    second: Patient
    reason: str
    obstacle: str


def possible_duplicates(project: Project, *, of: Patient | None = None) -> list[Offer]:
    """Pairs nobody has decided on, all or those of one patient; the caller has checked that they may be seen."""
    reasons: dict[tuple[int, int], str] = {}
    for reason, groups in ((SAME_PERSON, _same_person(project)), (SAME_IDENTIFIER, _same_identifier(project))):
        for group in groups:
            for pair in combinations(sorted(group), 2):
                reasons.setdefault(pair, reason)
    decided = set(DifferentPeople.objects.filter(first__project=project).values_list("first_id", "second_id"))
    pairs = {pair for pair in reasons.keys() - decided if of is None or of.pk in pair}
    known = Patient.objects.annotate(study_count=Count("studies")).in_bulk({pk for pair in pairs for pk in pair})
    found = [(known[first], known[second], reasons[first, second]) for first, second in sorted(pairs)]
    return [
        Offer(first, second, reason, _obstacle(first, second))
        for first, second, reason in found
        if not _are_two(first, second, reason)
    ]


@transaction.atomic
def merge(*, user: User, keep: Patient, other: Patient) -> Patient:
    """Make two patients one: the studies, masks and identities of `other` become those of `keep`, `other` goes.

    A later import under either identifier finds `keep`. Frozen snapshots stay as they were written.
    Raises NotAllowed; InvalidInput for two projects or one patient; Conflict when the two are on different sides of the
    wall, hold the same study, or have an identity that no key opens.
    """
    require(user, keep.project, Capability.MANAGE_CASES)
    if keep.pk == other.pk or keep.project_id != other.project_id:
        raise InvalidInput("A merge needs two patients of one project.")
    Project.objects.select_for_update(no_key=True).get(pk=keep.project_id)  # no import meanwhile
    locked = {patient.pk: patient for patient in _locked(keep, other)}
    keep, other = locked[keep.pk], locked[other.pk]
    obstacle = _obstacle(keep, other)
    if obstacle:
        raise Conflict(obstacle)
    _share_partition(user, keep, other)
    studies = _move_studies(keep, other)
    patients_merge.send(sender=Patient, keep=keep, other=other)
    _move_identities(keep, other)
    other_id, pseudonym = other.pk, other.pseudonym
    other.delete()
    _fill_in(keep, other)
    record(
        actor=user,
        action="patient.merged",
        project_id=keep.project_id,
        subject=keep,
        other_id=other_id,
        other_pseudonym=pseudonym,
        studies=studies,
    )
    enqueue("annotation.open_tasks", project_id=keep.project_id)
    return keep


@transaction.atomic
def tell_apart(*, user: User, one: Patient, other: Patient) -> None:
    """Two patients are two people: they are not offered again. Raises NotAllowed, or InvalidInput as `merge` does."""
    require(user, one.project, Capability.MANAGE_CASES)
    if one.pk == other.pk or one.project_id != other.project_id:
        raise InvalidInput("This needs two patients of one project.")
    first, second = sorted((one.pk, other.pk))
    _, is_new = DifferentPeople.objects.get_or_create(first_id=first, second_id=second)
    if is_new:
        record(actor=user, action="patient.told_apart", project_id=one.project_id, subject=one, other_id=other.pk)


def _same_person(project: Project) -> Iterator[set[int]]:
    patients = Patient.objects.filter(project=project).exclude(person_key="")
    shared = patients.values("person_key").annotate(n=Count("pk")).filter(n__gt=1).values("person_key")
    yield from _grouped(patients.filter(person_key__in=shared).values_list("person_key", "pk"))


def _same_identifier(project: Project) -> Iterator[set[int]]:
    rows = PatientIdentity.objects.filter(patient__project=project).exclude(identifier_key="")
    counted = rows.values("identifier_key").annotate(n=Count("patient", distinct=True))
    shared = counted.filter(n__gt=1).values("identifier_key")
    yield from _grouped(rows.filter(identifier_key__in=shared).values_list("identifier_key", "patient_id"))


def _grouped(rows: Iterable[tuple[str, int]]) -> Iterable[set[int]]:
    groups: dict[str, set[int]] = {}
    for key, patient_id in rows:
        groups.setdefault(key, set()).add(patient_id)
    return groups.values()


def _are_two(first: Patient, second: Patient, reason: str) -> bool:
    """Two hospitals can give one number to two people: names and birth dates that differ count more."""
    keys = {first.person_key, second.person_key}
    return reason == SAME_IDENTIFIER and "" not in keys and len(keys) == 2


def _obstacle(keep: Patient, other: Patient) -> str:
    both = f"{keep.pseudonym} and {other.pseudonym}"
    if None not in {keep.partition, other.partition} and keep.partition != other.partition:
        return (
            f"{both} are in {keep.partition} and {other.partition}, each for good, so they cannot become one. "
            "Withdraw the cases of one of them, so that the person counts on one side alone."
        )
    if Study.objects.filter(patient=keep, uid__in=Study.objects.filter(patient=other).values("uid")).exists():
        return (
            f"{both} hold the same study, imported under each identifier, so they cannot become one. "
            "Withdraw the cases of one of them, and say that they are not the same person."
        )
    return ""


def _locked(*patients: Patient) -> list[Patient]:
    """In one order, so that two merges cannot wait for each other."""
    ids = [patient.pk for patient in patients]
    rows = Patient.objects.select_for_update(of=("self",)).select_related("project").filter(pk__in=ids).order_by("pk")
    found = list(rows)
    if len(found) != len(patients):
        raise Conflict("One of the patients was merged meanwhile; load the page again.")
    return found


def _share_partition(user: User, keep: Patient, other: Patient) -> None:
    """Whoever has no partition yet takes the other's; the database lets studies move on one side alone."""
    if keep.partition is None and other.partition is not None:
        set_partition(actor=user, patient=keep, partition=other.partition)
    elif other.partition is None and keep.partition is not None:
        Patient.objects.filter(pk=other.pk).update(partition=keep.partition)


def _move_studies(keep: Patient, other: Patient) -> int:
    """Dates move with their studies onto the days of the patient who stays. Returns how many studies moved."""
    key = key_of(keep.project)
    later = key.shift_days(other.source_key) - key.shift_days(keep.source_key)
    studies = list(Study.objects.filter(patient=other))
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('ninefold.merge', %s, true)", [f"{other.pk}>{keep.pk}"])
    for study in studies:
        study.patient = keep
        study.study_date = study.study_date and study.study_date + dt.timedelta(days=later)
        study.save(update_fields=["patient", "study_date", "updated_at"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('ninefold.merge', '', true)")
    for series in Series.objects.filter(study__in=studies).exclude(header={}).only("header").iterator(chunk_size=100):
        series.header = moved_json(series.header, -later)
        series.save(update_fields=["header", "updated_at"])
    return len(studies)


def _move_identities(keep: Patient, other: Patient) -> None:
    for row in other.identities.select_related("patient"):
        identities.hand_over(row, keep)
    PatientAlias.objects.filter(patient=other).update(patient=keep)
    PatientAlias.objects.create(
        patient=keep, project=keep.project, source_key=other.source_key, pseudonym=other.pseudonym
    )
    for decided in DifferentPeople.objects.filter(Q(first=other) | Q(second=other)):
        third = decided.second_id if decided.first_id == other.pk else decided.first_id
        first, second = sorted((keep.pk, third))
        if first != second:
            DifferentPeople.objects.get_or_create(first_id=first, second_id=second)


def _fill_in(keep: Patient, other: Patient) -> None:
    """What only the other one's files told."""
    keep.sex = keep.sex or other.sex
    keep.person_key = keep.person_key or other.person_key
    if keep.age_years is None:
        keep.age_years = other.age_years
    keep.save(update_fields=["sex", "person_key", "age_years", "updated_at"])
