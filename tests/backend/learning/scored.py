"""Models and what they said of cases, without a run."""

from __future__ import annotations

import numpy as np

from backend.annotation.masks import store_mask
from backend.core import blobs
from backend.exports.models import Snapshot
from backend.learning.models import CaseScore, ModelVersion, Prediction, Round
from backend.learning.states import ModelState, RoundState
from ml.query.doubt_map import coarse, packed
from tests.backend.cohort import some_labels


def add_model(project, number, state=ModelState.RETIRED) -> ModelVersion:
    snapshot, _ = Snapshot.objects.get_or_create(
        project=project, number=number, defaults={"manifest": {}, "sha256": f"{number:064d}"}
    )
    turn = Round.objects.create(
        project=project, number=number, state=RoundState.DONE, preset="smoke", snapshot=snapshot
    )
    return ModelVersion.objects.create(
        project=project,
        number=number,
        round=turn,
        state=state,
        weights_bytes=1,
        channels=[],
        training_cases=1,
        result={},
    )


def predict(model, volume, doubt) -> Prediction:
    """A prediction that is as unsure of every slice as of the whole."""
    return Prediction.objects.create(
        model_version=model,
        volume=volume,
        mask=store_mask(volume=volume, labels=some_labels()),
        entropy=doubt,
        slice_entropy=[doubt] * volume.size_z,
        seconds=1.0,
    )


def score(model, volume, doubt, *, labels=None, features=(0.0, 0.0)) -> CaseScore:
    """A prediction with its scores. labels: [doubt, ml] by value."""
    predict(model, volume, doubt)
    shades = packed(coarse(np.full(volume.shape_zyx, doubt, np.float32)))
    return CaseScore.objects.create(
        model_version=model,
        volume=volume,
        entropy=doubt,
        margin=doubt,
        disagreement=doubt,
        foreground=0.1,
        labels={str(value): pair for value, pair in (labels or {5: [doubt, 2.0]}).items()},
        features=np.array(features, "<f4").tobytes(),
        doubt_map=blobs.put(shades),
    )
