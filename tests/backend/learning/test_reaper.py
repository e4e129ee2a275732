"""Lost leases, lost jobs, and many supervisors at once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from backend.core.locks import try_lock
from backend.core.models import OutboxJob
from backend.learning import jobs, leases
from backend.learning.models import Round, Run
from backend.learning.reaper import requeue_stuck_runs, take_back_lost_runs
from backend.learning.states import RoundState, RunState


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "job"), [(RunState.PREPARING, "learning.prepare_run"), (RunState.COLLECTING, "learning.collect_run")]
)
def test_a_run_whose_job_was_lost_gets_another_one(make_run, state, job):
    run = make_run(state)
    assert requeue_stuck_runs(older_than_s=60) == 0
    Run.objects.update(updated_at=timezone.now() - timedelta(seconds=61))
    assert requeue_stuck_runs(older_than_s=60) == 1
    assert OutboxJob.objects.get().name == job
    assert OutboxJob.objects.get().arguments == {"run_id": run.pk}
    assert requeue_stuck_runs(older_than_s=60) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.RUNNING, RunState.DONE, RunState.FAILED])
def test_a_run_that_waits_for_no_job_gets_none(make_run, state):
    make_run(state)
    Run.objects.update(updated_at=timezone.now() - timedelta(hours=1))
    assert requeue_stuck_runs(older_than_s=60) == 0


@pytest.mark.django_db
def test_a_run_under_a_lease_is_left_alone(make_run):
    run = make_run()
    leases.claim(holder="alive", lease_s=30)
    assert take_back_lost_runs() == 0
    run.refresh_from_db()
    assert run.state == RunState.RUNNING


@pytest.mark.django_db
def test_a_lost_run_that_was_being_cancelled_is_cancelled(make_run):
    run = make_run(cancel_requested=True)
    leases.claim(holder="lost", lease_s=-1)
    assert take_back_lost_runs() == 1
    run.refresh_from_db()
    assert (run.state, run.round.state) == (RunState.CANCELLED, RoundState.CANCELLED)


@pytest.mark.django_db(transaction=True)
def test_many_supervisors_share_the_runs_and_none_gets_one_twice(make_run):
    runs = []
    for _ in range(12):
        runs.append(make_run().pk)
        Round.objects.update(state=RoundState.CANCELLED)
    claimed, gate = [], threading.Barrier(4)

    def supervise(name):
        gate.wait()
        while (lease := leases.claim(holder=name, lease_s=30)) is not None:
            claimed.append(lease.run_id)
        connection.close()

    threads = [threading.Thread(target=supervise, args=(f"supervisor {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == sorted(runs)
    assert set(Run.objects.values_list("token", flat=True)) == {1}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("state", "job"), [(RunState.PREPARING, jobs.prepare_run), (RunState.COLLECTING, jobs.collect_run)]
)
def test_a_job_that_comes_while_another_worker_is_at_it_does_nothing(make_run, state, job):
    run = make_run(state)
    held, done = threading.Event(), threading.Event()

    def another_worker():
        with try_lock("learning.run", run.pk):
            held.set()
            done.wait()
        connection.close()

    worker = threading.Thread(target=another_worker)
    worker.start()
    held.wait()
    before = Run.objects.values().get()
    job(run.pk)
    assert Run.objects.values().get() == before
    done.set()
    worker.join()
