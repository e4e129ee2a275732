"""Scores against the benchmark, with closed-form masks."""

import numpy as np
import pytest
from rest_framework.test import APIClient

from backend.annotation.masks import load_labels, store_mask
from backend.core.errors import Conflict
from backend.evaluation import services
from backend.evaluation.cards import SEED, label_cards
from backend.evaluation.measuring import LEAST_LESION_MM3, METRIC_VERSION
from backend.evaluation.models import Evaluation, Score
from backend.evaluation.selectors import benchmark, case_scores, mean_dice, mean_dice_on_shared
from ml.metrics.intervals import interval, wilcoxon_p
from tests.backend.cohort import SHAPE_ZYX, add_patient, approve, draw

pytestmark = pytest.mark.django_db


def box(value, z, y, x):
    labels = np.zeros(SHAPE_ZYX, dtype=np.uint8)
    labels[z, y, x] = value
    return labels


def merged(*parts):
    return np.max(np.stack(parts), axis=0)


@pytest.fixture
def references(cohort):
    """Two cases: a lesion of 8 voxels and a heart of 16 in the first, a lesion alone in the second."""
    first = merged(box(5, slice(0, 2), slice(0, 2), slice(0, 2)), box(7, slice(2, 4), slice(4, 8), slice(4, 6)))
    second = box(5, slice(0, 1), slice(0, 4), slice(0, 2))
    return [cohort.approved_case("BENCHMARK", labels=labels).approved for labels in (first, second)]


def evaluate(project, masks):
    return services.evaluate(project=project, measured=services.measure_predictions(project=project, masks=masks))


def predict(reference, labels):
    return store_mask(volume=reference.mask.volume, labels=labels)


def test_dice_has_its_closed_form(cohort, references):
    half = box(5, slice(0, 1), slice(0, 2), slice(0, 2))  # 4 of the lesion's 8 voxels: 2·4 / (8 + 4)
    shifted = box(5, slice(0, 1), slice(2, 6), slice(0, 2))  # 4 of 8 overlap: 2·4 / (8 + 8)
    masks = {references[0].pk: predict(references[0], half), references[1].pk: predict(references[1], shifted)}
    evaluation = evaluate(project=cohort.project, masks=masks)
    scores = {(s.reference_id, s.label): s.dice for s in Score.objects.filter(evaluation=evaluation)}
    assert scores[references[0].pk, 5] == pytest.approx(2 / 3)
    assert scores[references[1].pk, 5] == pytest.approx(0.5)
    assert scores[references[0].pk, 7] == 0  # a heart that was not found
    assert scores[references[1].pk, 7] is None  # no heart there, and none predicted
    means = mean_dice([evaluation.pk])[evaluation.pk]
    assert means[5] == pytest.approx((2 / 3 + 0.5) / 2)
    assert means[7] == 0
    assert means[9] is None
    assert (evaluation.cases, evaluation.metric_version) == (2, METRIC_VERSION)
    assert evaluation.benchmark_sha256 == benchmark(cohort.project).sha256


def test_a_perfect_prediction_scores_one(cohort, references):
    masks = {reference.pk: predict(reference, load_labels(reference.mask)) for reference in references}
    evaluation = evaluate(project=cohort.project, masks=masks)
    assert mean_dice([evaluation.pk])[evaluation.pk] == {
        value: (1.0 if value in {5, 7} else None) for value in range(1, 10)
    }
    by_case = case_scores([evaluation.pk])[evaluation.pk]
    assert list(by_case) == [reference.task.patient.pseudonym for reference in references]


def test_half_a_benchmark_is_not_scored(cohort, references):
    masks = {references[0].pk: references[0].mask}
    with pytest.raises(Conflict, match="Retry the round"):
        evaluate(project=cohort.project, masks=masks)
    assert not Evaluation.objects.exists()


def test_an_empty_benchmark_is_not_scored(cohort):
    cohort.approved_case()
    with pytest.raises(Conflict, match="no approved case"):
        evaluate(project=cohort.project, masks={})


def test_the_benchmark_is_what_is_approved_on_its_side_of_the_wall(cohort, references):
    cohort.approved_case("POOL")
    draw(cohort.open_case("BENCHMARK"), cohort.annotator, box(5, 0, 0, 0))
    assert benchmark(cohort.project).references == tuple(references)


def test_another_mask_makes_another_benchmark(cohort, references):
    before = benchmark(cohort.project).sha256
    cohort.approved_case("BENCHMARK")
    assert benchmark(cohort.project).sha256 != before


