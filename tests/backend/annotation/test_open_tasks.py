import pytest

from backend.annotation import selectors, services
from backend.annotation.jobs import open_tasks
from backend.annotation.labels import DEFAULT_LABELS
from backend.annotation.models import LabelSet, Task
from backend.audit.models import AuditEvent
from backend.imaging.models import Phase, Volume
from backend.learning.reaper import reap
from tests.backend.cohort import Cohort, add_patient, add_volume


@pytest.fixture
def volume(cohort):
    return add_volume(add_patient(cohort.project))


def test_each_dce_volume_of_an_assigned_patient_gets_one_task(cohort, volume):
    waits = add_volume(add_patient(cohort.project, partition=None))
    open_tasks(project_id=cohort.project.pk)
    task = Task.objects.get()
    assert (task.volume, task.partition, task.state) == (volume, "POOL", "open")
    waits.study.patient.partition = "BENCHMARK"
    waits.study.patient.save()
    open_tasks(project_id=cohort.project.pk)
    assert Task.objects.get(volume=waits).partition == "BENCHMARK"


def test_a_job_that_comes_twice_opens_nothing_twice(cohort, volume):
    for _ in range(3):
        open_tasks(project_id=cohort.project.pk)
    assert Task.objects.count() == 1
    assert AuditEvent.objects.filter(action="task.opened").count() == 1


def test_a_lost_message_costs_a_minute_and_no_task(cohort, volume):
    waits = add_volume(add_patient(Cohort("elsewhere").project))
    assert services.open_missing_tasks(older_than_s=60) == 0  # its job may still be on the way
    reap(stuck_after_s=0)
    assert set(Task.objects.values_list("volume_id", flat=True)) == {volume.pk, waits.pk}
    assert services.open_missing_tasks(older_than_s=0) == 0


def test_a_study_without_dce_is_drawn_on_its_richest_volume(cohort):
    plain = add_volume(add_patient(cohort.project), phases=1)
    deep = Volume.objects.create(
        study=plain.study, name="T2", is_dce=False, size_z=90, size_y=16, size_x=12, affine=plain.affine
    )
    assert list(selectors.volumes_without_task(cohort.project)) == [plain]  # it has a phase, the deeper one has none
    seen = plain.phases.get()
    for index in range(2):
        Phase.objects.create(
            volume=deep,
            series=seen.series,
            index=index,
            label=f"phase {index}",
            slices_per_chunk=8,
            chunks=[],
            window_low=0,
            window_high=1,
        )
    assert list(selectors.volumes_without_task(cohort.project)) == [deep]
    open_tasks(project_id=cohort.project.pk)
    assert list(selectors.volumes_without_task(cohort.project)) == []
    assert Task.objects.get().volume == deep


def test_a_study_with_dce_gets_no_task_for_its_other_volumes(cohort, volume):
    other = Volume.objects.create(
        study=volume.study, name="T1", is_dce=False, size_z=90, size_y=16, size_x=12, affine=volume.affine
    )
    assert list(selectors.volumes_without_task(cohort.project)) == [volume]
    open_tasks(project_id=cohort.project.pk)
    assert not Task.objects.filter(volume=other).exists()


def test_volumes_of_other_projects_are_left_alone(cohort, volume):
    elsewhere = Cohort("elsewhere")
    assert services.open_tasks(project=elsewhere.project, volumes=[volume]) == []
    open_tasks(project_id=elsewhere.project.pk)
    assert not Task.objects.exists()


def test_a_project_gets_the_nine_labels_with_its_first_task(cohort, volume):
    assert selectors.labels_of(cohort.project) == DEFAULT_LABELS
    open_tasks(project_id=cohort.project.pk)
    assert [entry["value"] for entry in LabelSet.objects.get(project=cohort.project).labels] == list(range(1, 10))
    assert selectors.labels_of(cohort.project) == DEFAULT_LABELS


def test_a_project_keeps_labels_of_its_own(cohort, as_user):
    own = [{"value": 1, "name": "cyst", "colour": "#00ffff"}]
    LabelSet.objects.create(project=cohort.project, labels=own)
    services.ensure_label_set(cohort.project)
    project = as_user(cohort.annotator).get("/api/session").json()["projects"][0]
    assert project["labels"] == own
