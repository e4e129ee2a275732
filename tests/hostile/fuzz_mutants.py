"""Ten thousand spoilt files, in imports of two hundred: run by `make fuzz`."""

from __future__ import annotations

import os
import shutil
import time

import numpy as np
import pytest
from rich.console import Console

from backend.imaging.models import ImportRun
from tests.hostile.invariants import (
    MEMORY_LIMIT_MB,
    PeakMemory,
    assert_nothing_is_half_there,
    assert_the_program_never_failed,
)
from tests.hostile.test_hostile import SEED, import_mutants

MUTANTS = 10_000
AT_ONCE = 200
SECONDS_EACH = 5.0


@pytest.mark.timeout(6 * 3600)
def test_ten_thousand_mutants(project, manager, tmp_path):
    console = Console()
    began = time.monotonic()
    for batch in range(MUTANTS // AT_ONCE):
        folder = tmp_path / f"batch{batch}"
        folder.mkdir()
        started = time.monotonic()
        with PeakMemory() as peak:
            run = import_mutants(project, folder, np.random.default_rng([SEED, batch]), count=AT_ONCE)
        took_s = time.monotonic() - started
        assert_the_program_never_failed(run)
        assert took_s < SECONDS_EACH * AT_ONCE
        assert 0 < peak.mb < MEMORY_LIMIT_MB
        shutil.rmtree(folder)
        console.print(f"{(batch + 1) * AT_ONCE:6} mutants, {took_s:5.1f} s, peak {peak.mb:.0f} MB")
    assert_nothing_is_half_there()
    load = os.getloadavg()[0]
    console.print(
        f"{MUTANTS} mutants in {time.monotonic() - began:.0f} s, load {load:.1f}, {ImportRun.objects.count()} imports"
    )
