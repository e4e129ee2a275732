"""The supervisor over real processes: small scripts that behave as `ml.cli` does, or misbehave."""

import os
import sys
import time
from pathlib import Path

import pytest

from backend.core.models import OutboxJob
from backend.learning import leases, places
from backend.learning.leases import LeaseLost
from backend.learning.models import Round, Run, RunProgress
from backend.learning.reaper import take_back_lost_runs
from backend.learning.states import RoundState, RunState
from backend.learning.supervisor import Pace, Supervisor
from ml.contracts import Progress

pytestmark = pytest.mark.django_db

SPEAK = """
import json, sys
def say(stage, fraction, **more):
    print(json.dumps({"stage": stage, "fraction": fraction, **more}), flush=True)
"""
TRAINS = (
    SPEAK
    + """
print("a line for the log", file=sys.stderr)
say("plan", 0.1, message="Planning")
say("train", 0.3, message="Epoch 1 of 2, iteration 3 of 4")
say("train", 0.5, message="Epoch 1 of 2", epoch=1, epochs=2, train_loss=0.9, val_loss=0.8, pseudo_dice={"lesion": 0.4})
say("done", 1.0, message="Done")
"""
)
SLEEPS = (
    SPEAK
    + """
import time
say("train", 0.2, message="Working")
time.sleep(60)
"""
)
IGNORES_SIGTERM = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open(sys.argv[1], "w").write(f"{os.getpid()} {worker.pid}")
time.sleep(60)
"""
FAILS = (
    SPEAK
    + """
