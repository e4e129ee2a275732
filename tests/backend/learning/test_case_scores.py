"""What a run says of cases comes in with its drafts, and is read as the table that strategies choose from."""

import dataclasses

import numpy as np
import pytest

from backend.learning import places, services
from backend.learning.case_scores import labelled_of, table_of
from backend.learning.models import CaseScore, Prediction
from backend.learning.states import RoundState
from ml.contracts import (
    CaseFeatures,
    CaseMeasures,
    LabelMeasure,
    PredictResult,
    from_json,
    to_json,
    vector_from_text,
    vector_to_text,
)
from ml.query.doubt_map import packed
from tests.backend.cohort import Cohort, some_labels
from tests.backend.learning import results
from tests.backend.learning.results import carry_out

pytestmark = pytest.mark.django_db
MAP = packed(np.full((4, 16, 12), 51, np.uint8))


@pytest.fixture
def cohort():
    cohort = Cohort()
    for _ in range(2):
        cohort.approved_case(labels=some_labels(1))
    return cohort


def with_scores(monkeypatch, **changes):
    """Let the drafting run say what a real one says beside its masks."""
    leave = results.leave_masks

    def leave_scores(run, labels_of):
        leave(run, labels_of)
        out = places.out_folder(run.pk)
        result = from_json(PredictResult, (out / "result.json").read_text())
        (out / "map.npy.gz").write_bytes(changes.get("doubt_map", MAP))
        said = {
            "measures": CaseMeasures(0.3, 0.4, 0.05, 0.02, (LabelMeasure(1, 0.1, 9.0), LabelMeasure(5, 0.6, 0.5))),
            "doubt_map_file": "map.npy.gz",
            "features": changes.get("features", vector_to_text(np.arange(3))),
        }
        cases = tuple(dataclasses.replace(case, **said) for case in result.cases)
        looked = tuple(CaseFeatures(case["case_id"], vector_to_text(np.full(3, 7.0))) for case in run.spec["look_at"])
        (out / "result.json").write_text(to_json(PredictResult(cases, 1.0, "cpu", {}, looked)))

    monkeypatch.setattr(results, "leave_masks", leave_scores)


def drafts(case_id, volume):
    return some_labels(volume.pk)


def run_a_round(cohort):
    turn = services.start_round(project=cohort.project, actor=cohort.manager, preset="smoke")
    carry_out(turn, weights=b"one", draft_labels=drafts)
    return turn


def test_scores_come_in_with_the_drafts(cohort, monkeypatch):
    task = cohort.open_case()
    with_scores(monkeypatch)
    turn = run_a_round(cohort)
    assert turn.state == RoundState.DONE
    score = CaseScore.objects.get(volume=task.volume)
    assert (score.entropy, score.margin, score.foreground, score.disagreement) == (0.3, 0.4, 0.05, 0.02)
    assert score.labels == {"1": [0.1, 9.0], "5": [0.6, 0.5]}
    assert np.frombuffer(score.features, "<f4").tolist() == [0, 1, 2]
    table = table_of(cohort.project, turn.model)
    assert (table.case.tolist(), table.patient.tolist()) == ([task.pk], [task.patient_id])
    assert (table.entropy.tolist(), table.disagreement.tolist()) == ([0.3], [0.02])
    assert table.labels.tolist() == list(range(1, 10))
    assert table.label_doubt[0].tolist() == [0.1, 0, 0, 0, 0.6, 0, 0, 0, 0]
    assert table.features.tolist() == [[0, 1, 2]]


def test_what_the_model_was_trained_on_is_looked_at_and_never_drafted(cohort, monkeypatch):
    cohort.open_case()
    cohort.approved_case("BENCHMARK")
    with_scores(monkeypatch)
    results_of_benchmark = {"benchmark_labels": lambda case_id, volume: some_labels(1)}
    turn = services.start_round(project=cohort.project, actor=cohort.manager, preset="smoke")
    carry_out(turn, weights=b"one", draft_labels=drafts, **results_of_benchmark)
    draft = turn.runs.get(kind="draft")
    assert len(draft.spec["cases"]) == 1
    assert len(draft.spec["look_at"]) == 2
    assert Prediction.objects.count() == 1
    known = labelled_of(cohort.project, turn.model, table_of(cohort.project, turn.model))
    assert known.features.tolist() == [[7, 7, 7]] * 2
    assert known.label_cases.tolist() == [2, 0, 0, 0, 2, 0, 2, 0, 0]


def test_before_the_first_model_nothing_is_known(cohort):
    task = cohort.open_case()
    table = table_of(cohort.project, None)
    assert table.case.tolist() == [task.pk]
    assert np.isnan(table.entropy).all()
    assert table.features.shape == (1, 0)
    assert labelled_of(cohort.project, None, table).label_cases.tolist() == [0] * 9


def test_a_case_that_came_after_the_drafts_waits_without_scores(cohort, monkeypatch):
    cohort.open_case()
    with_scores(monkeypatch)
    turn = run_a_round(cohort)
    late = cohort.open_case()
    table = table_of(cohort.project, turn.model)
    assert table.case[1] == late.pk
    assert np.isnan([table.entropy[1], table.margin[1], table.label_ml[1, 0], table.features[1, 0]]).all()


def test_a_run_of_before_leaves_drafts_without_scores(cohort):
    cohort.open_case()
    assert run_a_round(cohort).state == RoundState.DONE
    assert not CaseScore.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [{"doubt_map": b"no map"}, {"doubt_map": b"x" * 2**21}, {"features": "?"}, {"features": "AADAfw=="}],
    ids=["a damaged map", "a huge map", "no vector", "not a number"],
)
def test_damaged_scores_fail_the_round_with_what_to_do(cohort, monkeypatch, changes):
    cohort.open_case()
    with_scores(monkeypatch, **changes)
    turn = run_a_round(cohort)
    assert turn.state == RoundState.FAILED
    assert "retry the round" in turn.error or "larger than a doubt map" in turn.error
    assert not CaseScore.objects.exists()


def test_vectors_come_back_from_text():
    vector = np.array([0.1, -3.0, 1e-20], np.float32)
    assert np.array_equal(vector_from_text(vector_to_text(vector)), vector)
    for text in ("AAA", "not base64!", "AAAAAAA="):
        with pytest.raises(ValueError, match="vector"):
            vector_from_text(text)
