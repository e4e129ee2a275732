"""Active time: what the browser says, and what the clock allows."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backend.annotation import services
from backend.annotation.activity import report_activity
from backend.annotation.models import WorkPeriod
from backend.core.errors import NotAllowed
from tests.backend.annotation.raw_sql import refused
from tests.backend.cohort import EVERY_WARNING, draw, some_labels


@pytest.fixture
def task(cohort):
    return draw(cohort.open_case(), cohort.annotator, some_labels())


def report(task, user, **changes):
    return report_activity(user=user, task=task, **{"key": "a", "seconds": 50, "span_s": 60} | changes)


def test_a_report_counts_once_however_often_it_is_sent(cohort, task):
    assert [report(task, cohort.annotator) for _ in range(3)] == [50, 50, 50]
    assert WorkPeriod.objects.get().seconds == 50


def test_nobody_is_active_for_longer_than_the_clock_ran(cohort, task):
    assert report(task, cohort.annotator, seconds=500) == 60


def test_time_that_was_counted_already_does_not_count_again(cohort, task):
    report(task, cohort.annotator)
    assert report(task, cohort.annotator, key="b", seconds=60) == 0
    assert report(task, cohort.radiologist, key="b") == 50  # somebody else's time


def test_two_cases_at_once_share_the_clock(cohort, task):
    other = draw(cohort.open_case(), cohort.annotator, some_labels())
    report(task, cohort.annotator, span_s=60, ago_s=30)
    assert report(other, cohort.annotator, span_s=60, seconds=60) in {29, 30}


def test_a_report_that_was_kept_while_offline_lies_where_it_was(cohort, task):
    report(task, cohort.annotator, ago_s=600)
    period = WorkPeriod.objects.get()
    assert abs(timezone.now() - period.ended_at - timedelta(seconds=600)) < timedelta(seconds=30)
    assert report(task, cohort.annotator, key="b") == 50


def test_the_assignee_draws_and_others_review(cohort, task):
    report(task, cohort.annotator)
    report(task, cohort.radiologist)
    kinds = {period.user_id: period.kind for period in WorkPeriod.objects.all()}
    assert kinds == {cohort.annotator.pk: "draw", cohort.radiologist.pk: "review"}
    with pytest.raises(NotAllowed):
        report(task, cohort.manager)


def test_the_manager_sees_everybodys_minutes_and_others_their_own(cohort, task, as_user):
    services.submit(user=cohort.annotator, task=task, revision=1, accepted=EVERY_WARNING)
    report(task, cohort.annotator)
    report(task, cohort.radiologist, seconds=20)
    seen = [
        as_user(user).get(f"/api/tasks/{task.pk}").json()["active_s"]
        for user in (cohort.manager, cohort.annotator, cohort.radiologist, cohort.scientist)
    ]
    assert seen == [70, 50, 20, 0]


@pytest.mark.parametrize("wrong", [{"key": ""}, {"seconds": -1}, {"span_s": 10**9}, {"ago_s": -5}])
def test_a_report_that_makes_no_sense_is_refused(cohort, task, as_user, wrong):
    body = {"key": "a", "seconds": 1, "span_s": 2} | wrong
    answer = as_user(cohort.annotator).post(f"/api/tasks/{task.pk}/activity", body, content_type="application/json")
    assert answer.status_code == 400


def test_postgresql_keeps_periods_as_they_were_and_no_longer_than_the_clock(cohort, task):
    report(task, cohort.annotator)
    pk = WorkPeriod.objects.get().pk
    assert refused("UPDATE annotation_workperiod SET seconds = 1 WHERE id = %s", [pk])
    assert refused("DELETE FROM annotation_workperiod WHERE id = %s", [pk])
    copy = (
        "INSERT INTO annotation_workperiod (task_id, user_id, kind, key, seconds, started_at, ended_at, created_at) "
        "SELECT task_id, user_id, kind, 'b', %s, started_at, ended_at, now() FROM annotation_workperiod WHERE id = %s"
    )
    assert refused(copy, [70, pk])
    assert not refused(copy, [40, pk])