def test_of_two_readings_of_a_volume_the_first_counts(cohort, references):
    from backend.annotation.models import Task

    first = references[0].task
    second = Task.objects.create(
        project=first.project, volume=first.volume, patient=first.patient, partition=first.partition, reading=2
    )
    approve(draw(second, cohort.annotator, box(1, 0, 0, 0)), cohort.annotator, cohort.radiologist)
    assert benchmark(cohort.project).references == tuple(references)


def test_two_models_are_compared_on_the_cases_that_both_were_scored_on(cohort, references):
    empty = np.zeros(SHAPE_ZYX, dtype=np.uint8)
    old = evaluate(project=cohort.project, masks={reference.pk: predict(reference, empty) for reference in references})
    added = cohort.approved_case("BENCHMARK", labels=box(5, 0, slice(0, 2), slice(0, 2))).approved
    everything = [*references, added]
    masks = {reference.pk: predict(reference, load_labels(reference.mask)) for reference in references}
    masks[added.pk] = predict(added, empty)
    new = evaluate(project=cohort.project, masks=masks)
    assert mean_dice([new.pk])[new.pk][5] == pytest.approx(2 / 3)
    fresh, stale = mean_dice_on_shared(new.pk, old.pk)
    assert (fresh[5], stale[5]) == (1, 0)
    assert len(everything) == Score.objects.filter(evaluation=new, label=5).count()


def test_the_api_tells_how_the_benchmark_stands(cohort, references):
    waiting = cohort.open_case("BENCHMARK")
    lonely = add_patient(cohort.project, "BENCHMARK")
    client = APIClient()
    client.force_authenticate(cohort.radiologist)
    body = client.get("/api/projects/study/benchmark").data
    assert (body["patients"], body["approved"]) == (4, 2)
    assert body["sha256"] == benchmark(cohort.project).sha256
    assert body["cases"][2] == {"pseudonym": waiting.patient.pseudonym, "task_id": waiting.pk, "state": "open"}
    assert body["cases"][3] == {"pseudonym": lonely.pseudonym, "task_id": None, "state": "no_task"}
    client.force_authenticate(cohort.annotator)
    assert client.get("/api/projects/study/benchmark").status_code == 403


def test_every_measure_has_its_closed_form(cohort, references):
    """A lesion of 2×2×2 of which half is found, on a grid of known spacing; the heart is missed."""
    half = box(5, slice(0, 1), slice(0, 2), slice(0, 2))
    masks = {references[0].pk: predict(references[0], half), references[1].pk: references[1].mask}
    evaluation = evaluate(project=cohort.project, masks=masks)
    lesion = Score.objects.get(evaluation=evaluation, reference=references[0], label=5)
    geometry = references[0].mask.volume.geometry
    assert (lesion.iou, lesion.ppv, lesion.sensitivity) == (0.5, 1.0, 0.5)
    assert lesion.hd95_mm == pytest.approx(geometry.spacing_zyx_mm[0])
    assert lesion.assd_mm == pytest.approx(4 * geometry.spacing_zyx_mm[0] / 12)
    assert lesion.volume_difference_ml == pytest.approx(-4 * geometry.voxel_volume_mm3 / 1000)
    heart = Score.objects.get(evaluation=evaluation, reference=references[0], label=7)
    assert (heart.hd95_mm, heart.nsd, heart.ppv, heart.sensitivity) == (None, 0.0, None, 0.0)
    assert heart.lesions_missed == (1 if 16 * geometry.voxel_volume_mm3 >= LEAST_LESION_MM3 else 0)


def test_a_card_tells_means_with_intervals_over_patients(cohort):
    shares = [1, 2, 3, 4, 5, 6]
    whole = box(5, slice(0, 1), slice(0, 6), slice(0, 4))
    found = [cohort.approved_case("BENCHMARK", labels=whole).approved for _ in shares]
    empty = np.zeros(SHAPE_ZYX, dtype=np.uint8)
    before = evaluate(cohort.project, {r.pk: predict(r, empty) for r in found})
    masks = {
        r.pk: predict(r, box(5, slice(0, 1), slice(0, n), slice(0, 4))) for r, n in zip(found, shares, strict=True)
    }
    after = evaluate(cohort.project, masks)
    card = next(card for card in label_cards(after.pk, before.pk) if card.label == 5)
    dice = [2 * n / (6 + n) for n in shares]
    assert card.metrics["dice"] == interval(dice, seed=SEED)
    assert card.metrics["dice"].n == 6
    assert card.metrics["sensitivity"].mean == pytest.approx(np.mean([n / 6 for n in shares]))
    assert card.p_value == wilcoxon_p([0.0] * 6, dice)
    heart = next(card for card in label_cards(after.pk) if card.label == 7)
    assert heart.metrics["dice"] is None
    assert heart.p_value is None
