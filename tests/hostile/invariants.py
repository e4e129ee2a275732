"""What must hold after any import, whatever came in."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from typing import Self

import numpy as np
import psutil

from backend.core import blobs
from backend.imaging.models import ImportRun, Patient, Series, Study, Volume
from backend.imaging.volumes import read_phases

MEMORY_LIMIT_MB = 512
LOOK_EVERY_S = 0.02
READER = "backend.imaging.reading"


def assert_nothing_is_half_there() -> None:
    """Every study is whole: its patient, its series, each phase of its volumes down to the last voxel."""
    assert not Patient.objects.filter(studies__isnull=True).exists()
    assert not Study.objects.filter(series__isnull=True).exists()
    assert not Volume.objects.filter(phases__isnull=True).exists()
    for volume in Volume.objects.prefetch_related("phases"):
        phases = list(volume.phases.all())
        assert [phase.index for phase in phases] == list(range(len(phases)))
        for phase in phases:
            for digest in phase.chunks:
                assert hashlib.sha256(blobs.get(digest)).hexdigest() == digest
        for values in read_phases(volume, range(len(phases))).values():
            assert values.shape == volume.shape_zyx
            assert np.isfinite(values).all()
        assert np.isfinite(volume.geometry.matrix).all()
    in_a_volume = set(Series.objects.filter(phases__isnull=False).values_list("pk", flat=True))
    for series in Series.objects.all():
        assert (series.pk in in_a_volume) != bool(series.not_drawn_on), "either drawn on, or a reason why not"


def assert_the_program_never_failed(run: ImportRun) -> None:
    """Whatever was refused was refused for a reason that a person understands."""
    assert run.state in {ImportRun.State.DONE, ImportRun.State.FAILED}
    lines = [line["message"] for line in run.report if "program failed" in line["message"]]
    assert not lines
    assert all(line["action"] for line in run.report if line["level"] == "error")


class PeakMemory:
    """Largest resident memory, in MB, of any reading process of this one while it is open."""

    def __init__(self) -> None:
        self.mb = 0.0
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._watcher.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        self._watcher.join()

    def _watch(self) -> None:
        me = psutil.Process()
        while not self._over.wait(LOOK_EVERY_S):
            for child in me.children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                    if READER in child.cmdline():  # a fork before its start still has the size of its parent
                        self.mb = max(self.mb, child.memory_info().rss / 2**20)
