"""How unsure a model was of a case, and whom nobody tells."""

import io

import numpy as np
import pytest
from django.db import connection
from PIL import Image
from rest_framework.test import APIClient

from backend.annotation.models import Proposal, Task
from backend.learning.doubt_pictures import RAMP, coloured, doubt_of_slice
from backend.learning.models import Prediction
from ml.query.doubt_map import coarse
from tests.backend.cohort import Cohort
from tests.backend.learning.scored import add_model, predict, score

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort():
    return Cohort()


def told(user, task):
    client = APIClient()
    client.force_authenticate(user)
    return client.get(f"/api/tasks/{task.pk}/doubt").data


def test_before_any_model_there_is_no_doubt(cohort):
    assert told(cohort.annotator, cohort.open_case()) == {"model": None, "slices": None}


def test_the_newest_model_tells_its_doubt_of_every_slice(cohort):
    task = cohort.open_case()
    for number, doubt in ((1, 0.5), (2, 0.25)):
        predict(add_model(cohort.project, number), task.volume, doubt)
    assert told(cohort.annotator, task) == {"model": 2, "slices": [0.25] * 4}


def test_the_model_that_drafted_a_case_is_heard_before_a_newer_one(cohort):
    task = cohort.open_case()
    old, new = add_model(cohort.project, 1), add_model(cohort.project, 2)
    prediction = predict(old, task.volume, 0.5)
    predict(new, task.volume, 0.25)
    Proposal.objects.create(
        task=task, patient=task.patient, mask=prediction.mask, model_version_id=old.pk, source="model 1"
    )
    assert told(cohort.annotator, task) == {"model": 1, "slices": [0.5] * 4}


def test_a_prediction_without_slices_tells_the_model_alone(cohort):
    task = cohort.open_case()
    predict(add_model(cohort.project, 1), task.volume, 0.5)
    Prediction.objects.update(slice_entropy=[])
    assert told(cohort.annotator, task) == {"model": 1, "slices": None}


def test_a_benchmark_case_has_no_doubt_even_where_a_row_was_slipped_in(cohort):
    pool, benchmark = cohort.open_case(), cohort.open_case("BENCHMARK")
    predict(add_model(cohort.project, 1), pool.volume, 0.5)
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
    predict(add_model(cohort.project, 1), first.volume, 0.5)
    assert told(cohort.annotator, first)["model"] == 1
    assert told(cohort.annotator, second) == {"model": None, "slices": None}


def picture(user, task):
    client = APIClient()
    client.force_authenticate(user)
    return client.get(f"/api/tasks/{task.pk}/doubt/picture")


def test_a_picture_shows_the_most_doubtful_slice_in_colour(cohort):
    task = cohort.open_case()
    model = add_model(cohort.project, 1)
    score(model, task.volume, 0.5)
    answer = picture(cohort.annotator, task)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    pixels = np.asarray(Image.open(io.BytesIO(answer.content)), int)
    yellow = pixels[..., 0] - pixels[..., 2]
    assert yellow.min() > 60, "doubt of a half everywhere is in full colour everywhere"


def test_no_picture_is_shown_of_the_benchmark_or_of_a_case_without_one(cohort):
    pool, benchmark = cohort.open_case(), cohort.open_case("BENCHMARK")
    model = add_model(cohort.project, 1)
    score(model, benchmark.volume, 0.5)
    predict(model, pool.volume, 0.5)
    for task in (pool, benchmark):
        answer = picture(cohort.manager, task)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_no_doubt_leaves_the_grey_as_it_is_and_much_doubt_hides_it():
    shown = np.full((1, 3), 100, np.uint8)
    mixed = coloured(shown, np.array([[0.0, 0.5, 1.0]], np.float32))
    assert mixed[0, 0].tolist() == [100, 100, 100]
    assert mixed[0, 1].tolist() == mixed[0, 2].tolist() == np.rint(0.2 * 100 + 0.8 * RAMP[-1]).astype(int).tolist()


def test_a_doubtful_place_lies_where_it_was():
    doubt = np.zeros((70, 130, 200), np.float32)
    doubt[40:50, 60:80, 120:160] = 1
    plane = doubt_of_slice(coarse(doubt), doubt.shape, 44)
    assert plane.shape == (130, 200)
    rows, columns = np.nonzero(plane > 0.5)
    assert abs(rows.mean() - 69.5) < 2
    assert abs(columns.mean() - 139.5) < 2
    assert doubt_of_slice(coarse(doubt), doubt.shape, 10).max() == 0
