"""What a person should look at in the order of a DCE volume, with the figures that contradict each other. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from backend.imaging.dicom.clocks import STACK_CLOCKS, first_of, over_midnight
from backend.imaging.dicom.phases import OrderedPhase, contrast_start_s, phases_before
from backend.imaging.dicom.wording import rank_of
from backend.imaging.reading.messages import Fault

SUBJECT = "the DCE volume"
CHECK_FIRST = "Look whether phase 0 is without contrast, and reorder the phases on the study's page when it is not."
CHECK_ORDER = "Look at the phases one after another, and reorder them on the study's page when they are wrong."

Found = Iterator[tuple[str, str]]


def doubts(phases: Sequence[OrderedPhase]) -> list[Fault]:
    """Contradictions in what headers say of the order, and what they leave open."""
    return [Fault(SUBJECT, message, action) for check in CHECKS for message, action in check(phases)]


def _untold_contrast(phases: Sequence[OrderedPhase]) -> Found:
    agents = [phase.source.names_agent for phase in phases]
    told = phases_before(_start_s(phases), [phase.time_s for phase in phases])
    if any(agents) != all(agents) or told:
        return
    what = "every phase names a contrast agent" if all(agents) else "no phase names a contrast agent"
    yield (
        f"does not tell which phases are before contrast: {what}, and none gives its start; phase 0 counts as it",
        (CHECK_FIRST),
    )


def _agent_goes_away(phases: Sequence[OrderedPhase]) -> Found:
    for before, after in pairwise(phases):
        if before.source.names_agent and not after.source.names_agent:
            yield (
                f"has a phase without contrast agent ({_told(after)}) after one with it ({_told(before)})",
                CHECK_ORDER,
            )


def _agent_against_start(phases: Sequence[OrderedPhase]) -> Found:
    agents = [phase.source.names_agent for phase in phases]
    start_s = _start_s(phases)
    told = phases_before(start_s, [phase.time_s for phase in phases])
    if told and any(agents) and not all(agents) and told != agents.index(True):
        yield (
            f"names a contrast agent from phase {agents.index(True)} on, but contrast began {start_s:.0f} s after "
            f"phase 0, which is before phase {told}",
            CHECK_ORDER,
        )


def _untold_times(phases: Sequence[OrderedPhase]) -> Found:
    if any(phase.time_s is None for phase in phases):
        by = phases[0].reason.split(";")[0].partition(" by ")[2]
        yield f"has no times: no header gives them, and its phases are in the order of the {by}", CHECK_ORDER


def _times_that_are_not_used(phases: Sequence[OrderedPhase]) -> Found:
    """Phases with one acquisition time between them are ordered by something else: say so when only some share it."""
    first = STACK_CLOCKS[0]
    if any(phase.reason.partition(" by ")[2].startswith(first.name) for phase in phases):
        return
    groups: dict[float, list[OrderedPhase]] = {}
    for phase in phases:
        at = first.earliest(phase.source.stack.headers)
        if at is not None:
            groups.setdefault(at, []).append(phase)
    same = [members for members in groups.values() if len(members) > 1]
    if same and len(groups) > 1:
        names = " and ".join(phase.source.name for phase in same[0])
        yield f"has phases of one acquisition time ({names}), so that another header orders them", CHECK_ORDER


def _midnight(phases: Sequence[OrderedPhase]) -> Found:
    times = [at for p in phases if (at := first_of(p.source.stack.headers, lambda h: h.acquired_s)) is not None]
    if times and over_midnight(times) != times:
        yield (
            "has times late and early in one day: they count as one night, since no date tells them apart",
            CHECK_ORDER,
        )


def _positions_against_order(phases: Sequence[OrderedPhase]) -> Found:
    if len({phase.source.part.series.uid for phase in phases}) > 1:
        return
    numbers = [n for phase in phases if (n := phase.source.first.temporal_position) is not None]
    if len(set(numbers)) == len(phases) and numbers != sorted(numbers):
        order = ", ".join(str(n) for n in numbers)
        yield f"has temporal positions in another order than its times: {order}", CHECK_ORDER


def _words_against_order(phases: Sequence[OrderedPhase]) -> Found:
    ranks = [n for phase in phases if (n := rank_of(phase.source.first.series_description)) is not None]
    if len(set(ranks)) == len(phases) and ranks != sorted(ranks):
        by_words = sorted(zip(ranks, phases, strict=True), key=lambda pair: pair[0])
        order = ", ".join(phase.source.name for _, phase in by_words)
        yield f"would be in another order by the descriptions of its series: {order}", CHECK_ORDER


def _start_s(phases: Sequence[OrderedPhase]) -> float | None:
    return contrast_start_s([phase.source for phase in phases])


def _told(phase: OrderedPhase) -> str:
    return phase.source.name if phase.time_s is None else f"{phase.source.name}, {phase.time_s:.0f} s"


CHECKS: tuple[Callable[[Sequence[OrderedPhase]], Found], ...] = (
    _untold_contrast,
    _agent_goes_away,
    _agent_against_start,
    _untold_times,
    _times_that_are_not_used,
    _midnight,
    _positions_against_order,
    _words_against_order,
)
