"""What a save costs: one changed slice of a full-size case against sending the whole mask again."""

from __future__ import annotations

import statistics
import time
import uuid

import numpy as np
import pytest

from backend.annotation import services
from backend.annotation.models import Task
from tests.backend import cohort as make

SHAPE_ZYX = (160, 448, 448)
SAVES = 30


@pytest.mark.django_db(transaction=True)
def test_one_slice_costs_a_fraction_of_a_whole_mask(settings, tmp_path) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    study = make.Cohort()
    task = make.open_task(make.add_volume(make.add_patient(study.project), phases=1, shape_zyx=SHAPE_ZYX))
    services.claim(user=study.annotator, task=task)
    labels = _blocks()
    whole_s = _seconds(study.annotator, task, dict(enumerate(labels)))
    each_s = [_seconds(study.annotator, task, {n: np.roll(labels[n], 3, axis=1)}) for n in range(SAVES)]
    one_s = statistics.median(each_s)
    p95_s = statistics.quantiles(each_s, n=20)[-1]
    print(f"\nsave one slice: median {one_s * 1e3:.1f} ms, p95 {p95_s * 1e3:.1f} ms (goal 40 ms)")
    print(f"whole mask: {whole_s * 1e3:.0f} ms; one slice costs {one_s / whole_s:.4f} of it")


def _blocks() -> np.ndarray:
    """Nine labels in blocks, (Z, Y, X): every slice is drawn on, as in a finished case."""
    _, y, x = np.indices(SHAPE_ZYX, dtype=np.uint16)
    return ((y // 40 + x // 40) % 10).astype(np.uint8)


def _seconds(user, task: Task, slices: dict[int, np.ndarray]) -> float:
    head = Task.objects.select_related("head").get(pk=task.pk).head
    began = time.perf_counter()
    services.save(user=user, task=task, base=head.number if head else 0, key=str(uuid.uuid4()), slices=slices)
    return time.perf_counter() - began
