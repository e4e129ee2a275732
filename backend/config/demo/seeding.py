"""Filling the demo project, a patient at a time. Killed half way, the next start goes on where it was."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from backend.config.demo.annotators import draw_and_approve, is_waiting
from backend.config.demo.patients import bring_in, task_of, truth_of
from backend.config.demo.people import Team, ensure_team
from backend.config.demo.phantoms import Scan, pick_seeds, scans
from backend.imaging.models import Partition

SLUG, NAME = "demo", "Breast MRI demo"
SEED_BATCH, BENCHMARK = 8, 4

Say = Callable[[str], None]


@dataclass(frozen=True)
class Part:
    """One phantom's part in the demo. drawn: the demo starts with it drawn and approved."""

    seed: int
    partition: Partition
    drawn: bool

    @property
    def words(self) -> str:
        """The part as people call it."""
        if self.partition is Partition.BENCHMARK:
            return "benchmark, drawn unaided and approved"
        return "seed batch, drawn and approved" if self.drawn else "pool, waiting to be drawn"


def parts(first_seed: int, waiting: int) -> tuple[Part, ...]:
    """The usual cohort, with this many patients waiting: a quarter has implants, of the benchmark half."""
    places = (
        *((Partition.POOL, True, n % 4 == 0) for n in range(SEED_BATCH)),
        *((Partition.BENCHMARK, True, n % 2 == 0) for n in range(BENCHMARK)),
        *((Partition.POOL, False, n % 4 == 0) for n in range(waiting)),
    )
    seeds = pick_seeds(first_seed, [implants for _, _, implants in places])
    return tuple(Part(seed, side, drawn=drawn) for seed, (side, drawn, _) in zip(seeds, places, strict=True))


PARTS = parts(1, 12)


def seed_demo(say: Say) -> Team:
    """Bring the demo project to its starting point, and leave alone what people have done in it since."""
    team = ensure_team(SLUG, NAME)
    missing = [part for part in PARTS if not _is_there(part, team)]
    if not missing:
        say(f"The demo project has its {len(PARTS)} patients.")
        return team
    folder = settings.VAR_DIR / "phantoms"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    clock = _Clock(len(PARTS) - len(missing), len(PARTS))
    say(f"Making {len(missing)} of {len(PARTS)} phantom patients.")
    try:
        with scans([part.seed for part in missing], folder) as made:
            for part, scan in zip(missing, made, strict=True):
                pseudonym = _make(part, scan, team)
                say(f"{clock.tick()} {pseudonym}: {part.words}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return team


def _is_there(part: Part, team: Team) -> bool:
    task = task_of(team.project, part.seed)
    return task is not None and not (part.drawn and is_waiting(task, team))


def _make(part: Part, scan: Scan, team: Team) -> str:
    task = task_of(team.project, part.seed) or bring_in(team.project, team.manager, scan, part.partition)
    if part.drawn and is_waiting(task, team):
        draw_and_approve(task, team, truth_of(task, scan))
    return task.patient.pseudonym


class _Clock:
    """Counts steps and estimates the time left from those done since it was made."""

    def __init__(self, done: int, total: int) -> None:
        self._began, self._before = time.monotonic(), done
        self._done, self._total = done, total

    def tick(self) -> str:
        """One more step is done: `[ 5/24, about 31 s left]`."""
        self._done += 1
        each_s = (time.monotonic() - self._began) / (self._done - self._before)
        left_s = each_s * (self._total - self._done)
        return f"[{self._done:2d}/{self._total}, about {left_s:.0f} s left]"
