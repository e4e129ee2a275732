"""Real trainings and predictions: `python -m ml.cli` with the smallest preset."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from celery import current_app
from django.db import connection

from backend.annotation.masks import load_labels
from backend.annotation.models import Proposal
from backend.annotation.services import claim
from backend.config.demo.local_rounds import carry_out
from backend.config.runs import make_supervisor
from backend.evaluation.selectors import benchmark, mean_dice
from backend.learning import places, services
from backend.learning.models import ModelVersion, Prediction, Run, RunProgress
from backend.learning.states import ModelState, RoundState, RunKind, RunState
from backend.learning.supervisor import Pace
from ml.metrics.masks import dice_by_label
from ml.volumes import read_nifti
from tests.backend.cohort import Cohort

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def cohort(own_folders):
    cohort = Cohort()
    for _ in range(3):
        cohort.approved_case()
    return cohort


def start(cohort):
    return services.start_round(project=cohort.project, actor=cohort.manager, preset="smoke")


@pytest.mark.django_db
def test_two_rounds_train_score_promote_and_draft(cohort):
    reference = cohort.approved_case("BENCHMARK").approved
    waiting, taken = cohort.open_case(), cohort.open_case()
    unaided = cohort.open_case("BENCHMARK")
    first = carry_out(start(cohort), lambda run: None)

    assert (first.state, first.error) == (RoundState.DONE, "")
    assert first.verdict == "Promoted: it is the project's first model."
    model = ModelVersion.objects.get()
    assert (model.number, model.state, model.parent, model.training_cases) == (1, ModelState.ACTIVE, None, 2)
    assert [run.kind for run in first.runs.all()] == [RunKind.TRAIN, RunKind.SCORE, RunKind.DRAFT]
    assert {run.state for run in first.runs.all()} == {RunState.DONE}
    epochs = [line.line["epoch"] for line in RunProgress.objects.filter(run__kind=RunKind.TRAIN) if line.line["epoch"]]
    assert epochs == [1, 2]

    assert model.evaluation.benchmark_sha256 == benchmark(cohort.project).sha256
    score = Run.objects.get(kind=RunKind.SCORE)
    predicted, _ = read_nifti(places.out_folder(score.pk) / "masks" / f"reference-{reference.pk}.nii.gz")
    by_hand = dice_by_label(load_labels(reference.mask), predicted.astype(np.uint8), range(1, 10))
    assert mean_dice([model.evaluation_id])[model.evaluation_id] == pytest.approx(by_hand)

    assert set(Proposal.objects.values_list("task", flat=True)) == {waiting.pk, taken.pk}
    assert not Prediction.objects.filter(volume=unaided.volume).exists()
    proposal = Proposal.objects.get(task=waiting)
    draft = Run.objects.get(kind=RunKind.DRAFT)
    written, _ = read_nifti(places.out_folder(draft.pk) / "masks" / f"task-{waiting.pk}.nii.gz")
    assert np.array_equal(load_labels(proposal.mask), written)
    assert proposal.source == "model 1"

    claim(user=cohort.annotator, task=taken)
    cohort.approved_case()
    second = carry_out(start(cohort), lambda run: None)
    assert second.state in {RoundState.DONE, RoundState.HELD}
    assert second.model.parent == model
    train = second.runs.get(kind=RunKind.TRAIN)
    assert train.spec["warm_start_sha256"] == model.weights_sha256
    began = RunProgress.objects.filter(run=train)
    assert began.exists()
    active = ModelVersion.objects.get(state=ModelState.ACTIVE)
    assert active == (second.model if second.state == RoundState.DONE else model)
    assert Proposal.objects.get(task=taken).source == "model 1"
    assert Proposal.objects.get(task=waiting).source == f"model {active.number}"


@pytest.mark.django_db
def test_a_cancelled_training_is_gone_within_fifteen_seconds(cohort):
    turn = start(cohort)
    asked = []

    def cancel_when_it_works(run):
        if run.state == RunState.RUNNING and run.fraction > 0.1 and not asked:
            asked.append(time.monotonic())
            services.cancel_round(turn=turn, actor=cohort.manager)

    ended = carry_out(turn, cancel_when_it_works)
    assert asked
    assert time.monotonic() - asked[0] < 15
    assert ended.state == RoundState.CANCELLED
    run = Run.objects.get()
    assert run.state == RunState.CANCELLED
    assert processes_of(run) == []
    assert not ModelVersion.objects.exists()


@pytest.fixture
def environment(settings, tmp_path, transactional_db):
    """A supervisor process of its own on the test's database and folders."""
    settings.RUN_DIR, settings.BLOB_DIR, settings.EXPORT_DIR = (tmp_path / n for n in ("runs", "blobs", "exports"))
    at = connection.settings_dict
    login = f"{at['USER']}:{at['PASSWORD']}@" if at["PASSWORD"] else f"{at['USER']}@"
    url = f"postgres://{login}{at['HOST'].replace('/', '%2F')}:{at['PORT']}/{at['NAME']}"
    return os.environ | {"NINEFOLD_VAR": str(tmp_path), "DATABASE_URL": url, "BROKER_URL": settings.CELERY_BROKER_URL}


@pytest.fixture
def supervisor_process(environment):
    started = []

    def begin():
        order = [sys.executable, "manage.py", "run_supervisor"]
        process = subprocess.Popen(order, cwd=ROOT, env=environment, start_new_session=True)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()


def wait_for(condition, timeout_s=120):
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.1)


def processes_of(run):
    """Processes that carry out a run."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes().decode()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if str(places.spec_path(run.pk)) in command:
                found.append(int(entry.name))
    return found


def begun(cohort):
    """A round whose training is queued."""
    run = start(cohort).runs.get()
    current_app.loader.import_default_modules()
    current_app.tasks["learning.prepare_run"].apply(kwargs={"run_id": run.pk}, throw=True)
    return run


def finish(run):
    supervisor = make_supervisor(Pace(reap_s=0.2))
    try:
        while Run.objects.get(pk=run.pk).state in {RunState.QUEUED, RunState.RUNNING}:
            supervisor.step()
            time.sleep(0.05)
    finally:
        supervisor.stop()
    run.refresh_from_db()
    return run


def test_a_killed_supervisor_leaves_no_process_and_another_one_goes_on(environment, supervisor_process, cohort):
    run = begun(cohort)
    process = supervisor_process()
    wait_for(lambda: Run.objects.get(pk=run.pk).fraction > 0.05)
    assert processes_of(run)
    process.send_signal(signal.SIGKILL)
    process.wait()
    wait_for(lambda: not processes_of(run), timeout_s=20)
    held = Run.objects.get(pk=run.pk)
    assert (held.state, held.token) == (RunState.RUNNING, 1)
    Run.objects.update(lease_until="2020-01-01T00:00:00Z")
    done = finish(run)
    assert (done.state, done.token, done.error) == (RunState.COLLECTING, 2, "")


def test_a_stopped_supervisor_gives_its_training_back(environment, supervisor_process, cohort):
    run = begun(cohort)
    process = supervisor_process()
    wait_for(lambda: Run.objects.get(pk=run.pk).fraction > 0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0
    assert processes_of(run) == []
    given = Run.objects.get(pk=run.pk)
    assert (given.state, given.attempt, given.holder) == (RunState.QUEUED, 0, "")
    assert finish(run).state == RunState.COLLECTING
