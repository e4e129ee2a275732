"""One person under two identifiers: offered, merged with everything that hangs on them, or told apart for good."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from backend.accounts.models import Project
from backend.annotation.masks import store_mask
from backend.annotation.models import Proposal, Revision, Task
from backend.annotation.services import offer_proposal
from backend.audit.models import AuditEvent
from backend.core.errors import Conflict, InvalidInput, NotAllowed
from backend.exports.models import SnapshotItem
from backend.exports.services import freeze_snapshot
from backend.imaging import identities, merging, patients
from backend.imaging.keys import key_of
from backend.imaging.models import DifferentPeople, Patient, PatientAlias, Series, Study
from backend.imaging.reading.messages import Identity
from tests.backend.cohort import Cohort, add_patient, add_volume, open_task, some_labels


@pytest.fixture
def merge(cohort):
    return lambda keep, other: merging.merge(user=cohort.manager, keep=keep, other=other)


def known_as(patient: Patient, number: str, *, person: str = "") -> Patient:
    patient.person_key = person
    patient.save()
    identities.keep(patient, Identity(patient_id=number, name=f"Name^{number}"), patient.source_key)
    return patient


class TestOffers:
    """Who may be one person."""

    def test_the_same_name_birth_date_and_sex_is_offered(self, cohort):
        one, two, _ = (add_patient(cohort.project) for _ in range(3))
        known_as(one, "17", person="p" * 64), known_as(two, "99", person="p" * 64)
        (offer,) = merging.possible_duplicates(cohort.project)
        assert (offer.first, offer.second, offer.reason, offer.obstacle) == (one, two, merging.SAME_PERSON, "")
        assert merging.possible_duplicates(cohort.project, of=two) == [offer]

    @pytest.mark.parametrize("number", ["0017", "17 ", "00-17"])
    def test_identifiers_that_differ_in_how_they_are_written_are_offered(self, cohort, number):
        one, two = add_patient(cohort.project), add_patient(cohort.project)
        known_as(one, "17"), known_as(two, number, person="p" * 64)
        (offer,) = merging.possible_duplicates(cohort.project)
        assert offer.reason == merging.SAME_IDENTIFIER

    def test_one_number_for_two_names_is_not(self, cohort):
        known_as(add_patient(cohort.project), "17", person="p" * 64)
        known_as(add_patient(cohort.project), "017", person="q" * 64)
        assert merging.possible_duplicates(cohort.project) == []

    def test_patients_of_another_project_are_not(self, cohort):
        known_as(add_patient(cohort.project), "17", person="p" * 64)
        known_as(add_patient(Cohort("elsewhere").project), "17", person="p" * 64)
        assert merging.possible_duplicates(cohort.project) == []

    def test_two_sides_of_the_wall_are_offered_with_the_obstacle(self, cohort):
        for side in ("POOL", "BENCHMARK"):
            known_as(add_patient(cohort.project, side), side, person="p" * 64)
        (offer,) = merging.possible_duplicates(cohort.project)
        assert "POOL and BENCHMARK, each for good" in offer.obstacle

    def test_who_is_told_apart_is_never_offered_again(self, cohort):
        one, two = (known_as(add_patient(cohort.project), n, person="p" * 64) for n in "12")
        for _ in range(2):
            merging.tell_apart(user=cohort.manager, one=two, other=one)
        assert merging.possible_duplicates(cohort.project) == []
        assert DifferentPeople.objects.count() == AuditEvent.objects.filter(action="patient.told_apart").count() == 1

    def test_a_decision_outlives_a_merge(self, cohort, merge):
        one, two, three = (known_as(add_patient(cohort.project), n, person="p" * 64) for n in "123")
        merging.tell_apart(user=cohort.manager, one=two, other=three)
        merge(one, two)
        assert merging.possible_duplicates(cohort.project) == []


class TestMerge:
    """What a merge brings together."""

    def test_studies_tasks_masks_and_drafts_follow(self, cohort, merge):
        mine, theirs = cohort.approved_case(), cohort.approved_case()
        fresh = open_task(add_volume(theirs.patient))
        mask = store_mask(volume=fresh.volume, labels=some_labels())
        offer_proposal(task=fresh, mask=mask, model_version_id=1, source="model 1")
        heads = {task.pk: task.head_id for task in (mine, theirs)}
        kept = merge(mine.patient, theirs.patient)
        assert not Patient.objects.filter(pk=theirs.patient_id).exists()
        assert set(Task.objects.values_list("patient_id", flat=True)) == {kept.pk}
        assert set(Study.objects.values_list("patient_id", flat=True)) == {kept.pk}
        assert Proposal.objects.get().patient_id == kept.pk
        assert {task.pk: task.head_id for task in Task.objects.filter(pk__in=heads)} == heads
        assert Revision.objects.filter(task__patient=kept).count() == 2

    def test_a_frozen_snapshot_stays_as_it_was(self, cohort, merge):
        mine, theirs = cohort.approved_case(), cohort.approved_case()
        snapshot = freeze_snapshot(project=cohort.project, actor=cohort.manager)
        before = (snapshot.sha256, snapshot.manifest, sorted(snapshot.items.values_list("revision_id", "fold")))
        kept = merge(mine.patient, theirs.patient)
        snapshot.refresh_from_db()
        after = (snapshot.sha256, snapshot.manifest, sorted(snapshot.items.values_list("revision_id", "fold")))
        assert after == before
        assert set(SnapshotItem.objects.values_list("patient_id", flat=True)) == {kept.pk}
        cohort.approved_case()
        later = freeze_snapshot(project=cohort.project, actor=cohort.manager)
        folds = later.items.filter(patient=kept).values_list("fold", flat=True)
        assert len(folds) == 2
        assert len(set(folds)) == 1, "from now on the person is on one side of each split"

    def test_a_later_import_finds_the_one_who_stayed(self, cohort, merge):
        one, two, three = (add_patient(cohort.project) for _ in range(3))
        keys = [patient.source_key for patient in (one, two, three)]
        merge(two, three)
        kept = merge(one, two)
        assert [patients.find(cohort.project, key) for key in keys] == [kept] * 3
        assert PatientAlias.objects.count() == 2

    def test_a_pseudonym_is_never_given_again(self, cohort, merge):
        one, two = add_patient(cohort.project), add_patient(cohort.project)
        assert patients.next_pseudonym(cohort.project) == "P0003"
        merge(one, two)
        assert patients.next_pseudonym(cohort.project) == "P0003"

    def test_identities_stay_readable_under_the_one_who_stayed(self, cohort, merge):
        one, two = (known_as(add_patient(cohort.project), number) for number in ("17", "99"))
        kept = merge(one, two)
        assert [who.patient_id for who in identities.look(user=cohort.manager, patient=kept)] == ["17", "99"]
        assert identities.search(user=cohort.manager, project=cohort.project, identifier="99") == [kept]

    def test_dates_come_to_lie_on_the_days_of_the_one_who_stayed(self, cohort, merge):
        one, two = add_patient(cohort.project), add_patient(cohort.project)
        key, day = key_of(cohort.project), dt.date(2024, 1, 2)
        for patient, later in ((one, 0), (two, 30)):
            shifted = day + dt.timedelta(days=later - key.shift_days(patient.source_key))
            study = add_volume(patient).study
            Study.objects.filter(pk=study.pk).update(study_date=shifted)
            header = {
                "00080020": {"vr": "DA", "Value": [f"{shifted:%Y%m%d}"]},
                "52009230": {"vr": "SQ", "Value": [{"00189074": {"vr": "DT", "Value": [f"{shifted:%Y%m%d}101112.5"]}}]},
                "00080030": {"vr": "TM", "Value": ["101112"]},
                "00100010": {"vr": "PN"},
            }
            Series.objects.filter(study=study).update(header=header)
        assert key.shift_days(one.source_key) != key.shift_days(two.source_key)
        kept = merge(one, two)
        first, second = kept.studies.order_by("pk")
        assert second.study_date - first.study_date == dt.timedelta(days=30)
        header = second.series.get().header
        assert header["00080020"]["Value"] == [f"{second.study_date:%Y%m%d}"]
        assert header["52009230"]["Value"][0]["00189074"]["Value"] == [f"{second.study_date:%Y%m%d}101112.5"]
        assert header["00080030"]["Value"] == ["101112"]
        assert header["00100010"] == {"vr": "PN"}

    def test_what_only_one_of_them_tells_is_kept(self, cohort, merge):
        one, two = add_patient(cohort.project), add_patient(cohort.project)
        Patient.objects.filter(pk=two.pk).update(sex="F", age_years=54, person_key="p" * 64)
        kept = merge(one, two)
        kept.refresh_from_db()
        assert (kept.sex, kept.age_years, kept.person_key) == ("F", 54, "p" * 64)

    def test_it_is_recorded(self, cohort, merge):
        one, two = add_patient(cohort.project), add_patient(cohort.project)
        add_volume(two)
        merge(one, two)
        event = AuditEvent.objects.get(action="patient.merged")
        assert (event.actor_id, event.object_id) == (cohort.manager.pk, str(one.pk))
        assert event.detail == {"other_id": two.pk, "other_pseudonym": two.pseudonym, "studies": 1}


class TestWall:
    """A merge never carries anybody across the partition."""

    @pytest.mark.parametrize("sides", [("POOL", "BENCHMARK"), ("BENCHMARK", "POOL")])
    def test_two_sides_are_refused_in_words(self, cohort, merge, sides):
        one, two = (add_patient(cohort.project, side) for side in sides)
        with pytest.raises(Conflict, match="each for good"):
            merge(one, two)
        assert Patient.objects.filter(project=cohort.project).count() == 2

    @pytest.mark.parametrize("sides", [("BENCHMARK", None), (None, "BENCHMARK"), ("POOL", None), (None, "POOL")])
    def test_who_has_no_side_yet_takes_the_other_ones(self, cohort, merge, sides):
        one, two = (add_patient(cohort.project, side) for side in sides)
        add_volume(one), add_volume(two)
        kept = merge(one, two)
        kept.refresh_from_db()
        assert kept.partition == (sides[0] or sides[1])
        assert kept.studies.count() == 2

    def test_nobody_is_merged_with_somebody_of_another_project(self, cohort, merge):
        stranger = add_patient(Cohort("elsewhere").project)
        for other in (stranger, None):
            one = add_patient(cohort.project)
            with pytest.raises(InvalidInput):
                merge(one, other or one)

    def test_the_same_study_under_both_is_refused(self, cohort, merge):
        one, two = add_patient(cohort.project), add_patient(cohort.project)
        study = add_volume(one).study
        Study.objects.create(patient=two, uid=study.uid)
        with pytest.raises(Conflict, match="hold the same study"):
            merge(one, two)

    def test_an_identity_that_no_key_opens_stops_it_and_nothing_has_moved(self, cohort, merge, settings):
        one, two = (known_as(add_patient(cohort.project), number) for number in ("17", "99"))
        add_volume(two)
        settings.SECRET_KEY = "another secret key, forty characters long"
        with pytest.raises(Conflict, match="NINEFOLD_IDENTITY_KEY"):
            merge(one, two)
        assert two.studies.count() == 1
        assert not PatientAlias.objects.exists()

    @pytest.mark.parametrize("who", ["annotator", "radiologist", "scientist"])
    def test_only_managers_merge_and_tell_apart(self, cohort, who):
        one, two = add_patient(cohort.project), add_patient(cohort.project)
        with pytest.raises(NotAllowed):
            merging.merge(user=getattr(cohort, who), keep=one, other=two)
        with pytest.raises(NotAllowed):
            merging.tell_apart(user=getattr(cohort, who), one=one, other=two)


class TestRawSql:
    """Past every line of Python."""

    @pytest.fixture
    def people(self, cohort):
        theirs = add_volume(add_patient(cohort.project, "BENCHMARK")).study
        others = Project.objects.create(slug="others", name="Others")
        return {
            "pool": add_patient(cohort.project, "POOL"),
            "benchmark": add_patient(cohort.project, "BENCHMARK"),
            "undecided": add_patient(cohort.project, None),
            "elsewhere": add_patient(others, "BENCHMARK"),
        }, theirs

    def moved(self, study, patient, word: str) -> bool:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT set_config('ninefold.merge', %s, true)", [word])
                cursor.execute("UPDATE imaging_study SET patient_id = %s WHERE id = %s", [patient.pk, study.pk])
                transaction.set_rollback(True)
        except IntegrityError:
            return False
        return True

    @pytest.mark.parametrize("word", ["", "1>2", "on"])
    def test_a_study_stays_without_the_word_of_its_merge(self, people, word):
        patients_, study = people
        assert not any(self.moved(study, patient, word) for patient in patients_.values())

    @pytest.mark.parametrize(
        ("to", "may"), [("pool", False), ("undecided", False), ("elsewhere", False), ("benchmark", True)]
    )
    def test_the_word_opens_no_way_across_the_wall(self, people, to, may):
        """The last row shows that the others could fail."""
        patients_, study = people
        assert self.moved(study, patients_[to], f"{study.patient_id}>{patients_[to].pk}") is may
