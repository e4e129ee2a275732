"""Freezing what is approved."""

import pytest
from django.db import IntegrityError, transaction

from backend.annotation import services as annotation
from backend.annotation.checking import EVERY_WARNING
from backend.audit.models import AuditEvent
from backend.core.errors import Conflict, NotAllowed
from backend.exports.manifest import read_manifest
from backend.exports.models import Snapshot, SnapshotItem
from backend.exports.services import freeze_snapshot
from ml.contracts import Channel
from tests.backend.cohort import draw, some_labels

pytestmark = pytest.mark.django_db


def test_a_snapshot_holds_every_approved_case_of_the_pool_and_nothing_else(cohort):
    approved = [cohort.approved_case(), cohort.approved_case()]
    cohort.approved_case("BENCHMARK")
    cohort.open_case()
    draw(cohort.open_case(), cohort.annotator, some_labels(9))
    snapshot = freeze_snapshot(project=cohort.project, actor=cohort.manager)
    manifest = read_manifest(snapshot.manifest)
    assert [case.task_id for case in manifest.cases] == [task.pk for task in approved]
    assert [case.mask_sha256 for case in manifest.cases] == [task.approved.mask.sha256 for task in approved]
    assert [case.revision for case in manifest.cases] == [task.approved.number for task in approved]
    assert {item.revision_id for item in snapshot.items.all()} == {task.approved_id for task in approved}
    assert AuditEvent.objects.filter(action="snapshot.freeze", object_id=str(snapshot.pk)).exists()


def test_labels_and_channels_are_part_of_the_snapshot(cohort):
    cohort.approved_case()
    manifest = read_manifest(freeze_snapshot(project=cohort.project, actor=cohort.manager).manifest)
    assert manifest.channels == (Channel(0), Channel(1))
    assert [label.value for label in manifest.labels] == list(range(1, 10))
    assert manifest.labels[4].name == "lesion"


def test_a_project_of_single_phase_volumes_has_one_channel(cohort):
    cohort.approved_case(phases=1)
    manifest = read_manifest(freeze_snapshot(project=cohort.project, actor=cohort.manager).manifest)
    assert manifest.channels == (Channel(0),)


def test_a_case_without_the_phases_that_the_others_have_is_named(cohort):
    cohort.approved_case()
    poor = cohort.approved_case(phases=1)
    with pytest.raises(Conflict, match=poor.patient.pseudonym):
        freeze_snapshot(project=cohort.project, actor=cohort.manager)


def test_nothing_approved_cannot_be_frozen(cohort):
    with pytest.raises(Conflict, match="approve one first"):
        freeze_snapshot(project=cohort.project, actor=cohort.manager)


def test_nothing_new_cannot_be_frozen_again_and_the_answer_says_which_snapshot_has_it(cohort):
    cohort.approved_case()
    first = freeze_snapshot(project=cohort.project, actor=cohort.manager)
    with pytest.raises(Conflict, match="snapshot 1") as refused:
        freeze_snapshot(project=cohort.project, actor=cohort.manager)
    assert refused.value.detail == {"snapshot": first.pk, "number": 1}
    assert Snapshot.objects.count() == 1


def test_a_changed_mask_makes_another_snapshot_and_leaves_the_old_one_alone(cohort):
    task = cohort.approved_case()
    first = freeze_snapshot(project=cohort.project, actor=cohort.manager)
    before = first.sha256
    task = annotation.reopen(user=cohort.manager, task=task)
    task = draw(task, cohort.annotator, some_labels(77))
    annotation.submit(user=cohort.annotator, task=task, revision=task.head.number, accepted=EVERY_WARNING)
    annotation.approve(user=cohort.radiologist, task=task, revision=task.head.number)
    second = freeze_snapshot(project=cohort.project, actor=cohort.manager)
    first.refresh_from_db()
    assert second.number == 2
    assert second.sha256 != before == first.sha256 == read_manifest(first.manifest).sha256


def test_the_hash_survives_the_database(cohort):
    cohort.approved_case()
    snapshot = freeze_snapshot(project=cohort.project, actor=cohort.manager)
    assert read_manifest(Snapshot.objects.get().manifest).sha256 == snapshot.sha256


def test_all_cases_of_a_patient_are_in_one_fold_and_keep_it(cohort):
    tasks = [cohort.approved_case() for _ in range(3)]
    cohort.approved_case(patient=tasks[0].patient)
    first = freeze_snapshot(project=cohort.project, actor=cohort.manager)
    folds = dict(first.items.values_list("patient__pseudonym", "fold"))
    assert first.items.values("patient", "fold").distinct().count() == 3
    for _ in range(4):
        cohort.approved_case()
    second = freeze_snapshot(project=cohort.project, actor=cohort.manager)
    later = dict(second.items.values_list("patient__pseudonym", "fold"))
    assert {name: later[name] for name in folds} == folds
    assert set(later.values()) == {0, 1, 2, 3, 4}


def test_the_database_refuses_a_benchmark_patient_in_a_snapshot(cohort):
    cohort.approved_case()
    snapshot = freeze_snapshot(project=cohort.project, actor=cohort.manager)
    task = cohort.approved_case("BENCHMARK")
    for partition in ("POOL", "BENCHMARK"):
        with pytest.raises(IntegrityError), transaction.atomic():
            SnapshotItem.objects.create(
                snapshot=snapshot, patient=task.patient, partition=partition, revision=task.approved, fold=0
            )


@pytest.mark.parametrize("role", ["annotator", "radiologist"])
def test_who_may_not_export_may_not_freeze(cohort, role):
    cohort.approved_case()
    with pytest.raises(NotAllowed):
        freeze_snapshot(project=cohort.project, actor=getattr(cohort, role))
