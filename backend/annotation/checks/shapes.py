"""Rules on pieces that are too small, and on holes."""

from __future__ import annotations

import numpy as np

from backend.annotation.checks.drawing import Drawing
from backend.annotation.checks.holes import Holes
from backend.annotation.checks.rules import Rule
from backend.annotation.checks.seen import Seen, counted, places_of, sentence


def specks(drawing: Drawing, rule: Rule, label: int | None) -> Seen | None:
    """Pieces of a label under a volume, but for its largest one; the largest specks first."""
    if label is None:
        return None
    mm3 = drawing.geometry.voxel_volume_mm3
    numbers = drawing.pieces_of_label(label)[1:]
    small = numbers[drawing.pieces.voxels[numbers] * mm3 < rule.figure("min_mm3")]
    if small.size == 0:
        return None
    largest = float(drawing.pieces.voxels[small[0]] * mm3)
    size = f"of {largest:.2g} mm³" if small.size == 1 else f"of up to {largest:.2g} mm³"
    text = f"{sentence(counted(int(small.size), 'speck', 'specks'))} of {drawing.name(label)}, {size}."
    advice = "Remove what is a slip of the hand (Islands, remove small), or draw it in full."
    return Seen(label, int(small.size), text, advice, places_of(drawing, drawing.pieces.place[small]))


def holes(drawing: Drawing, rule: Rule, label: int | None) -> Seen | None:
    """Unlabelled voxels that a label encloses on all sides."""
    return None if label is None else _holes(drawing, rule, label, drawing.holes, "inside")


def slice_holes(drawing: Drawing, rule: Rule, label: int | None) -> Seen | None:
    """Unlabelled voxels that a label surrounds within a slice."""
    return None if label is None else _holes(drawing, rule, label, drawing.slice_holes, "in single slices of")


def _holes(drawing: Drawing, rule: Rule, label: int, holes: Holes, where: str) -> Seen | None:
    """Largest first."""
    mm3 = drawing.geometry.voxel_volume_mm3
    mine = np.flatnonzero((holes.label == label) & (holes.voxels * mm3 >= rule.figure("min_mm3")))
    if mine.size == 0:
        return None
    mine = mine[np.argsort(-holes.voxels[mine], kind="stable")]
    ml = float(holes.voxels[mine].sum() * mm3 / 1000)
    text = (
        f"{sentence(counted(int(mine.size), 'hole', 'holes'))} {where} the {drawing.name(label)}, {ml:.2g} ml in all."
    )
    return Seen(
        label,
        int(mine.size),
        text,
        "Fill it (Fill holes), or give it the label it has.",
        places_of(drawing, holes.place[mine]),
    )
