"""From results to models, scores, verdicts and drafts."""

import numpy as np
import pytest

from backend.annotation import services as annotation
from backend.annotation.masks import load_labels
from backend.annotation.models import Proposal, Revision, Task
from backend.audit.models import AuditEvent
from backend.core.models import OutboxJob
from backend.learning import jobs, places, preparing, services
from backend.learning.models import ModelVersion, Prediction, Round, Run
from backend.learning.states import ModelState, RoundState, RunKind, RunState
from ml.geometry import Geometry
from ml.volumes import write_nifti
from tests.backend.cohort import SHAPE_ZYX, Cohort, some_labels
from tests.backend.learning.results import carry_out, channel_names, leave_masks, leave_model

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort():
    cohort = Cohort()
    for _ in range(2):
        cohort.approved_case()
    return cohort


def start(cohort):
    return services.start_round(project=cohort.project, actor=cohort.manager, preset="smoke")


def exact(case_id, volume):
    """The reference itself."""
    return load_labels(Revision.objects.get(pk=case_id.removeprefix("reference-")).mask)


def without_lesion(case_id, volume):
    labels = exact(case_id, volume)
    labels[labels == 5] = 0
    return labels


def empty(case_id, volume):
    return np.zeros(volume.shape_zyx, dtype=np.uint8)


def drafts(case_id, volume):
    return some_labels(100 + volume.pk)


def test_without_a_benchmark_the_first_model_is_promoted_and_drafts(cohort):
    waiting = cohort.open_case()
    turn = start(cohort)
    carry_out(turn, weights=b"one", draft_labels=drafts)
    assert (turn.state, turn.verdict) == (RoundState.DONE, "Promoted: it is the project's first model.")
    assert [run.kind for run in turn.runs.all()] == [RunKind.TRAIN, RunKind.DRAFT]
    model = ModelVersion.objects.get()
    assert (model.state, model.evaluation, channel_names(model)) == (ModelState.ACTIVE, None, ["phase0", "phase1"])
    proposal = Proposal.objects.get()
    assert proposal.task == waiting
    assert np.array_equal(load_labels(proposal.mask), some_labels(100 + waiting.volume_id))
    prediction = Prediction.objects.get()
    assert (prediction.mask, prediction.entropy, prediction.model_version) == (proposal.mask, 0.2, model)


def test_without_open_cases_a_round_ends_with_the_promotion(cohort):
    turn = start(cohort)
    carry_out(turn, weights=b"one")
    assert turn.state == RoundState.DONE
    assert [run.kind for run in turn.runs.all()] == [RunKind.TRAIN]


def test_a_better_model_takes_over_and_the_old_one_retires(cohort):
    cohort.approved_case("BENCHMARK")
    first = start(cohort)
    carry_out(first, weights=b"one", benchmark_labels=without_lesion)
    second = start(cohort)
    carry_out(second, weights=b"two", benchmark_labels=exact)
    assert second.verdict == "Promoted: no label is worse than model 1 by more than 0.02 Dice."
    assert [model.state for model in ModelVersion.objects.order_by("number")] == [ModelState.RETIRED, ModelState.ACTIVE]
    assert second.model.parent == first.model
    assert second.runs.get(kind=RunKind.TRAIN).spec["warm_start_sha256"] == first.model.weights_sha256


def test_a_worse_model_is_held_and_says_which_label_fell_while_the_old_one_stays(cohort):
    cohort.approved_case("BENCHMARK")
    waiting = cohort.open_case()
    first = start(cohort)
    carry_out(first, weights=b"one", benchmark_labels=exact, draft_labels=drafts)
    second = start(cohort)
    carry_out(second, weights=b"two", benchmark_labels=without_lesion, draft_labels=empty)
    assert second.state == RoundState.HELD
    assert second.verdict == "Held back, model 1 stays: lesion fell by 1.000 (from 1.000 to 0.000)."
    assert [model.state for model in ModelVersion.objects.order_by("number")] == [ModelState.ACTIVE, ModelState.HELD]
    assert Proposal.objects.get(task=waiting).source == "model 1"
    assert not second.runs.filter(kind=RunKind.DRAFT).exists()
    third = start(cohort)
    assert ModelVersion.objects.get(state=ModelState.ACTIVE).number == 1
    carry_out(third, weights=b"three", benchmark_labels=exact, draft_labels=drafts)
    assert third.model.parent == first.model
    assert ModelVersion.objects.get(state=ModelState.ACTIVE).number == 3


