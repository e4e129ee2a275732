"""Starting, cancelling and retrying rounds."""

import pytest

from backend.accounts.models import User
from backend.audit.models import AuditEvent
from backend.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from backend.core.models import OutboxJob
from backend.exports.models import Snapshot
from backend.learning import leases, services
from backend.learning.models import Round, Run
from backend.learning.states import RoundState, RunKind, RunState
from tests.backend.cohort import Cohort

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort():
    return Cohort()


@pytest.fixture
def turn(cohort):
    cohort.approved_case()
    cohort.approved_case()
    return services.start_round(project=cohort.project, actor=cohort.manager, preset="smoke")


def test_a_round_freezes_what_is_approved_and_asks_for_its_training(cohort, turn):
    snapshot = Snapshot.objects.get()
    assert (turn.number, turn.state, turn.snapshot) == (1, RoundState.TRAINING, snapshot)
    assert snapshot.items.count() == 2
    run = Run.objects.get()
    assert (run.kind, run.state) == (RunKind.TRAIN, RunState.PREPARING)
    job = OutboxJob.objects.get(queue="gpu")
    assert (job.name, job.queue, job.arguments) == ("learning.prepare_run", "gpu", {"run_id": run.pk})
    assert AuditEvent.objects.filter(action="round.start", object_id=str(turn.pk)).count() == 1


def test_two_rounds_of_a_project_cannot_run_at_once(cohort, turn):
    with pytest.raises(Conflict, match="Round 1 is still training"):
        services.start_round(project=cohort.project, actor=cohort.manager, preset="smoke")
    assert Round.objects.count() == 1


def test_another_project_may_run_a_round_meanwhile(turn):
    other = Cohort("other")
    other.approved_case()
    other.approved_case()
    assert services.start_round(project=other.project, actor=other.manager, preset="smoke").number == 1


def test_nothing_approved_is_refused_with_what_to_do(cohort):
    cohort.open_case()
    with pytest.raises(Conflict, match="approve one first"):
        services.start_round(project=cohort.project, actor=cohort.manager, preset="smoke")


def test_two_cases_of_one_patient_are_not_enough(cohort):
    first = cohort.approved_case()
    cohort.approved_case(patient=first.patient)
    with pytest.raises(Conflict, match="2 patients"):
        services.start_round(project=cohort.project, actor=cohort.manager, preset="smoke")
    assert not Round.objects.exists()
    assert not Snapshot.objects.exists()


def test_benchmark_cases_do_not_count_as_training_cases(cohort):
    cohort.approved_case()
    cohort.approved_case("BENCHMARK")
    cohort.approved_case("BENCHMARK")
    with pytest.raises(Conflict, match="2 patients"):
        services.start_round(project=cohort.project, actor=cohort.manager, preset="smoke")


def test_an_unknown_preset_is_named_with_the_known_ones(cohort):
    with pytest.raises(InvalidInput, match=r"'turbo'.*smoke"):
        services.start_round(project=cohort.project, actor=cohort.manager, preset="turbo")


@pytest.mark.parametrize("role", ["annotator", "radiologist", "scientist"])
def test_only_a_manager_starts_cancels_and_retries(cohort, turn, role):
    user = getattr(cohort, role)
    for act in (
        lambda: services.start_round(project=cohort.project, actor=user, preset="smoke"),
        lambda: services.cancel_round(turn=turn, actor=user),
        lambda: services.retry_round(turn=turn, actor=user),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_an_outsider_does_not_learn_that_there_is_a_round(turn):
    with pytest.raises(NotFound):
        services.cancel_round(turn=turn, actor=User.objects.create(username="outsider"))


@pytest.mark.parametrize("state", [RunState.PREPARING, RunState.QUEUED, RunState.COLLECTING])
def test_a_round_without_a_process_is_cancelled_at_once(cohort, turn, state):
    Run.objects.update(state=state)
    cancelled = services.cancel_round(turn=turn, actor=cohort.manager)
    assert cancelled.state == RoundState.CANCELLED
    assert cancelled.ended_at is not None
    assert Run.objects.get().state == RunState.CANCELLED
    assert leases.claim(holder="late", lease_s=30) is None


def test_a_round_with_a_process_ends_when_the_process_does(cohort, turn):
    Run.objects.update(state=RunState.QUEUED)
    lease = leases.claim(holder="one", lease_s=30)
    assert services.cancel_round(turn=turn, actor=cohort.manager).state == RoundState.TRAINING
    assert leases.renew(lease, lease_s=30) is True
    leases.cancelled(lease)
    assert Round.objects.get().state == RoundState.CANCELLED


def test_a_round_whose_supervisor_is_lost_is_cancelled_at_once(cohort, turn):
    Run.objects.update(state=RunState.QUEUED)
    leases.claim(holder="lost", lease_s=-1)
    assert services.cancel_round(turn=turn, actor=cohort.manager).state == RoundState.CANCELLED


def test_an_ended_round_cannot_be_cancelled(cohort, turn):
    services.cancel_round(turn=turn, actor=cohort.manager)
    with pytest.raises(Conflict, match="has ended already"):
        services.cancel_round(turn=turn, actor=cohort.manager)


def test_a_failed_round_goes_on_from_the_run_that_failed(cohort, turn):
    Run.objects.update(state=RunState.QUEUED)
    leases.fail(leases.claim(holder="one", lease_s=30), "The disk is full.", resumable=False)
    OutboxJob.objects.all().delete()
    again = services.retry_round(turn=turn, actor=cohort.manager)
    run = Run.objects.get()
    assert (again.state, again.error, again.ended_at) == (RoundState.TRAINING, "", None)
    assert (run.state, run.attempt, run.error) == (RunState.PREPARING, 0, "")
    assert OutboxJob.objects.get().arguments == {"run_id": run.pk}


def test_a_round_that_did_not_fail_cannot_be_retried(cohort, turn):
    with pytest.raises(Conflict, match="did not fail"):
        services.retry_round(turn=turn, actor=cohort.manager)


def test_an_older_failed_round_cannot_be_retried(cohort, turn):
    Run.objects.update(state=RunState.QUEUED)
    leases.fail(leases.claim(holder="one", lease_s=30), "The disk is full.", resumable=False)
    second = services.start_round(project=cohort.project, actor=cohort.manager, preset="smoke")
    services.cancel_round(turn=second, actor=cohort.manager)
    with pytest.raises(Conflict, match="start a new one"):
        services.retry_round(turn=turn, actor=cohort.manager)


def test_a_second_round_on_the_same_cases_uses_the_same_snapshot(cohort, turn):
    services.cancel_round(turn=turn, actor=cohort.manager)
    second = services.start_round(project=cohort.project, actor=cohort.manager, preset="smoke")
    assert (second.number, second.snapshot_id) == (2, turn.snapshot_id)
    services.cancel_round(turn=second, actor=cohort.manager)
    cohort.approved_case()
    third = services.start_round(project=cohort.project, actor=cohort.manager, preset="smoke")
    assert third.snapshot.number == 2
