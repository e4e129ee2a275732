"""Who a pseudonym is: kept encrypted, shown to managers alone, and every look is written down."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache

from django.conf import settings
from django.db import transaction
from django.db.models import Count, QuerySet

from backend.accounts.models import Project, User
from backend.accounts.permissions import require
from backend.accounts.roles import Capability
from backend.audit.models import record
from backend.core.errors import Conflict, InvalidInput
from backend.imaging.dicom.deidentify import identifier_key
from backend.imaging.keys import key_of
from backend.imaging.models import Patient, PatientIdentity
from backend.imaging.reading.messages import Identity
from backend.imaging.sealing import CannotOpen, Sealer, sealing_key

UNREADABLE = (
    "The identity is sealed under a key that this server does not have. Set NINEFOLD_IDENTITY_KEY (or, where it was "
    "never set, NINEFOLD_SECRET_KEY) to what it was when the patient was imported; several keys go with commas."
)
COLUMNS = ("pseudonym", "identifier", "issuer", "name", "birth_date")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins so


@dataclass(frozen=True)
class Resealed:
    """How many rows were sealed anew, were so already, and could not be opened."""

    changed: int = 0
    current: int = 0
    unreadable: int = 0


def sealer() -> Sealer:
    """With the keys of the settings; the secret key always opens what was sealed before others were set."""
    return _sealer((*settings.IDENTITY_KEYS, settings.SECRET_KEY))


@cache
def _sealer(secrets: tuple[str, ...]) -> Sealer:
    return Sealer([sealing_key(secret) for secret in secrets])


@transaction.atomic
def keep(patient: Patient, identity: Identity, source_key: str) -> None:
    """Seal who the patient is under this identifier. What the files leave out this time stays as it was known."""
    if identity == Identity():
        return
    row = PatientIdentity.objects.select_for_update().filter(patient=patient, source_key=source_key).first()
    if row is None:
        row = PatientIdentity(patient=patient, source_key=source_key)
    else:
        try:
            identity = _over(identity_of(row), identity)
        except Conflict:  # nothing is lost for a key that is missing for a while
            return
    row.identifier_key = identifier_key(key_of(patient.project), identity.patient_id)
    row.sealed = sealer().seal(json.dumps(asdict(identity)).encode(), _context(row))
    row.save()


def identity_of(row: PatientIdentity) -> Identity:
    """The opened row. Raises Conflict, with what to do, when no key opens it."""
    try:
        return Identity(**json.loads(sealer().open(bytes(row.sealed), _context(row))))
    except CannotOpen:
        raise Conflict(UNREADABLE, patient_id=row.patient_id) from None


def hand_over(row: PatientIdentity, patient: Patient) -> None:
    """Give a row to another patient: it is sealed to the one it belongs to. Raises Conflict when no key opens it."""
    identity = identity_of(row)
    row.patient = patient
    row.sealed = sealer().seal(json.dumps(asdict(identity)).encode(), _context(row))
    row.save()


@transaction.atomic
def look(*, user: User, patient: Patient) -> list[Identity]:
    """Every identity of a patient, oldest first; that the user looked is recorded.

    Raises NotAllowed without the capability, Conflict when no key opens a row.
    """
    require(user, patient.project, Capability.VIEW_IDENTITIES)
    found = [identity_of(row) for row in patient.identities.select_related("patient").order_by("pk")]
    record(actor=user, action="identity.viewed", project_id=patient.project_id, subject=patient)
    return found


@transaction.atomic
def search(*, user: User, project: Project, identifier: str) -> list[Patient]:
    """Patients who came under an identifier; case, spaces, punctuation, leading zeros and issuer do not count.

    Found through a keyed hash: nothing is decrypted. Raises NotAllowed, or InvalidInput for an empty identifier.
    """
    require(user, project, Capability.VIEW_IDENTITIES)
    wanted = identifier_key(key_of(project), identifier)
    if not wanted:
        raise InvalidInput("identifier needs letters or digits.")
    found = list(listed(project).filter(identities__identifier_key=wanted).distinct())
    record(
        actor=user,
        action="identity.searched",
        project_id=project.pk,
        subject=project,
        patients=[patient.pk for patient in found],
    )
    return found


@transaction.atomic
def table(*, user: User, project: Project) -> str:
    """The pseudonym table of a project as CSV, one line for each identity; the download is recorded.

    Raises NotAllowed, or Conflict when no key opens a row.
    """
    require(user, project, Capability.VIEW_IDENTITIES)
    rows = list(_rows(project))
    record(actor=user, action="identity.table_downloaded", project_id=project.pk, subject=project, rows=len(rows))
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *rows])
    return text.getvalue()


def listed(project: Project) -> QuerySet[Patient]:
    """Patients of a project with `identity_count`; the caller has checked that this may be seen."""
    return Patient.objects.filter(project=project).annotate(identity_count=Count("identities", distinct=True))


@transaction.atomic
def reseal() -> Resealed:
    """Seal every identity under the first key; what no key opens stays as it is."""
    done = Resealed()
    rows = PatientIdentity.objects.select_for_update(of=("self",)).select_related("patient").order_by("pk")
    for row in rows.iterator(chunk_size=500):
        if sealer().is_current(bytes(row.sealed)):
            done = replace(done, current=done.current + 1)
            continue
        try:
            hand_over(row, row.patient)
        except Conflict:
            done = replace(done, unreadable=done.unreadable + 1)
        else:
            done = replace(done, changed=done.changed + 1)
    return done


def _rows(project: Project) -> Iterator[tuple[str, ...]]:
    rows = PatientIdentity.objects.filter(patient__project=project).select_related("patient")
    for row in rows.order_by("patient_id", "pk").iterator(chunk_size=500):
        who = identity_of(row)
        texts = (row.patient.pseudonym, who.patient_id, who.issuer, who.name, who.birth_date)
        yield tuple(_cell(text) for text in texts)


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _over(known: Identity, now: Identity) -> Identity:
    """What the files say now, and what was known where they say nothing."""
    return Identity(**{**asdict(known), **{name: value for name, value in asdict(now).items() if value}})


def _context(row: PatientIdentity) -> str:
    """Binds a row to its patient, project and identifier, so that rows cannot be exchanged."""
    return f"{row.patient.project_id}/{row.patient_id}/{row.source_key}"
