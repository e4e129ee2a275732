"""A draft as a proposal: answered part by part, known to every revision, and never there where nobody may see one."""

import json

import numpy as np
import pytest

from backend.annotation import proposals, selectors, services
from backend.annotation.effort import Origins, correction_effort, draft_effort, origins_of
from backend.annotation.masks import load_labels, store_mask
from backend.annotation.models import Proposal, Revision, Task
from backend.audit.models import AuditEvent
from backend.core.errors import Conflict, NotAllowed, NotFound
from tests.backend.annotation.raw_sql import DRAFT, refused
from tests.backend.annotation.wire import TYPE, packed
from tests.backend.cohort import SHAPE_ZYX, approve, draw, some_labels

GLAND, LESION, LIVER = 1, 5, 8


def drafted_labels():
    """A liver in slices 1 and 2, a lesion in slice 2."""
    labels = np.zeros(SHAPE_ZYX, np.uint8)
    labels[1:3, 1, :4] = LIVER
    labels[2, 3, :3] = LESION
    return labels


@pytest.fixture
def drafted(cohort):
    """A case that the annotator has claimed, with a draft."""
    task = cohort.open_case()
    mask = store_mask(volume=task.volume, labels=drafted_labels())
    services.offer_proposal(task=task, mask=mask, model_version_id=3, source="model 3")
    return services.claim(user=cohort.annotator, task=task)


def fresh(task):
    return Task.objects.select_related("volume", "head").get(pk=task.pk)


def head_labels(task):
    return load_labels(Revision.objects.select_related("mask__volume").get(pk=fresh(task).head_id).mask)


def save(cohort, task, labels, accepted=None, key=None):
    head = fresh(task).head
    return services.save(
        user=cohort.annotator,
        task=task,
        base=head.number if head else 0,
        key=key or f"save-{head.number if head else 0}",
        slices=dict(enumerate(labels)),
        accepted=accepted,
    )


def test_a_claimed_case_opens_with_a_proposal_and_an_empty_mask(cohort, drafted, as_user):
    seen = as_user(cohort.annotator).get(f"/api/tasks/{drafted.pk}").json()
    assert seen["head"] is None
    assert seen["proposal"] == {
        "source": "model 3",
        "answer": "waiting",
        "labels": [
            {"value": LESION, "voxels": 3, "slices": "2"},
            {"value": LIVER, "voxels": 8, "slices": "1-2"},
        ],
        "accepted": "",
    }
    bundle = as_user(cohort.annotator).get(f"/api/tasks/{drafted.pk}/proposal")
    assert (bundle.status_code, bundle["Content-Type"]) == (200, TYPE)


def test_a_draft_is_pinned_when_the_case_is_claimed(cohort, drafted):
    mask = store_mask(volume=drafted.volume, labels=some_labels(7))
    services.release(user=cohort.annotator, task=drafted)
    with pytest.raises(Conflict, match="begun"):
        services.offer_proposal(task=drafted, mask=mask, model_version_id=4, source="model 4")
    assert Proposal.objects.get(task=drafted).source == "model 3"


@pytest.mark.parametrize(
    ("labels", "slices", "kept"),
    [
        (None, None, lambda draft: draft),
        ({LIVER}, None, lambda draft: np.where(draft == LIVER, draft, 0)),
        (None, {1}, lambda draft: np.concatenate([draft[:2], np.zeros_like(draft[2:])])),
        ({LESION}, {1}, np.zeros_like),
    ],
    ids=["all", "one label", "one slice", "a label where it is not"],
)
def test_a_part_is_taken_and_nothing_else(cohort, drafted, labels, slices, kept):
    proposals.accept(user=cohort.annotator, task=drafted, labels=labels, slices=slices)
    assert np.array_equal(head_labels(drafted), kept(drafted_labels()))


def test_taking_leaves_what_is_drawn_elsewhere(cohort, drafted):
    drawn = np.zeros(SHAPE_ZYX, np.uint8)
    drawn[1, 3, :5] = GLAND
    save(cohort, drafted, drawn)
    proposals.accept(user=cohort.annotator, task=drafted)
    assert np.array_equal(head_labels(drafted), drawn + drafted_labels())


