"""Who the patients are and who may be one, over HTTP."""

from __future__ import annotations

import pytest

from backend.audit.models import AuditEvent
from backend.imaging import identities
from backend.imaging.dicom.procedure import procedure
from backend.imaging.models import Patient
from backend.imaging.reading.messages import Identity
from tests.backend.cohort import add_patient, add_volume


@pytest.fixture
def people(cohort):
    found = []
    for number, born in (("17", "1970-02-03"), ("0017", "")):
        patient = add_patient(cohort.project)
        who = Identity(patient_id=number, issuer="N", name="Doe^Jane", birth_date=born)
        identities.keep(patient, who, patient.source_key)
        found.append(patient)
    return found


@pytest.fixture
def manager(cohort, as_user):
    return as_user(cohort.manager)


def post(client, address, **body):
    return client.post(address, data=body, content_type="application/json")


def test_a_list_names_nobody(people, manager, django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        answer = manager.get("/api/projects/study/identities")
    rows = answer.json()["results"]
    assert [(row["pseudonym"], row["identities"]) for row in rows] == [("NF-0002", 1), ("NF-0001", 1)]
    assert b"Doe" not in answer.content
    assert [r["id"] for r in manager.get("/api/projects/study/identities?pseudonym=0002").json()["results"]] == [
        people[1].pk
    ]
    assert not AuditEvent.objects.filter(action__startswith="identity.").exists()


def test_a_look_shows_one_patient_and_is_recorded(people, manager, cohort):
    answer = post(manager, f"/api/patients/{people[0].pk}/identities")
    assert answer.json() == [{"identifier": "17", "issuer": "N", "name": "Doe^Jane", "birth_date": "1970-02-03"}]
    assert answer["Cache-Control"] == "no-store"
    event = AuditEvent.objects.get(action="identity.viewed")
    assert (event.actor_id, event.object_id) == (cohort.manager.pk, str(people[0].pk))
    told = manager.get("/api/projects/study/audit").content
    assert b"identity.viewed" in told
    assert b"Doe" not in told


def test_reading_an_address_alone_looks_at_nobody(people, manager):
    assert manager.get(f"/api/patients/{people[0].pk}/identities").status_code == 405
    assert manager.get("/api/projects/study/identities/table").status_code == 405


def test_a_search_finds_by_the_identifier(people, manager):
    rows = post(manager, "/api/projects/study/identities/search", identifier="017").json()
    assert {row["id"] for row in rows} == {patient.pk for patient in people}
    assert post(manager, "/api/projects/study/identities/search", identifier="18").json() == []
    assert post(manager, "/api/projects/study/identities/search", identifier="--").status_code == 400


def test_the_table_comes_as_a_file(people, manager):
    answer = post(manager, "/api/projects/study/identities/table")
    assert answer["Content-Type"].startswith("text/csv")
    assert 'filename="study-pseudonyms.csv"' in answer["Content-Disposition"]
    assert answer["Cache-Control"] == "no-store"
    assert answer.content.decode().splitlines()[1] == "NF-0001,17,N,Doe^Jane,1970-02-03"


def test_a_missing_key_is_an_answer_and_not_a_crash(people, manager, settings):
    settings.SECRET_KEY = "another secret key, forty characters long"
    manager.force_login(Patient.objects.get(pk=people[0].pk).project.memberships.get(role="manager").user)
    for address in (f"/api/patients/{people[0].pk}/identities", "/api/projects/study/identities/table"):
        answer = post(manager, address)
        assert answer.status_code == 409
        assert "Set NINEFOLD_IDENTITY_KEY" in answer.json()["message"]


def test_a_pair_is_offered_and_merged(people, manager):
    add_volume(people[1])
    (offer,) = manager.get("/api/projects/study/duplicates").json()
    assert (offer["first"]["pseudonym"], offer["second"]["pseudonym"]) == ("NF-0001", "NF-0002")
    assert (offer["second"]["studies"], offer["obstacle"]) == (1, "")
    merged = post(manager, f"/api/patients/{people[0].pk}/merge", other=people[1].pk).json()
    assert (merged["pseudonym"], len(merged["studies"])) == ("NF-0001", 1)
    assert manager.get("/api/projects/study/duplicates").json() == []
    assert len(post(manager, f"/api/patients/{people[0].pk}/identities").json()) == 2
    assert post(manager, f"/api/patients/{people[0].pk}/merge", other=people[1].pk).status_code == 404


def test_a_pair_is_offered_and_told_apart(people, manager):
    assert post(manager, f"/api/patients/{people[1].pk}/tell-apart", other=people[0].pk).status_code == 204
    assert manager.get("/api/projects/study/duplicates").json() == []


def test_the_wall_is_told_in_words(people, manager):
    other = add_patient(people[0].project, "BENCHMARK")
    answer = post(manager, f"/api/patients/{people[0].pk}/merge", other=other.pk)
    assert answer.status_code == 409
    assert "each for good" in answer.json()["message"]


def test_the_procedure_can_be_read_with_its_reasons(manager):
    told = manager.get("/api/deidentification").json()
    rules = {rule["attribute"]: rule for rule in told["rules"]}
    assert (told["version"], told["edition"]) == (procedure().version, procedure().edition)
    assert len(rules) == len(procedure().rules)
    assert (rules["PatientName"]["tag"], rules["PatientName"]["action"]) == ("(0010,0010)", "Z")
    assert rules["MRAcquisitionType"]["codes"] == ["1D", "2D", "3D"]
    assert rules["(0019,xx0C) SIEMENS MR HEADER: b-value"]["tag"] == "(0019,xx0C)"
    assert set(told["meanings"]) == {"X", "Z", "K", "C", "U"}
