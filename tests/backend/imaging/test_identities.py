"""The pseudonym table: sealed in the database, open to managers, each look written down."""

from __future__ import annotations

import csv
import io

import pytest
from django.core.management import CommandError, call_command

from backend.accounts.roles import Role
from backend.audit.models import AuditEvent
from backend.config.env import read_env
from backend.core.errors import Conflict, InvalidInput, NotAllowed
from backend.imaging import identities
from backend.imaging.models import PatientIdentity
from backend.imaging.reading.messages import Identity
from tests.backend.cohort import add_patient

JANE = Identity(patient_id="ID-0077", issuer="North", name="Doe^Jane", birth_date="1970-02-03")


@pytest.fixture
def jane(project):
    patient = add_patient(project)
    identities.keep(patient, JANE, "a" * 64)
    return patient


def looks():
    return list(AuditEvent.objects.filter(action__startswith="identity.").values_list("action", "object_id", "detail"))


def test_a_manager_sees_who_a_patient_is_and_the_look_is_recorded(jane, manager):
    assert identities.look(user=manager, patient=jane) == [JANE]
    assert looks() == [("identity.viewed", str(jane.pk), {})]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.MANAGER])
def test_nobody_else_does(jane, member, project, role):
    somebody = member(role)
    for attempt in (
        lambda: identities.look(user=somebody, patient=jane),
        lambda: identities.search(user=somebody, project=project, identifier="ID-0077"),
        lambda: identities.table(user=somebody, project=project),
    ):
        with pytest.raises(NotAllowed, match="see who the patients are"):
            attempt()
    assert looks() == []


def test_the_database_holds_no_word_of_it(jane):
    row = PatientIdentity.objects.get()
    stored = bytes(row.sealed) + row.source_key.encode() + row.identifier_key.encode()
    for word in (b"Doe", b"Jane", b"ID-0077", b"North", b"1970"):
        assert word not in stored


def test_a_row_moved_to_another_patient_does_not_open(jane, project, manager):
    other = add_patient(project)
    PatientIdentity.objects.update(patient=other)
    with pytest.raises(Conflict, match="NINEFOLD_IDENTITY_KEY"):
        identities.look(user=manager, patient=other)


def test_files_that_say_less_take_nothing_away(jane, manager):
    identities.keep(jane, Identity(patient_id="ID-0077", name="Roe^Jane"), "a" * 64)
    identities.keep(jane, Identity(), "a" * 64)
    (found,) = identities.look(user=manager, patient=jane)
    assert found == Identity(patient_id="ID-0077", issuer="North", name="Roe^Jane", birth_date="1970-02-03")


def test_files_without_any_identity_leave_no_row(project):
    identities.keep(add_patient(project), Identity(), "b" * 64)
    assert not PatientIdentity.objects.exists()


@pytest.mark.parametrize("asked", ["ID-0077", "id-0077", " ID 0077 ", "id0077"])
def test_a_patient_is_found_by_the_identifier_as_people_write_it(jane, manager, project, asked):
    assert identities.search(user=manager, project=project, identifier=asked) == [jane]
    assert looks() == [("identity.searched", str(project.pk), {"patients": [jane.pk]})]


def test_leading_zeros_do_not_count(project, manager):
    patient = add_patient(project)
    identities.keep(patient, Identity(patient_id="000123"), "c" * 64)
    assert identities.search(user=manager, project=project, identifier="123") == [patient]


@pytest.mark.parametrize("asked", ["ID-007", "Doe", "1970-02-03"])
def test_nothing_but_the_whole_identifier_finds_anybody(jane, manager, project, asked):
    assert identities.search(user=manager, project=project, identifier=asked) == []


def test_an_empty_search_is_refused(jane, manager, project):
    with pytest.raises(InvalidInput):
        identities.search(user=manager, project=project, identifier=" - ")


