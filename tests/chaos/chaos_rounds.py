"""`make chaos`: twenty rounds, each struck at a random moment. Prints what became of each; every one must end well."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from rich.console import Console

from tests.chaos.installation import COHORT, Installation, Manager
from tests.chaos.rounds import Blow, Ended, approved, check, run_round

pytestmark = pytest.mark.timeout(4 * 3600)

ROUNDS = 20
VICTIMS = ("worker", "trainer", "run-supervisor", "supervisor", "database")
SEED = 20


def test_twenty_rounds_struck_at_random_moments_end_complete_or_say_why(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    blows = [Blow(VICTIMS[number % len(VICTIMS)], chance.uniform(0.0, 2.9)) for number in range(ROUNDS)]
    console = Console()
    installation = Installation(tmp_path)
    installation.start()
    try:
        installation.say(COHORT)
        before, ends = approved(installation), list[Ended]()
        manager = Manager(installation)
        for number, blow in enumerate(blows, start=1):
            ends.append(run_round(installation, manager, [blow]))
            console.print(f"{number:3d}  {blow.victim:15s} at {blow.progress:.2f}  {ends[-1]}")
        check(installation, ends, before)
    finally:
        installation.stop()
    struck = sum(end.struck for end in ends)
    console.print(f"{len(ends)} rounds, {struck} struck; {sum(end.state == 'done' for end in ends)} done")
    assert struck >= ROUNDS * 3 // 4
