"""How unsure a model was of a case, and whom nobody tells."""

import pytest
from django.db import connection
from rest_framework.test import APIClient

from backend.annotation.masks import store_mask
from backend.annotation.models import Proposal, Task
from backend.learning.models import ModelVersion, Prediction, Round
from backend.learning.states import RoundState
from tests.backend.cohort import Cohort, some_labels

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort():
    return Cohort()


def add_model(cohort, number):
    turn = Round.objects.create(
        project=cohort.project,
        number=number,
        state=RoundState.DONE,
        preset="smoke",
        snapshot=cohort.project.snapshots.create(number=number, manifest={}, sha256=f"{number:064d}"),
    )
    return ModelVersion.objects.create(
        project=cohort.project,
        number=number,
        round=turn,
        state="retired",
        weights_bytes=1,
        channels=[],
        training_cases=1,
        result={},
    )


def predict(model, volume, doubt):
    mask = store_mask(volume=volume, labels=some_labels())
    return Prediction.objects.create(
        model_version=model,
        volume=volume,
        mask=mask,
        entropy=doubt,
        slice_entropy=[doubt] * volume.size_z,
        seconds=1.0,
    )


def told(user, task):
    client = APIClient()
    client.force_authenticate(user)
    return client.get(f"/api/tasks/{task.pk}/doubt").data


def test_before_any_model_there_is_no_doubt(cohort):
    assert told(cohort.annotator, cohort.open_case()) == {"model": None, "slices": None}


def test_the_newest_model_tells_its_doubt_of_every_slice(cohort):
    task = cohort.open_case()
    for number, doubt in ((1, 0.5), (2, 0.25)):
        predict(add_model(cohort, number), task.volume, doubt)
    assert told(cohort.annotator, task) == {"model": 2, "slices": [0.25] * 4}


def test_the_model_that_drafted_a_case_is_heard_before_a_newer_one(cohort):
    task = cohort.open_case()
    old, new = add_model(cohort, 1), add_model(cohort, 2)
    prediction = predict(old, task.volume, 0.5)
    predict(new, task.volume, 0.25)
    Proposal.objects.create(
        task=task, patient=task.patient, mask=prediction.mask, model_version_id=old.pk, source="model 1"
    )
    assert told(cohort.annotator, task) == {"model": 1, "slices": [0.5] * 4}


def test_a_prediction_without_slices_tells_the_model_alone(cohort):
    task = cohort.open_case()
    predict(add_model(cohort, 1), task.volume, 0.5)
    Prediction.objects.update(slice_entropy=[])
    assert told(cohort.annotator, task) == {"model": 1, "slices": None}


def test_a_benchmark_case_has_no_doubt_even_where_a_row_was_slipped_in(cohort):
    pool, benchmark = cohort.open_case(), cohort.open_case("BENCHMARK")
    predict(add_model(cohort, 1), pool.volume, 0.5)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO learning_prediction "
            "(created_at, updated_at, model_version_id, volume_id, mask_id, entropy, slice_entropy, seconds) "
            "SELECT now(), now(), model_version_id, %s, mask_id, 0.9, '[0.9]', 1 FROM learning_prediction",
            [benchmark.volume_id],
        )
    assert Prediction.objects.filter(volume=benchmark.volume).exists()
    for user in (cohort.annotator, cohort.radiologist, cohort.manager, cohort.scientist):
        assert told(user, benchmark) == {"model": None, "slices": None}


def test_a_second_reading_is_blind_and_the_first_one_is_not(cohort):
    first = cohort.open_case()
    second = Task.objects.create(
        project=first.project, volume=first.volume, patient=first.patient, partition=first.partition, reading=2
    )
    predict(add_model(cohort, 1), first.volume, 0.5)
    assert told(cohort.annotator, first)["model"] == 1
    assert told(cohort.annotator, second) == {"model": None, "slices": None}
