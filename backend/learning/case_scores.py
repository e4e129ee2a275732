"""What a model said of cases: written as its drafts come in, read as the table that strategies choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from backend.accounts.models import Project
from backend.annotation.models import Task
from backend.annotation.selectors import labels_of
from backend.core import blobs
from backend.core.errors import Conflict
from backend.exports.selectors import approved_tasks
from backend.imaging.models import Volume
from backend.learning.doubts import FIRST_READING, aided_tasks
from backend.learning.models import CaseScore, ModelVersion
from backend.learning.selectors import undrafted_tasks
from ml.contracts import CasePrediction, vector_from_text
from ml.labelmaps import LabelArray
from ml.query.doubt_map import unpacked
from ml.query.strategies import MIN_ML
from ml.query.table import CaseTable, Labelled

_FIGURES = ("entropy", "margin", "disagreement")


def store_scores(*, model: ModelVersion, volume: Volume, case: CasePrediction, doubt_map: bytes) -> None:
    """Keep what a draft said of its case. doubt_map: empty where there is none. Raises Conflict for damaged bytes."""
    if case.measures is None:
        return
    try:
        features = _features(case.features)
        if doubt_map:
            unpacked(doubt_map)
    except ValueError as error:
        raise Conflict(f"The scores of {case.case_id} cannot be read ({error}): retry the round.") from error
    measures = case.measures
    fields = {
        "entropy": measures.entropy,
        "margin": measures.margin,
        "disagreement": measures.disagreement,
        "foreground": measures.foreground,
        "labels": {str(label.value): [label.doubt, label.volume_ml] for label in measures.labels},
        "features": features,
        "doubt_map": blobs.put(doubt_map) if doubt_map else "",
    }
    CaseScore.objects.update_or_create(model_version=model, volume=volume, defaults=fields)


def store_look(*, model: ModelVersion, volume: Volume, features: str, labels: LabelArray) -> None:
    """Keep what the encoder makes of a labelled case, and how much of each label is drawn in it (Z, Y, X)."""
    try:
        vector = _features(features)
    except ValueError as error:
        raise Conflict(f"The features of volume {volume.pk} cannot be read ({error}): retry the round.") from error
    voxel_ml = float(np.prod(volume.geometry.spacing_zyx_mm)) / 1000
    counts = np.bincount(labels.ravel(), minlength=1)
    drawn = {str(value): [None, round(int(counts[value]) * voxel_ml, 4)] for value in np.flatnonzero(counts) if value}
    CaseScore.objects.get_or_create(model_version=model, volume=volume, defaults={"features": vector, "labels": drawn})


def waiting_tasks(project: Project) -> QuerySet[Task]:
    """First readings of the pool that nobody has begun, oldest first."""
    return undrafted_tasks(project).filter(pk__in=aided_tasks()).order_by("pk")


def table_of(project: Project, model: ModelVersion | None) -> CaseTable:
    """Everything that waits, oldest first: cases of the pool that nobody has begun, with the model's scores of them."""
    waiting = waiting_tasks(project)
    tasks = np.array(list(waiting.values_list("pk", "patient_id", "volume_id")), np.int64).reshape(-1, 3)
    values = [label.value for label in labels_of(project)]
    scores = _scores(model, waiting.values("volume_id"))
    rows = [scores.get(int(volume)) for volume in tasks[:, 2]]
    figures = np.array([_figures(row) for row in rows], np.float64).reshape(-1, len(_FIGURES))
    by_label = np.array([_by_label(row, values) for row in rows], np.float64).reshape(-1, len(values), 2)
    return CaseTable(
        case=tasks[:, 0],
        patient=tasks[:, 1],
        entropy=figures[:, 0],
        margin=figures[:, 1],
        disagreement=figures[:, 2],
        labels=np.array(values, np.int64),
        label_doubt=by_label[:, :, 0],
        label_ml=by_label[:, :, 1],
        features=_matrix(rows, model),
    )


def labelled_of(project: Project, model: ModelVersion | None, table: CaseTable) -> Labelled:
    """What is approved, as far as the model has looked at it."""
    seen = _scores(model, approved_tasks(project).filter(reading=FIRST_READING).values("volume_id"))
    rows = [row for row in seen.values() if len(row["features"]) == 4 * table.features.shape[1]]
    has = np.array([_by_label(row, table.labels.tolist()) for row in seen.values()], np.float64)
    volumes_ml = has.reshape(-1, len(table.labels), 2)[:, :, 1]
    features = np.frombuffer(b"".join(bytes(row["features"]) for row in rows), "<f4")
    return Labelled(
        features=features.reshape(len(rows), table.features.shape[1]).astype(np.float32),
        label_cases=(volumes_ml >= MIN_ML).sum(axis=0).astype(np.int64),
    )


def _scores(model: ModelVersion | None, volumes: Any) -> dict[int, dict[str, Any]]:
    if model is None:
        return {}
    found = CaseScore.objects.filter(model_version=model, volume__in=volumes)
    return {row["volume_id"]: row for row in found.values("volume_id", *_FIGURES, "labels", "features")}


def _features(text: str) -> bytes:
    return vector_from_text(text).astype("<f4").tobytes()


def _figures(row: Mapping[str, Any] | None) -> list[float]:
    return [np.nan if row is None or row[name] is None else row[name] for name in _FIGURES]


def _by_label(row: Mapping[str, Any] | None, values: Sequence[int]) -> list[list[float]]:
    """[doubt, ml] of each label; a label that the model does not know is not there and not doubted."""
    if row is None or not row["labels"]:
        return [[np.nan, np.nan]] * len(values)
    pairs = [row["labels"].get(str(value), (0.0, 0.0)) for value in values]
    return [[0.0 if doubt is None else doubt, ml] for doubt, ml in pairs]


def _matrix(rows: Sequence[Mapping[str, Any] | None], model: ModelVersion | None) -> NDArray[np.float32]:
    """Features (N, D); NaN where there are none, or not as many as most of the model's have."""
    lengths = [len(row["features"]) for row in rows if row is not None]
    width = max(set(lengths), key=lengths.count) if lengths and model else 0
    nothing = np.full(width // 4, np.nan, "<f4").tobytes()
    whole = [bytes(row["features"]) if row and len(row["features"]) == width else nothing for row in rows]
    return np.frombuffer(b"".join(whole), "<f4").reshape(len(rows), width // 4).astype(np.float32)
