"""Rules on what is drawn at all, and on which slices."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from backend.annotation.checks.drawing import Drawing
from backend.annotation.checks.finding import MOST_PLACES, Place
from backend.annotation.checks.rules import Rule
from backend.annotation.checks.seen import Seen, counted, sentence


def nothing(drawing: Drawing, rule: Rule, label: int | None) -> Seen | None:  # noqa: ARG001 - all rules are called alike
    """The drawing is empty."""
    if drawing.labels.any():
        return None
    advice = "Draw what is to be seen. Where there is nothing to draw, ask a manager to withdraw the case."
    return Seen(None, 1, "Nothing is drawn in this case.", advice)


def undrawn(drawing: Drawing, rule: Rule, label: int | None) -> Seen | None:  # noqa: ARG001 - all rules are called alike
    """Slices that were asked for and carry nothing."""
    depth, height, width = drawing.labels.shape
    empty = [z for z in sorted(drawing.asked or ()) if z < depth and not drawing.slices_by_label[1:, z].any()]
    if not empty:
        return None
    text = f"{sentence(counted(len(empty), 'slice', 'slices'))} that you were asked to draw {_is(empty)} empty."
    places = tuple((z, height // 2, width // 2) for z in empty[:MOST_PLACES])
    return Seen(None, len(empty), text, "Draw in it, or tick this where there is truly nothing to draw.", places)


def missing(drawing: Drawing, rule: Rule, label: int | None) -> Seen | None:  # noqa: ARG001 - all rules are called alike
    """A label that every whole volume has; chosen slices need not have it."""
    if label is None or drawing.asked is not None or drawing.voxels[label] > 0:
        return None
    name = drawing.name(label)
    return Seen(label, 1, f"No {name} is drawn.", f"Draw the {name}, or tick this where none is in the picture.")


def skipped(drawing: Drawing, rule: Rule, label: int | None) -> Seen | None:
    """Short gaps along z between slices where a label lies over itself; of chosen slices only those asked for."""
    if label is None:
        return None
    z_drawn = np.flatnonzero(drawing.slices_by_label[label])
    slices: list[int] = []
    places: list[Place] = []
    for below, above in pairwise(z_drawn.tolist()):
        gap = [z for z in range(below + 1, above) if drawing.asked is None or z in drawing.asked]
        if not gap or above - below - 1 > rule.figure("max_slices"):
            continue
        spot = _overlap(drawing, label, below, above)
        if spot is not None:
            slices += gap
            places += [(z, *spot) for z in gap]
    if not slices:
        return None
    text = (
        f"{sentence(counted(len(slices), 'slice', 'slices'))} without {drawing.name(label)} "
        f"{'lies' if len(slices) == 1 else 'lie'} between slices that have it at the same place."
    )
    return Seen(
        label, len(slices), text, "Draw it there, or interpolate between the slices.", tuple(places[:MOST_PLACES])
    )


def _overlap(drawing: Drawing, label: int, below: int, above: int) -> tuple[int, int] | None:
    """A pixel (y, x) that has the label in both slices, in the middle of all of them."""
    y, x = np.nonzero((drawing.labels[below] == label) & (drawing.labels[above] == label))
    return None if y.size == 0 else (int(y[y.size // 2]), int(x[y.size // 2]))


def _is(items: list[int]) -> str:
    return "is" if len(items) == 1 else "are"