def test_a_model_that_was_never_scored_is_no_hurdle(cohort):
    carry_out(start(cohort), weights=b"one")
    cohort.approved_case("BENCHMARK")
    second = start(cohort)
    carry_out(second, weights=b"two", benchmark_labels=empty)
    assert second.verdict == "Promoted without a comparison: model 1 was never scored."


def test_a_draft_never_reaches_a_case_that_somebody_has_begun(cohort):
    begun, waiting = cohort.open_case(), cohort.open_case()
    turn = start(cohort)
    jobs.prepare_run(turn.runs.get().pk)
    run = Run.objects.get()
    leave_model(run)
    Run.objects.update(state=RunState.COLLECTING, attempt=0)
    jobs.collect_run(run.pk)
    draft = Run.objects.get(kind=RunKind.DRAFT)
    jobs.prepare_run(draft.pk)
    draft.refresh_from_db()
    leave_masks(draft, drafts)
    annotation.claim(user=cohort.annotator, task=begun)
    Run.objects.filter(pk=draft.pk).update(state=RunState.COLLECTING, attempt=0)
    jobs.collect_run(draft.pk)
    assert set(Proposal.objects.values_list("task", flat=True)) == {waiting.pk}
    assert Task.objects.get(pk=begun.pk).head is None
    assert Round.objects.get().state == RoundState.DONE


def test_open_benchmark_cases_are_neither_drafted_nor_predicted_for_people(cohort):
    cohort.approved_case("BENCHMARK")
    unaided = cohort.open_case("BENCHMARK")
    cohort.open_case()
    turn = start(cohort)
    carry_out(turn, weights=b"one", benchmark_labels=exact, draft_labels=drafts)
    drafted = [case["case_id"] for case in turn.runs.get(kind=RunKind.DRAFT).spec["cases"]]
    assert f"task-{unaided.pk}" not in drafted
    assert not Proposal.objects.filter(task=unaided).exists()
    assert not Prediction.objects.filter(volume__study__patient__partition="BENCHMARK").exists()


def test_open_cases_that_lack_phases_get_no_draft_and_the_verdict_says_so(cohort):
    cohort.open_case(phases=1)
    rich = cohort.open_case()
    turn = start(cohort)
    carry_out(turn, weights=b"one", draft_labels=drafts)
    assert [case["case_id"] for case in turn.runs.get(kind=RunKind.DRAFT).spec["cases"]] == [f"task-{rich.pk}"]
    assert turn.verdict.endswith("No draft for 1 open cases, which lack phases that the model needs.")


def test_a_benchmark_case_that_lacks_phases_fails_the_round_by_its_pseudonym(cohort):
    poor = cohort.approved_case("BENCHMARK", phases=1)
    turn = start(cohort)
    carry_out(turn, weights=b"one", benchmark_labels=exact)
    assert turn.state == RoundState.FAILED
    assert poor.patient.pseudonym in turn.error


def test_a_benchmark_that_changed_meanwhile_fails_the_round_and_a_retry_predicts_it_anew(cohort):
    cohort.approved_case("BENCHMARK")

    def exact_but_late(case_id, volume):
        if not Task.objects.filter(partition="BENCHMARK").exclude(volume=volume).exists():
            cohort.approved_case("BENCHMARK")
        return exact(case_id, volume)

    turn = start(cohort)
    carry_out(turn, weights=b"one", benchmark_labels=exact_but_late)
    assert turn.state == RoundState.FAILED
    assert "Retry the round" in turn.error
    services.retry_round(turn=turn, actor=cohort.manager)
    carry_out(turn, weights=b"one", benchmark_labels=exact)
    assert (turn.state, turn.model.evaluation.cases) == (RoundState.DONE, 2)


