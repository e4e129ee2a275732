"""Ranking 10,000 cases anew with every strategy: the goal is 2 s."""

from __future__ import annotations

import time

import numpy as np
import pytest
from django.db import connection

from backend.annotation.models import Task
from backend.imaging.models import Patient, Study, Volume
from backend.learning import querying
from backend.learning.models import CaseScore, ModelVersion
from backend.learning.querying import Wish
from backend.learning.states import ModelState
from ml.query.batches import choose_batch
from ml.query.strategies import Strategy
from tests.backend.cohort import AFFINE, Cohort
from tests.backend.learning.scored import add_model
from tests.bench.tables import show
from tests.ml.query.tables import labelled, make_table

CASES, FEATURES, LABELLED, BATCH = 10_000, 320, 1_000, 40
GOAL_S = 2.0


def test_ten_thousand_cases_are_ranked_within_two_seconds() -> None:
    table = make_table(CASES, patients=8_000, width=FEATURES)
    known = labelled(table, LABELLED)
    taken_s = {}
    for strategy in Strategy:
        began = time.perf_counter()
        picks = choose_batch(table, known, strategy=strategy, size=BATCH, random_share=0.2, seed=1)
        taken_s[strategy.value] = time.perf_counter() - began
        assert len(picks) == BATCH
    rows = [(name, f"{seconds:.3f}", f"{seconds / GOAL_S:.0%}") for name, seconds in taken_s.items()]
    show(f"A batch of {BATCH} from {CASES:,} cases", ("strategy", "s", "of the goal"), rows)
    assert max(taken_s.values()) < GOAL_S


@pytest.mark.django_db
def test_the_platform_ranks_ten_thousand_cases_within_two_seconds() -> None:
    """From the rows in the database to the picks with their reasons."""
    cohort = Cohort()
    add_cases(cohort, add_model(cohort.project, 1, ModelState.ACTIVE))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as the database does by itself once rows have been there for a minute
    taken_s, here_s = {}, {}
    for strategy in Strategy:
        began, began_here = time.perf_counter(), time.process_time()
        wish = Wish(strategy, BATCH, 0.2, 1)
        proposed = querying.preview_batch(project=cohort.project, actor=cohort.manager, wish=wish)
        taken_s[strategy.value] = time.perf_counter() - began
        here_s[strategy.value] = time.process_time() - began_here
        assert (len(proposed.picks), proposed.cases) == (BATCH, CASES)
    rows = [(name, f"{seconds:.3f}", f"{here_s[name]:.3f}") for name, seconds in taken_s.items()]
    show(f"A batch of {BATCH} from {CASES:,} cases in the database", ("strategy", "s", "of these at work"), rows)
    assert max(taken_s.values()) < GOAL_S


def add_cases(cohort: Cohort, model: ModelVersion) -> None:
    project, table = cohort.project, make_table(CASES, width=FEATURES)
    patients = Patient.objects.bulk_create(
        Patient(project=project, pseudonym=f"B-{n}", source_key=f"{n:064d}", partition="POOL") for n in range(CASES)
    )
    studies = Study.objects.bulk_create(Study(patient=patient, uid=f"2.25.{patient.pk}") for patient in patients)
    size = {"size_z": 4, "size_y": 16, "size_x": 12, "affine": AFFINE, "is_dce": True}
    volumes = Volume.objects.bulk_create(Volume(study=study, name="DCE", **size) for study in studies)
    Task.objects.bulk_create(
        Task(project=project, volume=volume, patient=patient, partition="POOL")
        for volume, patient in zip(volumes, patients, strict=True)
    )
    CaseScore.objects.bulk_create(
        CaseScore(
            model_version=model,
            volume=volume,
            entropy=float(table.entropy[n]),
            margin=float(table.margin[n]),
            disagreement=float(table.disagreement[n]),
            foreground=0.1,
            labels={
                str(label): [float(table.label_doubt[n, label - 1]), float(table.label_ml[n, label - 1])]
                for label in range(1, 10)
            },
            features=np.ascontiguousarray(table.features[n], "<f4").tobytes(),
        )
        for n, volume in enumerate(volumes)
    )
