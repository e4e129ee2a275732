from backend.annotation import services
from backend.annotation.checking import EVERY_WARNING
from tests.backend.cohort import Cohort, draw, some_labels


def test_the_manager_reads_who_did_what_newest_first(cohort, as_user, django_assert_max_num_queries):
    task = draw(cohort.open_case(), cohort.annotator, some_labels())
    services.submit(user=cohort.annotator, task=task, revision=1, accepted=EVERY_WARNING)
    Cohort("elsewhere").open_case()
    client = as_user(cohort.manager)
    with django_assert_max_num_queries(5):
        rows = client.get("/api/projects/study/audit").json()["results"]
    assert [row["action"] for row in rows] == ["task.submit", "task.save", "task.claim", "task.opened"]
    assert rows[0]["actor_name"] == cohort.annotator.username
    submitted = rows[0]["detail"]
    assert submitted.pop("ticked")
    assert submitted == {"before": "in_progress", "after": "submitted", "revision": 1}
    assert rows[3]["actor_name"] == "system"


def test_the_audit_of_one_task_can_be_read_alone(cohort, as_user):
    task, _ = draw(cohort.open_case(), cohort.annotator, some_labels()), cohort.open_case()
    asked = {"object_type": "task", "object_id": str(task.pk)}
    rows = as_user(cohort.manager).get("/api/projects/study/audit", asked).json()["results"]
    assert {row["object_id"] for row in rows} == {str(task.pk)}
    assert len(rows) == 3


def test_only_the_manager_reads_it(cohort, as_user):
    for user in (cohort.annotator, cohort.radiologist, cohort.scientist):
        assert as_user(user).get("/api/projects/study/audit").status_code == 403
    assert as_user(Cohort("elsewhere").manager).get("/api/projects/study/audit").status_code == 404
