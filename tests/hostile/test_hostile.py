"""Hostile files end in words: nothing half there, no failure of the program, bounded memory and time."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from django.core import serializers

from backend.imaging import services
from backend.imaging.models import ImportRun, Patient, Phase, Series, Study, Volume
from tests.hostile import seeds
from tests.hostile.crafted import ATTACKS
from tests.hostile.invariants import (
    MEMORY_LIMIT_MB,
    PeakMemory,
    assert_nothing_is_half_there,
    assert_the_program_never_failed,
)
from tests.hostile.mutants import mutant

SAMPLE = 120
SEED = 20261121


def imported(project, folder: Path) -> ImportRun:
    """As a folder of the server is, or as an upload where there is a zip to open."""
    if not list(folder.glob("*.zip")):
        return services.import_folder(project=project, folder=folder, started_by=None, source="attack")
    run = services.open_import(user=project.memberships.get().user, project=project, source="upload")
    Path(run.folder).parent.mkdir(parents=True, exist_ok=True)
    folder.rename(run.folder)
    services.run_import(import_id=run.pk)
    run.refresh_from_db()
    return run


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_in_words_or_does_no_harm(name, project, manager, tmp_path):
    folder = tmp_path / "incoming"
    (folder / "good").mkdir(parents=True)
    seeds.dicom_study(folder / "good")
    attack = ATTACKS[name]
    attack.make(folder)
    before = set(tmp_path.iterdir())
    run = imported(project, folder)
    assert_the_program_never_failed(run)
    assert_nothing_is_half_there()
    assert set(tmp_path.iterdir()) - before <= {
        tmp_path / "uploads",
        tmp_path / "blobs",
        tmp_path / "quarantine",
    }
    assert attack.says.lower() in json.dumps(run.report, ensure_ascii=False).lower()
    rows = [
        *Patient.objects.all(),
        *Study.objects.all(),
        *Series.objects.all(),
        *Volume.objects.all(),
        *Phase.objects.all(),
    ]
    everything = serializers.serialize("json", [*rows, run])
    for word in ("root:", "hidden", "Doe", "/etc/", "rm -rf", "alert(1)"):
        assert word not in everything


def test_mutants_leave_nothing_half_there(project, manager, tmp_path):
    with PeakMemory() as peak:
        run = import_mutants(project, tmp_path, np.random.default_rng(SEED), count=SAMPLE)
    assert_the_program_never_failed(run)
    assert_nothing_is_half_there()
    assert 0 < peak.mb < MEMORY_LIMIT_MB


def import_mutants(project, folder: Path, rng: np.random.Generator, *, count: int) -> ImportRun:
    """One import of `count` spoilt files, every other one in the middle of a study that is sound but for it."""
    incoming = folder / "incoming"
    incoming.mkdir()
    kinds = list(seeds.every_kind(folder / "seeds", rng))
    for n in range(count):
        _, suffix, content = kinds[rng.integers(len(kinds))]
        case = incoming / f"case{n}"
        case.mkdir()
        if n % 2:
            slices = seeds.dicom_study(folder / f"study{n}")
            for k, sound in enumerate(slices):
                (case / f"{k}").write_bytes(mutant(rng, sound) if k == 2 else sound)
        else:
            (case / f"spoilt{suffix}").write_bytes(mutant(rng, content))
    return services.import_folder(project=project, folder=incoming, started_by=None, source="mutants")