def test_the_table_is_csv_that_no_spreadsheet_runs(jane, manager, project):
    identities.keep(add_patient(project), Identity(patient_id="=HYPERLINK(1)", name='A"B,C^D'), "d" * 64)
    rows = list(csv.reader(io.StringIO(identities.table(user=manager, project=project))))
    assert rows[0] == ["pseudonym", "identifier", "issuer", "name", "birth_date"]
    assert rows[1] == [jane.pseudonym, "ID-0077", "North", "Doe^Jane", "1970-02-03"]
    assert rows[2][1:4] == ["'=HYPERLINK(1)", "", 'A"B,C^D']
    assert looks()[-1] == ("identity.table_downloaded", str(project.pk), {"rows": 2})


class TestKeys:
    """The secret key seals until another is set; the first of several seals, all open."""

    def test_an_added_key_opens_what_the_secret_key_sealed(self, jane, manager, settings):
        settings.IDENTITY_KEYS = ("k" * 40,)
        assert identities.look(user=manager, patient=jane) == [JANE]

    def test_without_its_key_a_row_stays_shut_and_says_what_to_do(self, jane, manager, project, settings):
        settings.SECRET_KEY = "another secret key, forty characters long"
        for attempt in (
            lambda: identities.look(user=manager, patient=jane),
            lambda: identities.table(user=manager, project=project),
        ):
            with pytest.raises(Conflict, match="Set NINEFOLD_IDENTITY_KEY"):
                attempt()
        assert looks() == []

    def test_an_import_meanwhile_loses_nothing(self, jane, manager, settings):
        right = settings.SECRET_KEY
        settings.SECRET_KEY = "another secret key, forty characters long"
        identities.keep(jane, Identity(patient_id="ID-0077"), "a" * 64)
        settings.SECRET_KEY = right
        assert identities.look(user=manager, patient=jane) == [JANE]

    def test_rotation_seals_every_row_anew(self, jane, manager, settings):
        settings.IDENTITY_KEYS = ("new" * 14, "k" * 40)
        assert identities.reseal() == identities.Resealed(changed=1)
        assert identities.reseal() == identities.Resealed(current=1)
        settings.IDENTITY_KEYS, settings.SECRET_KEY = ("new" * 14,), "another secret key, forty characters long"
        assert identities.look(user=manager, patient=jane) == [JANE]

    def test_rotation_leaves_what_it_cannot_open(self, jane, settings):
        right = settings.SECRET_KEY
        before = bytes(PatientIdentity.objects.get().sealed)
        settings.SECRET_KEY = "another secret key, forty characters long"
        assert identities.reseal() == identities.Resealed(unreadable=1)
        settings.SECRET_KEY = right
        assert bytes(PatientIdentity.objects.get().sealed) == before

    def test_the_command_says_what_it_did(self, jane, settings, capsys):
        settings.IDENTITY_KEYS = ("k" * 40,)
        call_command("reseal_identities")
        assert capsys.readouterr().out == "1 identities sealed anew, 0 were sealed so already.\n"
        settings.IDENTITY_KEYS, settings.SECRET_KEY = ("n" * 40,), "another secret key, forty characters long"
        with pytest.raises(CommandError, match="1 could not be opened and stay as they are"):
            call_command("reseal_identities")


@pytest.mark.parametrize(
    ("given", "keys"), [("", ()), ("k" * 32, ("k" * 32,)), ("n" * 40 + "," + "o" * 40, ("n" * 40, "o" * 40))]
)
def test_keys_come_from_the_environment(monkeypatch, tmp_path, given, keys):
    monkeypatch.setenv("NINEFOLD_VAR", str(tmp_path))
    monkeypatch.setenv("NINEFOLD_IDENTITY_KEY", given)
    assert read_env().identity_keys == keys


def test_a_short_key_is_refused_without_being_shown(monkeypatch, tmp_path):
    monkeypatch.setenv("NINEFOLD_VAR", str(tmp_path))
    monkeypatch.setenv("NINEFOLD_IDENTITY_KEY", "hunter2")
    with pytest.raises(ValueError, match="NINEFOLD_IDENTITY_KEY needs at least 32") as refused:
        read_env()
    assert "hunter2" not in str(refused.value)