def test_a_save_says_what_is_taken_and_the_audit_keeps_each_taking(cohort, drafted, as_user):
    client = as_user(cohort.annotator)
    labels = np.where(drafted_labels() == LIVER, LIVER, 0).astype(np.uint8)
    for number, (accepted, expected) in enumerate(
        [("8=0-9", "8=1-2"), (None, "8=1-2"), ("8=1", "8=1"), ("", "")]  # only cells that the draft has are kept
    ):
        labels[0, 0, number] = GLAND
        headers = {"If-Match": f'"{number}"', "Idempotency-Key": f"k{number}"}
        if accepted is not None:
            headers["Proposal-Accepted"] = accepted
        answer = client.patch(
            f"/api/tasks/{drafted.pk}/mask", packed(dict(enumerate(labels))), content_type=TYPE, headers=headers
        )
        assert answer.status_code == 200, answer.content
        assert client.get(f"/api/tasks/{drafted.pk}").json()["proposal"]["accepted"] == expected
    history = client.get(f"/api/tasks/{drafted.pk}/revisions").json()["results"]
    assert [row["accepted"] for row in history] == ["8=1-2", "8=1-2", "8=1", ""]
    events = AuditEvent.objects.filter(action="task.proposal_taken").order_by("pk")
    assert [(e.detail["added"], e.detail["removed"]) for e in events] == [("8=1-2", ""), ("", "8=2"), ("", "8=1")]
    assert {event.actor_id for event in events} == {cohort.annotator.pk}


@pytest.mark.parametrize("text", ["liver", "8", "8=", "8=3-1", "8=1;8=2", "8=99999-99999", "9999=1"])
def test_parts_that_cannot_be_read_are_refused(cohort, drafted, as_user, text):
    answer = as_user(cohort.annotator).patch(
        f"/api/tasks/{drafted.pk}/mask",
        packed({1: np.full(SHAPE_ZYX[1:], 5, np.uint8)}),
        content_type=TYPE,
        headers={"If-Match": '"0"', "Idempotency-Key": "k", "Proposal-Accepted": text},
    )
    assert (answer.status_code, fresh(drafted).head_id) == (400, None)


def test_who_starts_empty_may_take_parts_later(cohort, drafted, as_user):
    client = as_user(cohort.annotator)
    for _ in range(2):  # a click that is sent twice
        assert client.post(f"/api/tasks/{drafted.pk}/proposal/decline").json()["proposal"]["answer"] == "declined"
    assert AuditEvent.objects.filter(action="task.proposal_declined").count() == 1
    proposals.accept(user=cohort.annotator, task=drafted, labels={LIVER})
    assert client.get(f"/api/tasks/{drafted.pk}").json()["proposal"]["answer"] == "accepted"
    answer = client.post(f"/api/tasks/{drafted.pk}/proposal/decline")
    assert (answer.status_code, answer.json()["message"][:24]) == (409, "Parts of the draft are i")


def test_only_the_assignee_answers(cohort, drafted):
    with pytest.raises(NotAllowed):
        proposals.decline(user=cohort.radiologist, task=drafted)
    with pytest.raises(NotAllowed):
        proposals.accept(user=cohort.radiologist, task=drafted)
    with pytest.raises(NotFound):
        proposals.decline(user=cohort.annotator, task=services.claim(user=cohort.annotator, task=cohort.open_case()))


def test_the_origin_of_every_voxel_is_known(cohort, drafted, as_user):
    proposals.accept(user=cohort.annotator, task=drafted, labels={LIVER})
    labels = head_labels(drafted)
    labels[1, 1, 0] = GLAND  # changed: the liver's in the draft
    labels[1, 1, 1] = 0  # removed
    labels[3, 0, :6] = GLAND  # drawn by hand
    labels[2, 3, 0] = LESION  # in the draft too, but that part was not taken: drawn by hand
    save(cohort, drafted, labels)
    told = as_user(cohort.annotator).get(f"/api/tasks/{drafted.pk}/origins").json()
    assert told == {
        "revision": 2,
        "labels": [
            {"value": GLAND, "model": 0, "human": 6, "changed": 1, "removed": 0},
            {"value": LESION, "model": 0, "human": 1, "changed": 0, "removed": 0},
            {"value": LIVER, "model": 6, "human": 0, "changed": 0, "removed": 2},
        ],
    }
    before = as_user(cohort.annotator).get(f"/api/tasks/{drafted.pk}/origins?revision=1").json()
    assert before["labels"] == [{"value": LIVER, "model": 8, "human": 0, "changed": 0, "removed": 0}]
    approved = approve(fresh(drafted), cohort.annotator, cohort.radiologist)
    assert correction_effort(approved) == {GLAND: 7, LESION: 1, LIVER: 2}
    assert draft_effort(approved) == {GLAND: 7, LESION: 2, LIVER: 2}


