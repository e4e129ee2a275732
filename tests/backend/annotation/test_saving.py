import gzip
import uuid

import numpy as np
import pytest

from backend.annotation import services
from backend.annotation.checking import EVERY_WARNING
from backend.annotation.masks import load_labels
from backend.annotation.models import Revision, Task
from backend.audit.models import AuditEvent
from backend.core.errors import Conflict
from ml.labelmaps import encode_slice, pack_bundle
from tests.backend.annotation.wire import TYPE, load, packed, save
from tests.backend.cohort import SHAPE_ZYX


def a_slice(value=5, shape_yx=SHAPE_ZYX[1:]):
    labels = np.zeros(shape_yx, dtype=np.uint8)
    labels[2:5, 3:7] = value
    return labels


@pytest.fixture
def task(cohort):
    return services.claim(user=cohort.annotator, task=cohort.open_case())


@pytest.fixture
def annotator(cohort, as_user):
    return as_user(cohort.annotator)


def test_a_case_in_which_nothing_is_drawn_has_an_empty_mask_at_revision_0(task, annotator):
    assert load(annotator, task) == ({}, '"0"')


def test_saved_slices_come_back_voxel_by_voxel(task, annotator):
    answer = save(annotator, task, 0, {1: a_slice(5), 3: a_slice(9)})
    assert answer.status_code == 200
    assert answer.json() == {"revision": 1, "changed": {"5": 12, "9": 12}}
    assert answer.headers["ETag"] == '"1"'
    slices, etag = load(annotator, task)
    assert etag == '"1"'
    assert sorted(slices) == [1, 3]
    np.testing.assert_array_equal(slices[1], a_slice(5))
    np.testing.assert_array_equal(slices[3], a_slice(9))


def test_a_save_keeps_the_slices_that_it_does_not_send(task, annotator):
    save(annotator, task, 0, {1: a_slice(5)})
    save(annotator, task, 1, {2: a_slice(7)})
    slices, _ = load(annotator, task)
    assert sorted(slices) == [1, 2]


def test_an_empty_slice_removes_what_was_there(task, annotator):
    save(annotator, task, 0, {1: a_slice(5), 2: a_slice(7)})
    answer = save(annotator, task, 1, {1: a_slice(0)})
    assert answer.json()["changed"] == {"5": 12}
    assert sorted(load(annotator, task)[0]) == [2]


def test_a_voxel_that_changes_its_label_counts_for_both(task, annotator):
    save(annotator, task, 0, {1: a_slice(5)})
    assert save(annotator, task, 1, {1: a_slice(7)}).json()["changed"] == {"5": 12, "7": 12}


def test_every_revision_can_be_read_again(task, annotator):
    save(annotator, task, 0, {1: a_slice(5)})
    save(annotator, task, 1, {1: a_slice(7)})
    assert load(annotator, task, revision=1)[0][1].max() == 5
    assert load(annotator, task, revision=2)[0][1].max() == 7
    assert load(annotator, task, revision=0) == ({}, '"0"')
    assert annotator.get(f"/api/tasks/{task.pk}/mask", {"revision": 3}).status_code == 404
    assert annotator.get(f"/api/tasks/{task.pk}/mask", {"revision": "x"}).status_code == 400


def test_the_history_says_who_saved_what(task, annotator, cohort):
    save(annotator, task, 0, {1: a_slice(5)})
    save(annotator, task, 1, {1: a_slice(7)})
    rows = annotator.get(f"/api/tasks/{task.pk}/revisions").json()["results"]
    assert [row["number"] for row in rows] == [1, 2]
    assert rows[1]["author"] == cohort.annotator.display_name
    assert rows[1]["origin"] == "human"
    assert rows[1]["changed"] == {"5": 12, "7": 12}


