"""Checks as people meet them: what the API finds, what a submission needs, and who may change the rules."""

import numpy as np
import pytest

from backend.annotation import checking, services
from backend.annotation.checking import EVERY_WARNING
from backend.annotation.models import Submission, Task
from backend.audit.models import AuditEvent
from backend.core.errors import Conflict
from tests.backend.cohort import SHAPE_ZYX, draw

WARNS = [{"rule": "missing", "severity": "warning", "labels": [7, 8], "figures": {}, "others": {}}]
BLOCKS = [{"rule": "missing", "severity": "error", "labels": [7], "figures": {}, "others": {}}]


@pytest.fixture
def task(cohort):
    labels = np.zeros(SHAPE_ZYX, np.uint8)
    labels[1:3, 4:8, 4:8] = 1
    return draw(cohort.open_case(), cohort.annotator, labels)


@pytest.fixture
def set_rules(cohort):
    def put(rules):
        checking.set_rules(user=cohort.manager, project=cohort.project, rules=rules)

    return put


def submit(client, task, **body):
    return client.post(f"/api/tasks/{task.pk}/submit", {"revision": 1, **body}, content_type="application/json")


def test_findings_tell_what_is_wrong_and_where(cohort, task, as_user, set_rules):
    set_rules([{"rule": "skipped", "severity": "warning", "labels": [1], "figures": {}, "others": {}}])
    slices = np.zeros(SHAPE_ZYX[1:], np.uint8)
    slices[4:8, 4:8] = 1
    services.save(user=cohort.annotator, task=task, base=1, key="k", slices={0: slices, 1: slices * 0})
    answer = as_user(cohort.annotator).get(f"/api/tasks/{task.pk}/checks").json()
    assert (answer["revision"], answer["submission"]) == (2, None)
    (finding,) = answer["findings"]
    assert (finding["key"], finding["severity"], finding["count"]) == ("skipped:1", "warning", 1)
    assert finding["places"] == [[1, 6, 4]]
    assert as_user(cohort.annotator).get(f"/api/tasks/{task.pk}/checks?revision=1").json()["findings"] == []


def test_before_the_first_stroke_nothing_is_drawn(cohort, as_user):
    task = cohort.open_case()
    answer = as_user(cohort.annotator).get(f"/api/tasks/{task.pk}/checks").json()
    assert [finding["key"] for finding in answer["findings"]] == ["nothing"]


def test_the_same_mask_and_rules_are_not_sent_twice(cohort, task, as_user, set_rules):
    client, address = as_user(cohort.annotator), f"/api/tasks/{task.pk}/checks"
    etag = client.get(address)["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    set_rules(WARNS)
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 200


def test_a_warning_needs_its_tick(cohort, task, as_user, set_rules):
    set_rules(WARNS)
    client = as_user(cohort.annotator)
    for accepted in ({}, {"accepted": []}, {"accepted": ["missing:7"]}, {"accepted": ["missing:8", "*"]}):
        refused = submit(client, task, **accepted)
        assert refused.status_code == 409
        detail = refused.json()["detail"]
        assert (detail["reason"], [f["key"] for f in detail["findings"]]) == ("checks", ["missing:7", "missing:8"])
    assert Task.objects.get(pk=task.pk).state == "in_progress"
    assert not Submission.objects.exists()
    assert submit(client, task, accepted=["missing:7", "missing:8"]).status_code == 200


def test_what_was_ticked_stays_for_the_reviewer(cohort, task, as_user, set_rules):
    set_rules(WARNS)
    submit(as_user(cohort.annotator), task, accepted=["missing:7", "missing:8"])
    set_rules([])
    answer = as_user(cohort.radiologist).get(f"/api/tasks/{task.pk}/checks").json()
    assert answer["findings"] == []
    assert [warning["text"] for warning in answer["submission"]["warnings"]] == [
        "No heart is drawn.",
        "No liver is drawn.",
    ]
    assert answer["submission"]["author"]["id"] == cohort.annotator.pk
    event = AuditEvent.objects.filter(action="task.submit").latest("pk")
    assert event.detail["ticked"] == ["missing:7", "missing:8"]


def test_an_error_is_in_the_way_whatever_is_ticked(cohort, task, as_user, set_rules):
    set_rules(BLOCKS)
    assert submit(as_user(cohort.annotator), task, accepted=["missing:7"]).status_code == 409
    with pytest.raises(Conflict, match="cannot be submitted yet"):
        services.submit(user=cohort.annotator, task=task, revision=1, accepted=EVERY_WARNING)


def test_an_empty_drawing_cannot_be_handed_in(cohort, as_user):
    task = draw(cohort.open_case(), cohort.annotator, np.zeros(SHAPE_ZYX, np.uint8))
    refused = submit(as_user(cohort.annotator), task, accepted=["nothing"])
    assert (refused.status_code, refused.json()["detail"]["findings"][0]["key"]) == (409, "nothing")


def test_rules_that_change_between_check_and_lock_are_looked_at_again(cohort, task, set_rules, monkeypatch):
    real = checking.report_to_submit

    def report_then_change(*args):
        report = real(*args)
        set_rules(BLOCKS)
        return report

    set_rules([])
    monkeypatch.setattr(checking, "report_to_submit", report_then_change)
    with pytest.raises(Conflict, match="have changed just now"):
        services.submit(user=cohort.annotator, task=task, revision=1)
    assert Task.objects.get(pk=task.pk).state == "in_progress"


def test_nothing_is_worked_out_while_the_task_is_locked(cohort, task, set_rules, monkeypatch):
    set_rules(WARNS)
    real, locked = services.lock, []
    monkeypatch.setattr(services, "lock", lambda task: locked.append(task) or real(task))
    check = checking.check
    monkeypatch.setattr(checking, "check", lambda *args: pytest.fail("under the lock") if locked else check(*args))
    checking._findings.cache_clear()
    services.submit(user=cohort.annotator, task=task, revision=1, accepted=["missing:7", "missing:8"])
    assert locked


def test_chosen_slices_are_checked_as_such(cohort, task, as_user):
    services.ask_for_slices(user=cohort.manager, task=task, slices=[0, 1])
    answer = as_user(cohort.annotator).get(f"/api/tasks/{task.pk}/checks").json()
    assert [(f["key"], f["places"]) for f in answer["findings"]] == [("undrawn", [[0, 8, 6]])]


def test_a_manager_sees_and_changes_the_rules(cohort, as_user):
    client, address = as_user(cohort.manager), f"/api/projects/{cohort.project.slug}/checks"
    before = client.get(address).json()
    assert before["is_default"]
    assert {kind["name"] for kind in before["kinds"]} == {rule["rule"] for rule in before["rules"]}
    after = client.put(address, {"rules": WARNS}, content_type="application/json").json()
    assert (after["is_default"], after["rules"]) == (False, WARNS)
    assert AuditEvent.objects.latest("pk").action == "checks.set"
    assert client.put(address, {"rules": None}, content_type="application/json").json() == before


def test_a_rule_that_cannot_be_is_refused_with_a_sentence(cohort, as_user):
    client, address = as_user(cohort.manager), f"/api/projects/{cohort.project.slug}/checks"
    answer = client.put(address, {"rules": [{**WARNS[0], "labels": [44]}]}, content_type="application/json")
    assert (answer.status_code, "44" in answer.json()["message"]) == (400, True)
    assert client.get(address).json()["is_default"]