def test_a_draft_that_was_put_aside_leaves_everything_to_the_hand(cohort, drafted):
    proposals.decline(user=cohort.annotator, task=drafted)
    task = draw(fresh(drafted), cohort.annotator, drafted_labels())
    approved = approve(task, cohort.annotator, cohort.radiologist)
    assert correction_effort(approved) == {LESION: 3, LIVER: 8}
    assert draft_effort(approved) == {}


def test_a_draft_that_was_the_first_revision_counts_as_taken(cohort):
    """As cases have it that were claimed when drafts still came so."""
    task = services.claim(user=cohort.annotator, task=cohort.open_case())
    mask = store_mask(volume=task.volume, labels=drafted_labels())
    first = Revision.objects.create(task=task, number=1, mask=mask, origin="model", source="model 1")
    Task.objects.filter(pk=task.pk).update(head=first)
    assert origins_of(first) == {LESION: Origins(model=3), LIVER: Origins(model=8)}


@pytest.fixture
def unaided(cohort):
    """Tasks that are drawn without a draft: of the benchmark, and a second reading of a case whose first has one."""
    benchmark, first = cohort.open_case("BENCHMARK"), cohort.open_case()
    mask = store_mask(volume=first.volume, labels=drafted_labels())
    services.offer_proposal(task=first, mask=mask, model_version_id=3, source="model 3")
    second = Task.objects.create(
        project=first.project, volume=first.volume, patient=first.patient, partition="POOL", reading=2
    )
    return {"benchmark": benchmark, "second reading": second}


@pytest.mark.parametrize("which", ["benchmark", "second reading"])
def test_an_unaided_task_shows_no_draft_on_any_route(cohort, unaided, as_user, which):
    task = services.claim(user=cohort.annotator, task=unaided[which])
    save(cohort, task, drafted_labels())
    for person in (cohort.annotator, cohort.radiologist, cohort.manager, cohort.scientist):
        client = as_user(person)
        assert client.get(f"/api/tasks/{task.pk}").json()["proposal"] is None
        rows = client.get("/api/projects/study/tasks").json()["results"]
        assert next(row for row in rows if row["id"] == task.pk)["proposal"] is None
        assert client.get(f"/api/tasks/{task.pk}/proposal").status_code == 404
        assert client.get(f"/api/tasks/{task.pk}/doubt").json() == {"model": None, "slices": None}
        origins = client.get(f"/api/tasks/{task.pk}/origins").json()["labels"]
        assert {(row["model"], row["changed"], row["removed"]) for row in origins} == {(0, 0, 0)}
    assert as_user(cohort.annotator).post(f"/api/tasks/{task.pk}/proposal/decline").status_code == 404
    with pytest.raises(NotFound):
        proposals.accept(user=cohort.annotator, task=task)
    with pytest.raises(Conflict, match="no draft"):
        save(cohort, task, some_labels(), accepted={LIVER: frozenset({1})}, key="claims to have taken")
    approved = approve(fresh(task), cohort.annotator, cohort.radiologist)
    assert draft_effort(approved) == correction_effort(approved) == {LESION: 3, LIVER: 8}


def test_postgresql_refuses_a_draft_for_a_second_reading(cohort, unaided):
    second = unaided["second reading"]
    mask = store_mask(volume=second.volume, labels=some_labels())
    with pytest.raises(Conflict, match="blind"):
        services.offer_proposal(task=second, mask=mask, model_version_id=1, source="model 1")
    assert refused(DRAFT, [second.pk, second.patient_id, "POOL", mask.pk])
    posing = DRAFT.replace("created_at)", "created_at, reading)").replace("now())", "now(), 2)")
    assert refused(posing, [second.pk, second.patient_id, "POOL", mask.pk])
    first = Proposal.objects.get().task_id
    assert refused("UPDATE annotation_task SET reading = 3 WHERE id = %s", [first])


def test_the_query_itself_leaves_unaided_tasks_out():
    assert '"annotation_task"."reading" = 1' in str(selectors.visible_proposals().query)


def test_content_of_an_older_draft_is_counted_when_it_is_asked_for(cohort, drafted, as_user):
    Proposal.objects.update(content=None)
    seen = as_user(cohort.annotator).get(f"/api/tasks/{drafted.pk}").json()
    assert json.dumps(seen["proposal"]["labels"]).count("voxels") == 2