say("failed", 0.4, message="The memory ran out: choose a smaller preset.")
sys.exit(1)
"""
)
FAST = Pace(lease_s=30, look_s=0.02, reap_s=3600, grace_s=0.3)


@pytest.fixture
def supervise(tmp_path):
    made = []

    def make(script, holder="one", pace=FAST, arguments=()):
        supervisor = Supervisor(
            command=lambda kind, run_id: [sys.executable, "-c", script, *arguments],
            holder=holder,
            folder=tmp_path,
            pace=pace,
        )
        made.append(supervisor)
        return supervisor

    yield make
    for supervisor in made:
        supervisor.stop()


def step_until(supervisor, condition, timeout_s=20):
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        supervisor.step()
        time.sleep(0.01)


def work_off(supervisor):
    supervisor.step()
    step_until(supervisor, lambda: not supervisor.is_busy)


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_run_that_ends_well_is_collected(make_run, supervise):
    run = make_run()
    work_off(supervise(TRAINS))
    run.refresh_from_db()
    assert (run.state, run.fraction, run.token, run.holder, run.lease_until) == (RunState.COLLECTING, 1, 1, "", None)
    assert OutboxJob.objects.get().name == "learning.collect_run"
    assert OutboxJob.objects.get().arguments == {"run_id": run.pk}
    assert OutboxJob.objects.get().queue == "gpu"


def test_progress_is_stored_where_curves_need_it_and_the_rest_is_not_kept(make_run, supervise):
    run = make_run()
    work_off(supervise(TRAINS))
    lines = [progress.line for progress in RunProgress.objects.filter(run=run)]
    assert [line["stage"] for line in lines] == ["plan", "train"]
    assert lines[1]["pseudo_dice"] == {"lesion": 0.4}
    assert lines[1]["epoch"] == 1


def test_a_run_shows_its_newest_line_while_it_works(make_run, supervise):
    run = make_run()
    supervisor = supervise(SLEEPS)
    step_until(supervisor, lambda: Run.objects.get(pk=run.pk).message == "Working")
    run.refresh_from_db()
    assert (run.state, run.fraction, run.attempt, run.holder) == (RunState.RUNNING, 0.2, 1, "one")


def test_what_a_process_says_beside_its_progress_is_in_the_log(make_run, supervise):
    run = make_run()
    work_off(supervise(TRAINS))
    assert places.log_tail(run.pk) == "a line for the log\n"


def test_only_the_end_of_a_long_log_is_shown_from_a_whole_line_on(make_run):
    run = make_run()
    path = places.log_path(run.pk)
    path.parent.mkdir(parents=True)
    path.write_text("".join(f"line {number}\n" for number in range(20_000)))
    tail = places.log_tail(run.pk)
    assert 60_000 < len(tail) <= places.LOG_TAIL_BYTES
    assert tail.startswith("line ")
    assert tail.endswith("line 19999\n")


def test_one_supervisor_runs_one_process_at_a_time_oldest_first(make_run, supervise):
    first = make_run()
    Round.objects.update(state=RoundState.CANCELLED)
    second = make_run()
    supervisor = supervise(SLEEPS)
    for _ in range(5):
        supervisor.step()
    states = dict(Run.objects.values_list("pk", "state"))
    assert states == {first.pk: RunState.RUNNING, second.pk: RunState.QUEUED}


def test_a_cancelled_process_is_gone_with_its_workers_even_if_it_will_not_listen(make_run, supervise, tmp_path):
    run = make_run()
    pids = tmp_path / "pids"
    supervisor = supervise(IGNORES_SIGTERM, arguments=[str(pids)])
    step_until(supervisor, lambda: pids.exists() and pids.read_text())
    process, worker = map(int, pids.read_text().split())
    assert is_alive(process)
    assert is_alive(worker)
    Run.objects.update(cancel_requested=True)
    step_until(supervisor, lambda: not supervisor.is_busy)
    assert not is_alive(process)
    assert not is_alive(worker)
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    assert run.round.state == RoundState.CANCELLED
    assert run.round.ended_at is not None


def test_a_cancelled_process_that_listens_is_not_killed(make_run, supervise, tmp_path):
    said = tmp_path / "said"
    obeys = SPEAK + (
        "import signal, time\n"
        "def stop(*_):\n"
        "    open(sys.argv[1], 'w').write('put aside'); sys.exit(75)\n"
        "signal.signal(signal.SIGTERM, stop)\n"
        "say('train', 0.5, message='Working')\n"
        "time.sleep(60)\n"
    )
    run = make_run()
    supervisor = supervise(obeys, arguments=[str(said)], pace=Pace(look_s=0.02, reap_s=3600, grace_s=30))
    step_until(supervisor, lambda: Run.objects.get(pk=run.pk).message == "Working")
    Run.objects.update(cancel_requested=True)
    step_until(supervisor, lambda: not supervisor.is_busy)
    assert said.read_text() == "put aside"
    assert Run.objects.get().state == RunState.CANCELLED


def test_the_default_pace_ends_a_cancelled_process_within_fifteen_seconds():
    pace = Pace()
    assert pace.look_s * 2 + pace.grace_s < 15
    assert pace.lease_s > pace.grace_s


def test_three_failures_park_a_run_and_its_round_with_the_sentence(make_run, supervise):
    run = make_run()
    supervisor = supervise(FAILS)
    for attempt in (1, 2):
        work_off(supervisor)
        run.refresh_from_db()
        assert (run.state, run.attempt) == (RunState.QUEUED, attempt)
        assert run.error == "The memory ran out: choose a smaller preset."
    work_off(supervisor)
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert run.error == "The memory ran out: choose a smaller preset. (3 attempts)"
    assert (run.round.state, run.round.error) == (RoundState.FAILED, run.error)


def test_an_order_that_cannot_be_understood_is_not_tried_again(make_run, supervise):
    run = make_run()
    work_off(supervise("import sys; sys.exit(2)"))
    run.refresh_from_db()
    assert (run.state, run.attempt) == (RunState.FAILED, 1)
    assert "code 2" in run.error


def test_a_killed_process_is_told_from_a_failed_one(make_run, supervise):
    run = make_run(attempt=2)
    work_off(supervise("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert "memory ran out" in run.error


def test_a_command_that_does_not_exist_fails_with_a_sentence(make_run, tmp_path):
    run = make_run(attempt=2)
    supervisor = Supervisor(command=lambda *_: ["/no/such/program"], holder="one", folder=tmp_path, pace=FAST)
    supervisor.step()
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert "could not be started" in run.error


def test_lines_that_are_no_progress_do_no_harm(make_run, supervise):
    run = make_run()
    work_off(supervise("print('hello'); print('{\"stage\": 3}'); print('[]')\n" + TRAINS))
    run.refresh_from_db()
    assert run.state == RunState.COLLECTING


def test_a_very_talkative_process_does_not_block(make_run, supervise):
    talks = SPEAK + "for n in range(5000): say('train', n / 5000, message='x' * 100)\n"
    run = make_run()
    work_off(supervise(talks))
    run.refresh_from_db()
    assert run.state == RunState.COLLECTING


def test_a_supervisor_that_is_stopped_gives_its_run_back_without_counting_an_attempt(make_run, supervise):
    run = make_run()
    supervisor = supervise(SLEEPS)
    step_until(supervisor, lambda: Run.objects.get(pk=run.pk).message == "Working")
    supervisor.stop()
    run.refresh_from_db()
    assert (run.state, run.attempt, run.holder) == (RunState.QUEUED, 0, "")
    work_off(supervise(TRAINS, holder="two"))
    run.refresh_from_db()
    assert (run.state, run.token) == (RunState.COLLECTING, 2)


def test_a_lost_supervisor_is_replaced_and_what_it_brings_later_is_refused(make_run, supervise):
    run = make_run()
    lost = supervise(SLEEPS, holder="lost", pace=Pace(lease_s=0.2, look_s=0.02, reap_s=3600, grace_s=0.3))
    step_until(lost, lambda: Run.objects.get(pk=run.pk).message == "Working")
    child = lost._work.child.pid
    time.sleep(0.3)
    other = supervise(SLEEPS, holder="other", pace=Pace(look_s=0.02, reap_s=0, grace_s=0.3))
    other.step()
    run.refresh_from_db()
    assert (run.state, run.holder, run.token, run.attempt) == (RunState.RUNNING, "other", 2, 2)
    lost.step()
    assert not lost.is_busy
    assert not is_alive(child)
    run.refresh_from_db()
    assert (run.state, run.holder, run.token) == (RunState.RUNNING, "other", 2)


def test_three_losses_park_a_run(make_run):
    run = make_run()
    for _ in range(3):
        leases.claim(holder="lost", lease_s=-1)
        assert take_back_lost_runs() == 1
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert "lost 3 times" in run.error
    assert run.round.state == RoundState.FAILED


@pytest.mark.parametrize(
    "write",
    [
        lambda lease: leases.renew(lease, lease_s=30),
        lambda lease: leases.tell(lease, [Progress("train", 0.9, epoch=1, train_loss=1.0)]),
        leases.finish,
        leases.give_back,
        leases.cancelled,
        lambda lease: leases.fail(lease, "late", resumable=True),
        lambda lease: leases.fail(lease, "late", resumable=False),
    ],
)
def test_no_write_with_a_stale_token_is_taken(make_run, write):
    run = make_run()
    stale = leases.claim(holder="old", lease_s=30)
    Run.objects.update(state=RunState.QUEUED)
    leases.claim(holder="new", lease_s=30)
    before = Run.objects.filter(pk=run.pk).values().get()
    with pytest.raises(LeaseLost):
        write(stale)
    assert Run.objects.filter(pk=run.pk).values().get() == before
    assert not RunProgress.objects.exists()
    assert not OutboxJob.objects.exists()
    assert Round.objects.get(pk=run.round_id).state == RoundState.TRAINING


def test_a_supervisor_without_a_database_gives_its_run_up_when_the_lease_is_over(make_run, supervise):
    make_run()
    supervisor = supervise(SLEEPS, pace=Pace(lease_s=0.1, look_s=3600, reap_s=3600, grace_s=0.3))
    supervisor.step()
    child = supervisor._work.child.pid
    supervisor.lost_database()
    assert supervisor.is_busy
    time.sleep(0.15)
    supervisor.lost_database()
    assert not supervisor.is_busy
    assert not is_alive(child)


def test_a_process_has_its_own_group(make_run, supervise):
    make_run()
    supervisor = supervise(SLEEPS)
    supervisor.step()
    child = supervisor._work.child.pid
    assert os.getpgid(child) == child != os.getpgid(0)
