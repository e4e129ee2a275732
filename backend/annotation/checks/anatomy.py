"""Rules on where structures lie and how large they are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, distance_transform_edt

from backend.annotation.checks.drawing import Drawing
from backend.annotation.checks.rules import Rule
from backend.annotation.checks.seen import Seen, counted, places_of, sentence

MOST_LOOKED_AT = 100
Box = tuple[slice, slice, slice]


def outside(drawing: Drawing, rule: Rule, label: int | None) -> Seen | None:
    """Pieces far from tissue, or mostly surrounded by labels that they cannot lie in; the largest hundred are seen."""
    if label is None:
        return None
    found = [
        int(piece) for piece in drawing.pieces_of_label(label)[:MOST_LOOKED_AT] if _is_outside(drawing, rule, piece)
    ]
    if not found:
        return None
    name = drawing.name(label)
    tissue = " or ".join(drawing.name(value) for value in rule.other("near"))
    text = (
        f"{sentence(counted(len(found), 'piece', 'pieces'))} of {name} {'lies' if len(found) == 1 else 'lie'} outside "
        f"the breast: over {rule.figure('max_mm'):g} mm from {tissue or 'tissue'}, or inside muscle, bone or an organ."
    )
    advice = f"Remove it where it is no {name}; tick this where it lies in fat, far from other tissue."
    return Seen(label, len(found), text, advice, places_of(drawing, drawing.pieces.place[found]))


def side(drawing: Drawing, rule: Rule, label: int | None) -> Seen | None:
    """The centre of a label beyond the middle of the picture on the patient's right (LPS x falls to the right)."""
    if label is None or drawing.voxels[label] == 0:
        return None
    shape = np.asarray(drawing.labels.shape)
    width_mm = float(np.abs(drawing.geometry.matrix[0, :3] * shape).sum())
    if width_mm < rule.figure("min_width_mm"):
        return None
    centre = _centre(drawing, label)
    middle = (shape - 1) / 2
    beyond = float((drawing.geometry.position_lps(middle) - drawing.geometry.position_lps(centre))[0])
    if beyond <= rule.figure("margin_mm"):
        return None
    name = drawing.name(label)
    text = f"The {name} lies on the patient's right, {beyond:.0f} mm from the middle of the picture."
    advice = f"Look whether the {name} is drawn as the liver, or the volume is mirrored; tick this for dextrocardia."
    largest = drawing.pieces_of_label(label)[:1]
    return Seen(label, 1, text, advice, places_of(drawing, drawing.pieces.place[largest]))


def size(drawing: Drawing, rule: Rule, label: int | None) -> Seen | None:
    """The largest piece of a label is out of the range of such structures."""
    if label is None or drawing.voxels[label] == 0:
        return None
    largest = drawing.pieces_of_label(label)[:1]
    ml = float(drawing.pieces.voxels[largest[0]] * drawing.geometry.voxel_volume_mm3 / 1000)
    low, high = rule.figure("min_ml"), rule.figure("max_ml")
    if low <= ml <= high:
        return None
    name = drawing.name(label)
    bound = f"under {low:g} ml" if ml < low else f"over {high:g} ml"
    text = f"The largest {name} has {_volume(ml)}: {bound}, which is unusual."
    advice = f"Look whether all of it is {name}, and whether it is drawn in full."
    return Seen(label, 1, text, advice, places_of(drawing, drawing.pieces.place[largest]))


def _volume(ml: float) -> str:
    return f"{ml:.0f} ml" if ml >= 100 else f"{ml:.3g} ml"


def _is_outside(drawing: Drawing, rule: Rule, piece: np.intp | int) -> bool:
    spacing = drawing.geometry.spacing_zyx_mm
    margin = tuple(int(np.ceil(rule.figure("max_mm") / step)) + 1 for step in spacing)
    voxels = drawing.voxels_of_piece(int(piece))
    box: Box = _box(voxels, margin, drawing.labels.shape)
    here = np.zeros(tuple(side.stop - side.start for side in box), dtype=np.bool_)
    here[tuple(axis - side.start for axis, side in zip(voxels, box, strict=True))] = True
    around = drawing.labels[box]
    return _is_inside(here, around, rule.other("avoid")) or _is_far(drawing, here, around, rule)


def _is_far(drawing: Drawing, here: NDArray[np.bool_], around: NDArray[np.uint8], rule: Rule) -> bool:
    """No tissue within reach; never where no tissue is drawn at all, which another rule tells."""
    near = rule.other("near")
    if not any(drawing.voxels[value] for value in near):
        return False
    tissue = np.isin(around, near)
    if not tissue.any():
        return True
    distance_mm = distance_transform_edt(~here, sampling=drawing.geometry.spacing_zyx_mm)
    return bool(distance_mm[tissue].min() > rule.figure("max_mm"))


def _is_inside(here: NDArray[np.bool_], around: NDArray[np.uint8], avoid: tuple[int, ...]) -> bool:
    """Over half of the voxels at the faces of a piece have labels to avoid."""
    shell = binary_dilation(here) & ~here
    return bool(np.isin(around[shell], avoid).sum() * 2 > shell.sum())


def _box(voxels: tuple[NDArray[np.int64], ...], margin: tuple[int, ...], shape: tuple[int, ...]) -> Box:
    z, y, x = (
        slice(max(0, int(axis.min()) - m), min(length, int(axis.max()) + m + 1))
        for axis, m, length in zip(voxels, margin, shape, strict=True)
    )
    return z, y, x


def _centre(drawing: Drawing, label: int) -> tuple[float, float, float]:
    """Mean index (z, y, x) of a label's voxels."""
    runs = drawing.runs
    mine = np.flatnonzero(runs.value == label)
    length = runs.length[mine]
    _, height, width = drawing.labels.shape
    x = runs.start[mine] % width + (length - 1) / 2
    z, y, x_mean = (
        float(np.average(axis, weights=length)) for axis in (runs.row[mine] // height, runs.row[mine] % height, x)
    )
    return z, y, x_mean
