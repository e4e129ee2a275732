import pytest

from backend.annotation import services
from backend.annotation.checking import EVERY_WARNING
from backend.annotation.models import Review, Task
from backend.core.errors import Conflict, InvalidInput, PreconditionRequired, Stale
from backend.exports.services import freeze_snapshot
from tests.backend.cohort import EVERY_TICK, SHAPE_ZYX, draw, some_labels


@pytest.fixture
def drawn(cohort):
    return draw(cohort.open_case(), cohort.annotator, some_labels())


@pytest.fixture
def submitted(cohort, drawn):
    services.submit(user=cohort.annotator, task=drawn, revision=1, accepted=EVERY_WARNING)
    return drawn


def post(client, task, action, **body):
    return client.post(f"/api/tasks/{task.pk}/{action}", body, content_type="application/json")


def test_an_approval_pins_the_revision_that_was_looked_at(cohort, submitted, as_user):
    answer = post(as_user(cohort.radiologist), submitted, "approve", revision=1)
    assert answer.json()["state"] == "approved"
    task = Task.objects.get(pk=submitted.pk)
    assert task.approved == task.head
    assert task.approved.number == 1
    review = Review.objects.get(task=task)
    assert (review.decision, review.revision, review.reviewer) == ("approve", task.head, cohort.radiologist)


@pytest.mark.parametrize("action", ["approve", "return"])
def test_a_review_of_an_older_revision_is_stale(cohort, submitted, action, as_user):
    answer = post(as_user(cohort.radiologist), submitted, action, revision=0, reason="Too wide.")
    assert (answer.status_code, answer.json()["detail"]["head"]) == (412, 1)


@pytest.mark.parametrize("action", ["approve", "return"])
def test_a_review_must_say_which_revision_was_looked_at(cohort, submitted, action, as_user):
    assert post(as_user(cohort.radiologist), submitted, action, reason="Too wide.").status_code == 428


def test_a_submission_must_say_which_revision_is_meant(cohort, drawn, as_user):
    client = as_user(cohort.annotator)
    assert post(client, drawn, "submit").status_code == 428
    assert post(client, drawn, "submit", revision=0).status_code == 412
    assert post(client, drawn, "submit", revision=1, accepted=EVERY_TICK).status_code == 200


def test_a_case_in_which_nothing_is_drawn_cannot_be_submitted(cohort):
    task = services.claim(user=cohort.annotator, task=cohort.open_case())
    with pytest.raises(Conflict, match="Nothing is drawn yet"):
        services.submit(user=cohort.annotator, task=task, revision=0, accepted=EVERY_WARNING)
    with pytest.raises(PreconditionRequired):
        services.submit(user=cohort.annotator, task=task, revision=None, accepted=EVERY_WARNING)


def test_a_returned_case_goes_back_to_who_drew_it_with_reason_and_places(cohort, submitted, as_user):
    remarks = [{"z": 2, "y": 3, "x": 4, "text": "Vessel."}, {"z": 1, "text": "Skin line."}]
    body = post(as_user(cohort.radiologist), submitted, "return", revision=1, reason=" Too wide. ", remarks=remarks)
    assert body.status_code == 200
    seen = as_user(cohort.annotator).get(f"/api/tasks/{submitted.pk}").json()
    assert (seen["state"], seen["assignee"]["id"]) == ("in_progress", cohort.annotator.pk)
    assert seen["last_review"]["decision"] == "return"
    assert seen["last_review"]["reason"] == "Too wide."
    assert seen["last_review"]["reviewer"]["display_name"] == cohort.radiologist.display_name
    assert seen["last_review"]["remarks"] == [
        {"z": 1, "y": None, "x": None, "text": "Skin line."},
        {"z": 2, "y": 3, "x": 4, "text": "Vessel."},
    ]


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_return_needs_a_reason(cohort, submitted, as_user, reason):
    answer = post(as_user(cohort.radiologist), submitted, "return", revision=1, reason=reason)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    with pytest.raises(InvalidInput, match="reason"):
        services.return_task(user=cohort.radiologist, task=submitted, revision=1, reason=reason)
    assert not Review.objects.exists()


@pytest.mark.parametrize(("axis", "size"), list(zip("zyx", SHAPE_ZYX, strict=True)))
def test_a_remark_outside_the_volume_is_refused_and_nothing_is_written(cohort, submitted, as_user, axis, size):
    pin = {"z": 0, "y": 0, "x": 0, "text": "Here."} | {axis: size}
    answer = post(as_user(cohort.radiologist), submitted, "return", revision=1, reason="Look.", remarks=[pin])
    assert (answer.status_code, f"{axis} = {size}" in answer.json()["message"]) == (400, True)
    assert not Review.objects.exists()
    assert Task.objects.get(pk=submitted.pk).state == "submitted"


def test_a_review_takes_no_endless_list_of_remarks(cohort, submitted, as_user):
    pins = [{"z": 0, "text": "Here."}] * 201
    answer = post(as_user(cohort.radiologist), submitted, "return", revision=1, reason="Look.", remarks=pins)
    assert answer.status_code == 400


def test_who_drew_once_never_approves_the_case_even_after_others_went_on(cohort, drawn):
    services.release(user=cohort.annotator, task=drawn)
    task = draw(Task.objects.get(pk=drawn.pk), cohort.radiologist, some_labels(2))
    services.release(user=cohort.radiologist, task=task)
    task = draw(Task.objects.get(pk=drawn.pk), cohort.annotator, some_labels(3))
    services.submit(user=cohort.annotator, task=task, revision=3, accepted=EVERY_WARNING)
    with pytest.raises(Exception, match="You drew in this case"):
        services.approve(user=cohort.radiologist, task=task, revision=3)


def test_reopening_gives_the_case_back_to_who_drew_it_and_leaves_snapshots_as_they_are(cohort):
    task = cohort.approved_case()
    cohort.approved_case()
    snapshot = freeze_snapshot(actor=cohort.manager, project=cohort.project)
    manifest = snapshot.manifest
    pinned = task.approved
    services.reopen(user=cohort.manager, task=task)
    reopened = Task.objects.get(pk=task.pk)
    assert (reopened.state, reopened.approved, reopened.assignee) == ("in_progress", None, cohort.annotator)
    assert reopened.head == pinned
    draw(reopened, cohort.annotator, some_labels(9))
    snapshot.refresh_from_db()
    assert snapshot.manifest == manifest
    assert snapshot.items.filter(revision=pinned).exists()


def test_a_withdrawn_case_can_be_opened_again_for_everybody(cohort, drawn):
    services.withdraw(user=cohort.manager, task=drawn)
    services.reopen(user=cohort.manager, task=drawn)
    task = Task.objects.get(pk=drawn.pk)
    assert (task.state, task.assignee, task.head.number) == ("open", None, 1)


def test_a_stale_approval_names_who_moved_the_case_on(cohort, submitted):
    services.return_task(user=cohort.radiologist, task=submitted, revision=1, reason="Too wide.")
    task = draw(Task.objects.get(pk=submitted.pk), cohort.annotator, some_labels(5))
    services.submit(user=cohort.annotator, task=task, revision=2, accepted=EVERY_WARNING)
    with pytest.raises(Stale) as refused:
        services.approve(user=cohort.radiologist, task=task, revision=1)
    assert refused.value.detail["head"] == 2
    assert refused.value.detail["by"] == cohort.annotator.display_name
