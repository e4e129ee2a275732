"""Many people at the same moment, each on a connection of their own."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
from django.db import connection

from backend.accounts.roles import Role
from backend.annotation import selectors, services
from backend.annotation.checking import EVERY_WARNING
from backend.annotation.jobs import open_tasks
from backend.annotation.models import Proposal, Review, Revision, Task
from backend.audit.models import AuditEvent
from backend.core.errors import Conflict, DomainError, NotAllowed, NotFound, Stale
from tests.backend.cohort import SHAPE_ZYX, Cohort, add_member, add_patient, add_volume, draw, some_labels

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 40  # connections that are open at once; PostgreSQL gives 100 unless told otherwise


@pytest.fixture
def cohort(transactional_db, own_folders):
    return Cohort()


def at_once(*calls):
    """Make the calls from as many threads, released together; results or domain errors in the order of the calls."""
    gate = threading.Barrier(len(calls), timeout=30)

    def run(call):
        gate.wait()
        try:
            return call()
        except DomainError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, call) for call in calls]]


def one_slice(value):
    return {1: np.full(SHAPE_ZYX[1:], value, dtype=np.uint8)}


@pytest.mark.parametrize("writers", [2, 20])
def test_of_many_saves_on_one_revision_one_wins_and_the_others_lose_nothing(cohort, writers):
    task = services.claim(user=cohort.annotator, task=cohort.open_case())
    for base in range(3):
        results = at_once(
            *(
                partial(
                    services.save,
                    user=cohort.annotator,
                    task=task,
                    base=base,
                    key=str(uuid.uuid4()),
                    slices=one_slice(1 + value % 9),
                )
                for value in range(writers)
            )
        )
        won = [result for result in results if isinstance(result, Revision)]
        lost = [result for result in results if isinstance(result, Stale)]
        assert (len(won), len(lost)) == (1, writers - 1)
        assert won[0].number == base + 1
        assert {error.detail["head"] for error in lost} == {base + 1}
        assert Task.objects.get(pk=task.pk).head == won[0]
    numbers = Revision.objects.filter(task=task).order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3]
    assert AuditEvent.objects.filter(action="task.save").count() == 3


def test_of_two_hundred_saves_on_one_revision_one_wins_and_the_rest_are_told_so(cohort):
    task = services.claim(user=cohort.annotator, task=cohort.open_case())
    calls = [
        partial(
            services.save, user=cohort.annotator, task=task, base=0, key=f"k{value}", slices=one_slice(1 + value % 9)
        )
        for value in range(200)
    ]
    results = [result for part in range(0, 200, CROWD) for result in at_once(*calls[part : part + CROWD])]
    (won,) = [result for result in results if isinstance(result, Revision)]
    assert won.number == Revision.objects.filter(task=task).count() == 1
    assert [error.detail["head"] for error in results if isinstance(error, Stale)] == [1] * 199


def test_clients_that_go_on_where_they_lost_write_one_revision_after_the_other(cohort):
    task = services.claim(user=cohort.annotator, task=cohort.open_case())
    calls = [partial(save_until_taken, cohort, task.pk, writer) for writer in range(20)]
    assert sorted(at_once(*calls)) == list(range(1, 21))
    revisions = Revision.objects.filter(task=task).order_by("number").select_related("parent")
    assert [revision.parent.number if revision.parent else 0 for revision in revisions] == list(range(20))


def save_until_taken(cohort, task_id, writer):
    """Save one voxel on the newest revision, however often somebody else is quicker; the number of the revision."""
    labels = np.zeros(SHAPE_ZYX[1:], dtype=np.uint8)
    labels.flat[writer] = 1 + writer % 9
    task = Task.objects.get(pk=task_id)
    while True:
        base = Revision.objects.filter(task=task).count()
        try:
            key = str(uuid.uuid4())
            return services.save(user=cohort.annotator, task=task, base=base, key=key, slices={1: labels}).number
        except Stale:
            continue


def test_one_save_sent_many_times_at_once_is_written_once_and_answered_each_time(cohort):
    task = services.claim(user=cohort.annotator, task=cohort.open_case())
    key = str(uuid.uuid4())
    results = at_once(
        *[partial(services.save, user=cohort.annotator, task=task, base=0, key=key, slices=one_slice(5))] * 10
    )
    assert {result.number for result in results} == {1}
    assert Revision.objects.filter(task=task).count() == 1


def test_ten_people_who_ask_for_the_next_case_get_ten_cases(cohort):
    people = [add_member(cohort.project, f"a{number}", Role.ANNOTATOR) for number in range(10)]
    for _ in range(10):
        cohort.open_case()
    results = at_once(*(partial(services.claim_next, user=user, project=cohort.project) for user in people))
    assert len({task.pk for task in results}) == 10
    assert Task.objects.filter(state="in_progress").values("assignee").distinct().count() == 10


def test_of_ten_people_and_one_case_one_gets_it(cohort):
    people = [add_member(cohort.project, f"a{number}", Role.ANNOTATOR) for number in range(10)]
    task = cohort.open_case()
    results = at_once(*(partial(services.claim_next, user=user, project=cohort.project) for user in people))
    assert sum(isinstance(result, Task) for result in results) == 1
    assert sum(isinstance(result, NotFound) for result in results) == 9
    assert Revision.objects.filter(task=task).count() == 0


def test_ten_clicks_of_one_person_claim_one_case(cohort):
    for _ in range(3):
        cohort.open_case()
    results = at_once(*[partial(services.claim_next, user=cohort.annotator, project=cohort.project)] * 10)
    assert len({task.pk for task in results}) == 1


def test_an_approval_and_a_return_at_once_leave_one_of_them(cohort):
    for _ in range(5):
        task = draw(cohort.open_case(), cohort.annotator, some_labels())
        services.submit(user=cohort.annotator, task=task, revision=1, accepted=EVERY_WARNING)
        results = at_once(
            partial(services.approve, user=cohort.radiologist, task=task, revision=1),
            partial(services.return_task, user=cohort.radiologist, task=task, revision=1, reason="Too wide."),
        )
        assert sum(isinstance(result, Conflict) for result in results) == 1
        assert Review.objects.filter(task=task).count() == 1


def test_a_save_and_a_submission_at_once_never_submit_what_was_not_seen(cohort):
    for _ in range(5):
        task = draw(cohort.open_case(), cohort.annotator, some_labels())
        at_once(
            partial(services.save, user=cohort.annotator, task=task, base=1, key="late", slices=one_slice(5)),
            partial(services.submit, user=cohort.annotator, task=task, revision=1, accepted=EVERY_WARNING),
        )
        now = Task.objects.get(pk=task.pk)
        assert (now.state, now.head.number) in {("submitted", 1), ("in_progress", 2)}


def test_a_draft_and_a_claim_at_once_agree(cohort):
    for number in range(5):
        task = cohort.open_case()
        mask = draw(cohort.open_case(), cohort.radiologist, some_labels()).head.mask
        mask = type(mask).objects.create(volume=task.volume, sha256=mask.sha256, slices=mask.slices)
        offered, claimed = at_once(
            partial(services.offer_proposal, task=task, mask=mask, model_version_id=number, source="model 1"),
            partial(services.claim, user=cohort.annotator, task=task),
        )
        pinned = Proposal.objects.filter(task=claimed, pinned_at__isnull=False).exists()
        assert pinned == Proposal.objects.filter(task=task).exists() == (not isinstance(offered, Conflict))


def test_a_job_that_runs_five_times_at_once_opens_each_task_once(cohort):
    for _ in range(3):
        add_volume(add_patient(cohort.project))
    at_once(*[partial(open_tasks, project_id=cohort.project.pk)] * 5)
    assert Task.objects.count() == 3
    assert AuditEvent.objects.filter(action="task.opened").count() == 3
    assert not selectors.volumes_without_task(cohort.project).exists()


def test_two_people_who_save_the_same_picture_at_once_share_one_mask(cohort):
    volume = add_volume(add_patient(cohort.project))
    first = services.open_tasks(project=cohort.project, volumes=[volume])[0]
    second = Task.objects.create(
        project=cohort.project, volume=volume, patient=first.patient, partition=first.partition, reading=2
    )
    services.claim(user=cohort.annotator, task=first)
    services.claim(user=cohort.radiologist, task=second)
    results = at_once(
        partial(services.save, user=cohort.annotator, task=first, base=0, key="a", slices=one_slice(5)),
        partial(services.save, user=cohort.radiologist, task=second, base=0, key="b", slices=one_slice(5)),
    )
    assert len({result.mask_id for result in results}) == 1


def test_a_stranger_never_wins(cohort):
    task = services.claim(user=cohort.annotator, task=cohort.open_case())
    results = at_once(
        partial(services.save, user=cohort.annotator, task=task, base=0, key="a", slices=one_slice(5)),
        partial(services.save, user=cohort.radiologist, task=task, base=0, key="b", slices=one_slice(7)),
    )
    assert isinstance(results[0], Revision)
    assert isinstance(results[1], NotAllowed)
