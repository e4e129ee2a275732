"""A round goes on after its trainer, its worker, its run supervisor and its database were killed."""

from __future__ import annotations

import pytest

from tests.chaos.installation import COHORT, Installation, Manager
from tests.chaos.rounds import Blow, approved, check, run_round

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def installation(tmp_path):
    running = Installation(tmp_path)
    running.start()
    try:
        running.say(COHORT)
        yield running
    finally:
        running.stop()


def test_a_round_ends_well_after_four_kills(installation):
    before = approved(installation)
    assert isinstance(before, list)
    assert len(before) == 4
    blows = [Blow("trainer", 0.1), Blow("worker", 0.9), Blow("database", 1.05), Blow("run-supervisor", 2.02)]
    ended = run_round(installation, Manager(installation), blows)
    assert ended.struck
    assert (ended.state, ended.error) == ("done", "")
    check(installation, [ended], before)
