"""What can be derived of a volume, and all that decides the voxels of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from backend.core.errors import InvalidInput
from backend.imaging.models import Phase
from ml.preprocessing.channels import Kind, Recipe, Timing, phases_used, recipe

VERSION = 1
FLOOR_SHARE = 0.05  # of the earlier phase's 99.5th percentile: below lies air, whose relative enhancement is noise
PRECONTRAST = "pre-contrast"


def timing_of(phases: Sequence[Phase]) -> Timing:
    """Times of a volume's phases in order; the ones before contrast are those that are called so."""
    before = 0
    while before < len(phases) and phases[before].label.startswith(PRECONTRAST):
        before += 1
    return Timing(tuple(phase.time_s for phase in phases), max(1, before))


def digest_of(phase: Phase) -> str:
    """Hash of a phase's voxels in scanner values."""
    content = [phase.codec, phase.slices_per_chunk, phase.chunks, phase.slope, phase.intercept]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def floor_of(phases: Sequence[Phase], made: Recipe) -> float:
    """Scanner value that the earlier phase must pass for a relative enhancement; 0 for other channels."""
    if made.kind is not Kind.PERCENT or made.channel is None:
        return 0.0
    pre = phases[made.channel.minus or 0]
    return FLOOR_SHARE * max(0.0, pre.window_high * pre.slope + pre.intercept)


def parameters_of(phases: Sequence[Phase], key: str) -> dict[str, Any]:
    """All that decides the channel's voxels. Raises InvalidInput when the phases do not give it."""
    try:
        made, timing = recipe(key), timing_of(phases)
        used = phases_used(made, timing)
    except ValueError as error:
        raise InvalidInput(f"This channel cannot be derived: {error}.") from error
    parameters: dict[str, Any] = {
        "version": VERSION,
        "phases": {str(index): digest_of(phases[index]) for index in used},
        "precontrast": timing.precontrast,
    }
    if made.kind is Kind.DCE_OUT:
        minutes = timing.post_minutes
        parameters["minutes"] = None if minutes is None else list(minutes)
    if made.kind is Kind.PERCENT:
        parameters["floor"] = floor_of(phases, made)
    return parameters


def usual_keys(phases: Sequence[Phase]) -> list[str]:
    """Keys that a viewer offers: each phase, each later phase less the first, DCE-in, DCE-out, and percentages."""
    later = range(1, len(phases))
    keys = [f"phase{index}" for index in range(len(phases))]
    keys += [f"phase{index}-phase0" for index in later]
    timing = timing_of(phases)
    keys += ["dce_in"] if timing.post else []
    keys += ["dce_out"] if len(timing.post) > 1 else []
    return keys + [f"phase{index}-phase0-percent" for index in later]


def name_of(phases: Sequence[Phase], key: str) -> str:
    """Name for people."""
    made = recipe(key)
    if made.kind is Kind.DCE_IN:
        return "Initial enhancement (DCE-in)"
    if made.kind is Kind.DCE_OUT:
        return "Wash-out slope (DCE-out)"
    names = [phases[index].label or f"phase {index}" for index in phases_used(made, timing_of(phases))]
    if made.kind is Kind.PERCENT:
        return f"{names[0]} against {names[1]}, %"
    return " − ".join(names)


def unit_of(phases: Sequence[Phase], key: str) -> str:
    """Unit of the scanner values: empty for the scanner's own."""
    kind = recipe(key).kind
    if kind is Kind.DCE_OUT:
        return "per minute" if timing_of(phases).post_minutes else "per phase"
    return "%" if kind is Kind.PERCENT else ""


def remark_of(phases: Sequence[Phase], key: str) -> str:
    """What one must know to read it; mostly empty."""
    if recipe(key).kind is Kind.DCE_OUT and timing_of(phases).post_minutes is None:
        return "The times of the phases are not known or do not rise, so the slope is per phase, not per minute."
    return ""
