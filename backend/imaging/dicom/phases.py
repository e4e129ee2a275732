"""Which stacks form one DCE volume, and in what order, each with its reason in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.imaging.dicom.clocks import STACK_CLOCKS, first_of, seconds_after
from backend.imaging.dicom.faults import Defect
from backend.imaging.dicom.headers import Header
from backend.imaging.dicom.splitting import Part
from backend.imaging.dicom.stacks import SEND_ALL, Stack
from backend.imaging.dicom.wording import rank_of

T1_ECHO_LIMIT_MS = 10.0  # dynamic series are spoiled gradient echoes with echo times of a few milliseconds
SAME_GRID_MM = 0.05
SAME_START_MM = 1.0
DYNAMIC = re.compile(r"dyn|dce|(?<![a-z])(pre|post|pass|phase|vibrant|views|twist|contrast|gad)", re.IGNORECASE)


@dataclass(frozen=True)
class TimedStack:
    """A stack and the part of a series that it was built from."""

    part: Part
    stack: Stack

    @property
    def first(self) -> Header:
        """Stands for the stack."""
        return self.stack.headers[0]

    @property
    def name(self) -> str:
        """How a report calls it: by its series, and its place among the time points of that."""
        series = self.part.series.name
        return f"time point {self.part.rank + 1} of {series}" if self.part.split_by else series

    @property
    def names_agent(self) -> bool:
        """True when a header names a contrast agent."""
        return any(header.has_contrast for header in self.stack.headers)


@dataclass(frozen=True)
class OrderedPhase:
    """One phase: seconds after phase 0 where headers tell, and how its place was found."""

    source: TimedStack
    label: str
    time_s: float | None
    reason: str


def cluster(stacks: Sequence[TimedStack]) -> list[list[TimedStack]]:
    """Stacks of one protocol on one place, which can be time points of each other."""
    clusters: list[list[TimedStack]] = []
    for candidate in stacks:
        home = next((c for c in clusters if _repeats(c[0], candidate)), None)
        if home is None:
            clusters.append([candidate])
        else:
            home.append(candidate)
    return clusters


def is_dce(stacks: Sequence[TimedStack]) -> bool:
    """True for repeated T1-weighted gradient echoes with a sign of contrast: an agent, a name, or three time points."""
    if len(stacks) < 2 or not all(is_t1_gradient_echo(stack.first) for stack in stacks):
        return False
    named = any(DYNAMIC.search(stack.first.series_description) for stack in stacks)
    return named or len(stacks) >= 3 or any(stack.names_agent for stack in stacks)


def order_phases(stacks: Sequence[TimedStack], *, dynamic: bool) -> list[OrderedPhase]:
    """Phases in the order of time. Raises Defect when they do not share one grid."""
    _one_grid(stacks)
    if len(stacks) == 1:
        return [OrderedPhase(stacks[0], "single phase", None, "the only time point of its protocol")]
    ordered, times, clock = _in_time(stacks)
    labels = _labels(ordered, times) if dynamic else [f"time {n}" for n in range(len(ordered))]
    return [
        OrderedPhase(source, labels[n], times[n], _reason(ordered, n, times[n], clock, dynamic=dynamic))
        for n, source in enumerate(ordered)
    ]


def _repeats(one: TimedStack, other: TimedStack) -> bool:
    return one.part.kind == other.part.kind and _same_protocol(one.first, other.first) and _same_place(one, other)


def _same_protocol(a: Header, b: Header) -> bool:
    frames = {a.frame_of_reference, b.frame_of_reference} - {""}
    codes = ("scanning_sequence", "sequence_variant", "scan_options", "image_type")
    figures = ("repetition_ms", "echo_ms", "flip_deg")
    return (
        len(frames) <= 1
        and all(getattr(a, name) == getattr(b, name) for name in codes)
        and all(_close(getattr(a, name), getattr(b, name)) for name in figures)
    )


def _close(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return abs(a - b) <= 0.02 * max(abs(a), abs(b))


def _same_place(one: TimedStack, other: TimedStack) -> bool:
    """Same plane and pixels, starting beside each other, and sharing at least half of their depth."""
    a, b = one.stack.geometry, other.stack.geometry
    if a.shape_zyx[1:] != b.shape_zyx[1:] or not np.allclose(a.matrix[:3, 1:3], b.matrix[:3, 1:3], atol=1e-3):
        return False
    normal = np.cross(a.direction_zyx[:, 2], a.direction_zyx[:, 1])
    offset = b.matrix[:3, 3] - a.matrix[:3, 3]
    if np.linalg.norm(offset - (offset @ normal) * normal) > SAME_START_MM:
        return False
    start = float(offset @ normal)
    depths = [(g.shape_zyx[0] - 1) * g.spacing_zyx_mm[0] for g in (a, b)]
    shared = min(depths[0], start + depths[1]) - max(0.0, start)
    return shared >= 0.5 * max(depths)


def _one_grid(stacks: Sequence[TimedStack]) -> None:
    first = stacks[0]
    for other in stacks[1:]:
        if first.stack.geometry.same_grid(other.stack.geometry, tolerance_mm=SAME_GRID_MM):
            continue
        a, b = first.stack.geometry.shape_zyx[0], other.stack.geometry.shape_zyx[0]
        names = f"{first.part.series.name} has {a} slices and {other.part.series.name} has {b}"
        raise Defect(
            f"is a phase of one dynamic study with others, but their slices do not lie at the same places: {names}",
            SEND_ALL,
        )


def is_t1_gradient_echo(header: Header) -> bool:
    """True for what a time point of a dynamic study can be, as far as the header says anything."""
    gradient = not header.scanning_sequence or (
        "GR" in header.scanning_sequence and "EP" not in header.scanning_sequence
    )
    return gradient and (header.echo_ms is None or header.echo_ms <= T1_ECHO_LIMIT_MS) and not header.diffusion_b


def _in_time(stacks: Sequence[TimedStack]) -> tuple[list[TimedStack], list[float | None], str]:
    """Stacks in order, seconds after the first, and what told the order."""
    for clock in STACK_CLOCKS:
        found = clock.read([stack.stack.headers for stack in stacks])
        if found:
            order = sorted(range(len(stacks)), key=lambda n: found[n])
            times = [round(found[n] - found[order[0]], 3) for n in order]
            return [stacks[n] for n in order], [*times], clock.name
    ordered, told_by = _by_number(stacks)
    return ordered, [None] * len(ordered), told_by


def _by_number(stacks: Sequence[TimedStack]) -> tuple[list[TimedStack], str]:
    """Without a time: the order inside of one series, else that of the descriptions, else that of the series."""
    if len({stack.part.series.uid for stack in stacks}) == 1:
        return sorted(stacks, key=lambda s: s.part.rank), stacks[0].part.split_by
    ranks = [rank for stack in stacks if (rank := rank_of(stack.first.series_description)) is not None]
    if len(set(ranks)) == len(stacks):
        return [stack for _, stack in sorted(zip(ranks, stacks, strict=True), key=lambda p: p[0])], "series description"
    return sorted(stacks, key=lambda s: (s.part.series.first.series_number or 0, s.part.rank)), "series number"


def contrast_start_s(phases: Sequence[TimedStack]) -> float | None:
    """When contrast was first given, in seconds after the acquisition of phase 0 began; None where no header says."""
    start = first_of(phases[0].stack.headers, lambda h: h.acquired_s)
    given = [h.contrast_start_s for phase in phases for h in phase.stack.headers if h.contrast_start_s is not None]
    return None if start is None or not given else min(seconds_after(start, at) for at in set(given))


def phases_before(start_s: float | None, times: Sequence[float | None]) -> int:
    """How many phases began before contrast was given; 0 when that cannot be told or is not one of their gaps."""
    known = [at for at in times if at is not None]
    before = sum(at < start_s for at in known) if start_s is not None and len(known) == len(times) else 0
    return before if before < len(times) else 0


def _labels(ordered: Sequence[TimedStack], times: Sequence[float | None]) -> list[str]:
    """The phases before the first agent are pre-contrast, else those before its start; at least the first is."""
    agents = [stack.names_agent for stack in ordered]
    is_told = any(agents) and not all(agents)
    before = max(1, agents.index(True) if is_told else phases_before(contrast_start_s(ordered), times))
    first = ["pre-contrast"] if before == 1 else [f"pre-contrast {n + 1}" for n in range(before)]
    return first + [f"post-contrast {n + 1}" for n in range(len(ordered) - before)]


def _reason(ordered: Sequence[TimedStack], n: int, time_s: float | None, clock: str, *, dynamic: bool) -> str:
    if time_s is None:
        place = f"number {n + 1} of {len(ordered)} by {clock}; no header gives its time"
    else:
        place = f"first by {clock}" if n == 0 else f"{time_s:.0f} s after the first by {clock}"
    if not dynamic:
        return place
    return f"{place}; {'a' if ordered[n].names_agent else 'no'} contrast agent is named"