def test_a_mask_that_the_browser_has_is_not_sent_again(task, annotator):
    save(annotator, task, 0, {1: a_slice(5)})
    again = annotator.get(f"/api/tasks/{task.pk}/mask", headers={"If-None-Match": '"1"'})
    assert (again.status_code, again.content) == (304, b"")


def test_equal_slices_lie_in_the_store_once(task, annotator):
    save(annotator, task, 0, {1: a_slice(5), 2: a_slice(5), 3: a_slice(5)})
    slices = Revision.objects.get(task=task, number=1).mask.slices
    assert len({sha256 for _, sha256 in slices}) == 1


def test_runs_that_are_coded_differently_give_the_same_mask(task, annotator):
    wasteful = pack_bundle({1: b"".join(bytes([value, 1, 0]) for value in a_slice(5).ravel().tolist())})
    assert save(annotator, task, 0, {}, body=gzip.compress(wasteful)).status_code == 200
    save(annotator, task, 1, {1: a_slice(5)})
    first, second = Revision.objects.filter(task=task).order_by("number")
    assert first.mask == second.mask
    assert second.changed == {}


def test_a_stale_save_loses_nothing(task, annotator, cohort):
    save(annotator, task, 0, {1: a_slice(5)})
    stale = save(annotator, task, 0, {1: a_slice(7)})
    assert stale.status_code == 412
    body = stale.json()
    assert body["code"] == "stale"
    assert body["detail"]["head"] == 1
    assert body["detail"]["by"] == cohort.annotator.display_name
    assert body["detail"]["at"]
    assert load(annotator, task)[0][1].max() == 5


def test_a_save_must_say_what_it_was_drawn_on(task, annotator):
    answer = save(annotator, task, 0, {1: a_slice()}, **{"If-Match": None})
    assert (answer.status_code, answer.json()["code"]) == (428, "precondition_required")
    assert not Revision.objects.filter(task=task).exists()


@pytest.mark.parametrize("given", ["*", "3", 'W/"3"', '"x"', '""', '"-1"', '"99999999999"'])
def test_a_base_that_is_no_number_in_quotes_is_refused(task, annotator, given):
    assert save(annotator, task, 0, {1: a_slice()}, **{"If-Match": given}).status_code == 400


@pytest.mark.parametrize("key", [None, "", "x" * 65, "a b"])
def test_a_save_needs_a_key_of_its_own(task, annotator, key):
    assert save(annotator, task, 0, {1: a_slice()}, **{"Idempotency-Key": key}).status_code == 400


def test_a_save_whose_answer_was_lost_is_answered_again_and_written_once(task, annotator):
    key = str(uuid.uuid4())
    first = save(annotator, task, 0, {1: a_slice()}, key=key)
    events = AuditEvent.objects.count()
    again = save(annotator, task, 0, {1: a_slice()}, key=key)
    assert again.status_code == 200
    assert again.json() == first.json()
    assert again.headers["ETag"] == first.headers["ETag"]
    assert Revision.objects.filter(task=task).count() == 1
    assert AuditEvent.objects.count() == events


def test_the_answer_to_a_lost_save_survives_a_submission(task, annotator, cohort):
    key = str(uuid.uuid4())
    save(annotator, task, 0, {1: a_slice()}, key=key)
    services.submit(user=cohort.annotator, task=task, revision=1, accepted=EVERY_WARNING)
    assert save(annotator, task, 0, {1: a_slice()}, key=key).json()["revision"] == 1


def test_a_key_of_somebody_else_is_refused(cohort, task, annotator):
    key = str(uuid.uuid4())
    save(annotator, task, 0, {1: a_slice()}, key=key)
    task.refresh_from_db()
    services.release(user=cohort.annotator, task=task)
    services.claim(user=cohort.radiologist, task=task)
    with pytest.raises(Conflict):
        services.save(user=cohort.radiologist, task=task, base=1, key=key, slices={1: a_slice()})