@pytest.mark.parametrize("kind", [RunKind.TRAIN, RunKind.SCORE, RunKind.DRAFT])
def test_a_job_that_is_delivered_five_times_has_one_effect(cohort, kind):
    cohort.approved_case("BENCHMARK")
    cohort.open_case()
    turn = start(cohort)
    while True:
        run = turn.runs.exclude(state=RunState.DONE).first()
        if run is None:
            break
        for _ in range(5 if run.kind == kind else 1):
            jobs.prepare_run(run.pk)
        run.refresh_from_db()
        if run.kind == RunKind.TRAIN:
            leave_model(run)
        else:
            leave_masks(run, exact if run.kind == RunKind.SCORE else drafts)
        Run.objects.filter(pk=run.pk).update(state=RunState.COLLECTING, attempt=0)
        for _ in range(5 if run.kind == kind else 1):
            jobs.collect_run(run.pk)
    turn.refresh_from_db()
    assert turn.state == RoundState.DONE
    assert [ModelVersion.objects.count(), Prediction.objects.count(), Proposal.objects.count()] == [1, 1, 1]
    assert Run.objects.count() == 3
    for action in ("model.registered", "model.active", "evaluation.made", "round.done"):
        assert AuditEvent.objects.filter(action=action).count() == 1


def test_a_result_that_came_before_the_cancel_changes_nothing_after_it(cohort):
    turn = start(cohort)
    run = turn.runs.get()
    jobs.prepare_run(run.pk)
    leave_model(run)
    Run.objects.update(state=RunState.COLLECTING, attempt=0)
    services.cancel_round(turn=turn, actor=cohort.manager)
    jobs.collect_run(run.pk)
    assert not ModelVersion.objects.exists()
    assert Round.objects.get().state == RoundState.CANCELLED


def test_damaged_weights_fail_the_round_with_a_sentence(cohort):
    turn = start(cohort)
    run = turn.runs.get()
    jobs.prepare_run(run.pk)
    leave_model(run)
    (places.out_folder(run.pk) / "model" / "fold_0" / "checkpoint_final.pth").write_bytes(b"other")
    Run.objects.update(state=RunState.COLLECTING, attempt=0)
    jobs.collect_run(run.pk)
    turn.refresh_from_db()
    assert turn.state == RoundState.FAILED
    assert "missing or damaged" in turn.error


def test_a_mask_of_another_grid_is_refused(cohort):
    cohort.approved_case("BENCHMARK")
    turn = start(cohort)
    carry_out(turn, weights=b"one", benchmark_labels=exact)
    run = turn.runs.get(kind=RunKind.SCORE)
    case = run.spec["cases"][0]["case_id"]
    moved = Geometry(SHAPE_ZYX, ((0, 0, 2, 0), (0, 2, 0, 0), (5, 0, 0, 0), (0, 0, 0, 1)))
    write_nifti(places.out_folder(run.pk) / "masks" / f"{case}.nii.gz", np.zeros(SHAPE_ZYX, np.uint8), moved)
    Run.objects.filter(pk=run.pk).update(state=RunState.COLLECTING, attempt=0)
    jobs.collect_run(run.pk)
    run.refresh_from_db()
    assert "another grid" in run.error


def test_the_third_loss_of_a_worker_parks_a_run(cohort):
    turn = start(cohort)
    run = turn.runs.get()
    for _ in range(3):
        assert preparing.begin_job(run.pk, RunState.PREPARING) is not None
    assert preparing.begin_job(run.pk, RunState.PREPARING) is None
    turn.refresh_from_db()
    assert turn.state == RoundState.FAILED
    assert "worker was lost 3 times" in turn.error


def test_a_full_disk_while_preparing_is_told(cohort, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    turn = start(cohort)
    monkeypatch.setattr("backend.learning.gateway.write_raw", full)
    with pytest.raises(OSError, match="No space"):
        jobs.prepare_run(turn.runs.get().pk)
    turn.refresh_from_db()
    assert turn.state == RoundState.FAILED
    assert "No space left on device" in turn.error
    monkeypatch.undo()
    services.retry_round(turn=turn, actor=cohort.manager)
    jobs.prepare_run(turn.runs.get().pk)
    assert turn.runs.get().state == RunState.QUEUED


def test_a_retry_after_the_work_was_done_goes_straight_to_collection(cohort):
    turn = start(cohort)
    run = turn.runs.get()
    jobs.prepare_run(run.pk)
    leave_model(run)
    Run.objects.update(state=RunState.FAILED)
    Round.objects.update(state=RoundState.FAILED)
    services.retry_round(turn=turn, actor=cohort.manager)
    OutboxJob.objects.all().delete()
    jobs.prepare_run(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.COLLECTING
    assert OutboxJob.objects.get().name == "learning.collect_run"
