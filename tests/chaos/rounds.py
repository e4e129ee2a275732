"""Rounds whose processes are killed while they run, and what must be true of each when it has ended."""

from __future__ import annotations

import time
from dataclasses import dataclass

from tests.chaos.installation import APPROVED, COUNTS, Installation, Manager

ENDS = {"done", "held", "failed", "cancelled"}
LONGEST_S = 420


@dataclass(frozen=True)
class Blow:
    """Kill `victim` once the round's work has reached `progress`: runs ended (0 to 3) plus the share of the next."""

    victim: str
    progress: float


@dataclass(frozen=True)
class Ended:
    """How a round ended. struck: whether the victim was there to be killed. recovered_s: from the blow to the end."""

    state: str
    error: str
    struck: bool
    recovered_s: float


def run_round(installation: Installation, manager: Manager, blows: list[Blow]) -> Ended:
    """Start a round, deal the blows in turn, wait for its end. Raises AssertionError when it does not end."""
    pk, waiting, struck, struck_at = manager.start_round(), list(blows), False, time.monotonic()
    end = time.monotonic() + LONGEST_S
    while True:
        turn = manager.round(pk)
        if turn["state"] in ENDS:
            return Ended(str(turn["state"]), str(turn["error"]), struck, round(time.monotonic() - struck_at, 1))
        if waiting and progress_of(turn) >= waiting[0].progress:
            hit = installation.kill(waiting[0].victim)
            if hit or progress_of(turn) >= waiting[0].progress + 1:
                struck, struck_at = struck or hit, time.monotonic()
                waiting.pop(0)
        assert time.monotonic() < end, f"round {turn['number']} did not end: {turn['runs']}"
        time.sleep(0.1)


def progress_of(turn: dict[str, object]) -> float:
    """Runs of a round that have ended, plus the share of the one under way."""
    runs = turn["runs"]
    assert isinstance(runs, list)
    return float(sum(1.0 if run["state"] == "done" else run["fraction"] for run in runs))


def approved(installation: Installation) -> object:
    """Every approved task with its pinned revision, the hash of its mask and the sum of its labels."""
    return installation.say(APPROVED, "APPROVED")


def check(installation: Installation, ends: list[Ended], before: object) -> None:
    """Nothing is lost, doubled or left without a reason."""
    assert approved(installation) == before
    counts = installation.say(COUNTS, "COUNTS")
    assert isinstance(counts, dict)
    assert counts["rounds"] == len(ends)
    complete = [end for end in ends if end.state in {"done", "held"}]
    assert counts["models"] >= len(complete)
    assert counts["models"] <= len(ends)
    assert counts["active"] == 1
    kinds = [(number, kind) for number, kind, *_ in counts["runs"]]
    assert len(kinds) == len(set(kinds))
    for end in ends:
        assert end.state != "cancelled"
        assert end.state != "failed" or len(end.error) > 20, end
    assert all(state in {"done", "failed"} for _, _, state, *_ in counts["runs"])