def test_a_key_that_was_used_for_other_slices_is_refused_and_not_taken_for_a_repetition(task, annotator):
    key = str(uuid.uuid4())
    save(annotator, task, 0, {1: a_slice(5)}, key=key)
    assert save(annotator, task, 1, {1: a_slice(7)}, key=key).status_code == 409


BROKEN = {
    "not gzip": b"BMM1\0\0",
    "no body": b"",
    "cut gzip": packed({1: a_slice()})[:-6],
    "bytes after the gzip stream": packed({1: a_slice()}) + b"x",
    "another magic": gzip.compress(b"BMM2\0\0"),
    "cut bundle": gzip.compress(pack_bundle({1: encode_slice(a_slice())})[:-2]),
    "no slice": gzip.compress(pack_bundle({})),
    "a slice outside the volume": packed({SHAPE_ZYX[0]: a_slice()}),
    "a slice of another size": packed({1: a_slice(shape_yx=(12, 12))}),
    "a label that the project does not have": packed({1: a_slice(10)}),
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_a_mask_that_cannot_be_is_refused_with_a_sentence_and_leaves_no_trace(task, annotator, body):
    answer = save(annotator, task, 0, {}, body=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert len(answer.json()["message"]) > 20
    assert not Revision.objects.filter(task=task).exists()


def test_a_body_that_inflates_without_end_is_refused(task, annotator):
    bomb = gzip.compress(b"\0" * (65 * 1024 * 1024))
    assert len(bomb) < 100_000
    answer = save(annotator, task, 0, {}, body=bomb)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_body_over_the_limit_is_refused(task, annotator):
    answer = save(annotator, task, 0, {}, body=b"\0" * (16 * 1024 * 1024 + 1))
    assert answer.status_code == 413


def test_a_mask_sent_as_something_else_is_refused(task, annotator):
    answer = annotator.patch(
        f"/api/tasks/{task.pk}/mask",
        packed({1: a_slice()}),
        content_type="application/octet-stream",
        headers={"If-Match": '"0"', "Idempotency-Key": "k"},
    )
    assert answer.status_code == 415


def test_only_who_claimed_a_case_draws_in_it(task, cohort, as_user):
    for user in (cohort.radiologist, cohort.manager, cohort.scientist):
        assert save(as_user(user), task, 0, {1: a_slice()}).status_code == 403
    assert not Revision.objects.filter(task=task).exists()


def test_nothing_is_saved_into_a_submitted_or_approved_case(task, annotator, cohort):
    save(annotator, task, 0, {1: a_slice()})
    services.submit(user=cohort.annotator, task=task, revision=1, accepted=EVERY_WARNING)
    assert save(annotator, task, 1, {1: a_slice(7)}).status_code == 409
    services.approve(user=cohort.radiologist, task=task, revision=1)
    assert save(annotator, task, 1, {1: a_slice(7)}).status_code == 409
    assert load(annotator, task)[0][1].max() == 5


def test_a_save_needs_few_queries(task, annotator, django_assert_max_num_queries):
    save(annotator, task, 0, {1: a_slice()})
    with django_assert_max_num_queries(14):  # session, user, task; lock, revisions, role, mask ×2, writes ×3, brackets
        assert save(annotator, task, 1, {2: a_slice()}).status_code == 200


def test_a_save_counts_as_a_change_of_the_task(task, annotator):
    before = Task.objects.get(pk=task.pk).updated_at
    save(annotator, task, 0, {1: a_slice()})
    after = Task.objects.get(pk=task.pk)
    assert after.updated_at > before
    assert load_labels(after.head.mask).sum() == 12 * 5
    assert annotator.get(f"/api/tasks/{task.pk}").json()["head"] == 1


def test_the_mask_route_speaks_its_own_type(task, annotator):
    answer = annotator.get(f"/api/tasks/{task.pk}/mask", headers={"Accept": TYPE})
    assert answer.headers["Content-Type"] == TYPE
    missing = annotator.get("/api/tasks/0/mask", headers={"Accept": TYPE})
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
