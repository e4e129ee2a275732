import numpy as np
import pytest

from backend.annotation import proposals, services
from backend.annotation.effort import correction_effort
from backend.annotation.masks import store_mask
from backend.annotation.models import Task
from backend.core.errors import Conflict
from tests.backend.cohort import SHAPE_ZYX, approve, draw


def block(value, x_to):
    labels = np.zeros(SHAPE_ZYX, np.uint8)
    labels[1, 2, :x_to] = value
    return labels


def test_effort_is_what_people_changed_in_the_draft(cohort):
    task = cohort.open_case()
    draft = store_mask(volume=task.volume, labels=block(5, 4))
    services.offer_proposal(task=task, mask=draft, model_version_id=1, source="model 1")
    services.claim(user=cohort.annotator, task=task)
    proposals.accept(user=cohort.annotator, task=task)
    task = draw(Task.objects.get(pk=task.pk), cohort.annotator, block(5, 9))
    task = draw(task, cohort.annotator, block(5, 6))  # what came between does not count
    assert correction_effort(approve(task, cohort.annotator, cohort.radiologist)) == {5: 2}


def test_a_draft_that_was_right_costs_nothing(cohort):
    task = cohort.open_case()
    draft = store_mask(volume=task.volume, labels=block(5, 4))
    services.offer_proposal(task=task, mask=draft, model_version_id=1, source="model 1")
    task = services.claim(user=cohort.annotator, task=task)
    proposals.accept(user=cohort.annotator, task=task)
    task = Task.objects.get(pk=task.pk)
    assert correction_effort(approve(task, cohort.annotator, cohort.radiologist)) == {}


def test_a_case_without_a_draft_costs_all_of_its_voxels(cohort):
    task = draw(cohort.open_case(), cohort.annotator, block(7, 5))
    assert correction_effort(approve(task, cohort.annotator, cohort.radiologist)) == {7: 5}


def test_a_case_that_is_not_approved_has_no_effort_yet(cohort):
    with pytest.raises(Conflict, match="not approved"):
        correction_effort(cohort.open_case())
