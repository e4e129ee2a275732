"""Tasks for some slices: asked for while nobody has submitted, counted nowhere else."""

import numpy as np
import pytest

from backend.annotation import services
from backend.annotation.effort import correction_effort
from backend.annotation.models import Task
from backend.core.errors import Conflict, InvalidInput, NotAllowed
from backend.evaluation.selectors import benchmark
from backend.evaluation.services import measure_predictions
from tests.backend.annotation.raw_sql import refused
from tests.backend.cohort import EVERY_WARNING, SHAPE_ZYX, approve, draw, some_labels

SET = "UPDATE annotation_task SET slices = %s::jsonb WHERE id = %s"


def ask(client, task, slices):
    return client.post(f"/api/tasks/{task.pk}/slices", {"slices": slices}, content_type="application/json")


def test_a_manager_asks_for_slices_and_for_the_whole_again(cohort, as_user):
    task, client = cohort.open_case(), as_user(cohort.manager)
    assert ask(client, task, [3, 1, 3]).json()["slices"] == [1, 3]
    assert as_user(cohort.annotator).get(f"/api/tasks/{task.pk}").json()["slices"] == [1, 3]
    assert ask(client, task, None).json()["slices"] is None
    for wrong in ([], [SHAPE_ZYX[0]], [-1], "1-3"):
        assert ask(client, task, wrong).status_code == 400


def test_only_until_somebody_submits(cohort):
    task = draw(cohort.open_case(), cohort.annotator, some_labels())
    services.ask_for_slices(user=cohort.manager, task=task, slices=[1])
    with pytest.raises(NotAllowed):
        services.ask_for_slices(user=cohort.annotator, task=task, slices=[2])
    services.submit(user=cohort.annotator, task=task, revision=1, accepted=EVERY_WARNING)
    with pytest.raises(Conflict, match="submitted"):
        services.ask_for_slices(user=cohort.manager, task=task, slices=[2])
    assert refused(SET, ["[2]", task.pk])


@pytest.mark.parametrize("slices", ["[]", "[2, 1]", "[1, 1]", "[-1]", f"[{SHAPE_ZYX[0]}]", '["1"]', "[1.5]", "{}", "3"])
def test_postgresql_refuses_slices_that_are_none(cohort, slices):
    assert refused(SET, [slices, cohort.open_case().pk])


def test_postgresql_takes_slices_that_are_right(cohort):
    """Else the test above might fail for a misspelt column."""
    task = cohort.open_case()
    assert not refused(SET, [f"[0, {SHAPE_ZYX[0] - 1}]", task.pk])
    assert not refused(SET, [None, task.pk])


def test_nothing_is_asked_where_a_slice_is_wrong(cohort):
    task = cohort.open_case()
    with pytest.raises(InvalidInput, match="slice 99"):
        services.ask_for_slices(user=cohort.manager, task=task, slices=[1, 99])
    assert Task.objects.get(pk=task.pk).slices is None


def test_effort_counts_the_slices_that_were_asked_for(cohort):
    labels = np.zeros(SHAPE_ZYX, np.uint8)
    labels[1, 0, :4], labels[2, 0, :5] = 7, 7
    task = cohort.open_case()
    services.ask_for_slices(user=cohort.manager, task=task, slices=[1])
    task = draw(task, cohort.annotator, labels)
    assert correction_effort(approve(task, cohort.annotator, cohort.radiologist)) == {7: 4}


def test_a_model_is_scored_on_the_slices_that_were_asked_for(cohort):
    right = np.zeros(SHAPE_ZYX, np.uint8)
    right[1:4, 0:3, 0:3] = 5
    task = cohort.open_case("BENCHMARK")
    services.ask_for_slices(user=cohort.manager, task=task, slices=[1, 2])
    half = right.copy()
    half[3] = 0  # the reference says nothing of slice 3, which nobody asked for
    whole = benchmark(cohort.project).sha256
    approve(draw(task, cohort.annotator, half), cohort.annotator, cohort.radiologist)
    (reference,) = benchmark(cohort.project).references
    from backend.annotation.masks import store_mask

    prediction = store_mask(volume=reference.mask.volume, labels=right)
    (measured,) = measure_predictions(project=cohort.project, masks={reference.pk: prediction}).values()
    assert measured[5].dice == 1.0
    assert measured[5].predicted_ml == measured[5].reference_ml
    assert benchmark(cohort.project).sha256 != whole
