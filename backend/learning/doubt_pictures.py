"""Where a model was unsure, as a picture: the most doubtful slice with the doubt in colour on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.accounts.models import User
from backend.core import blobs
from backend.core.errors import NotFound
from backend.imaging.models import Volume
from backend.imaging.pictures import grey, png, view_along
from backend.imaging.stored import load_slices
from backend.learning.doubts import doubt_for
from backend.learning.models import CaseScore
from ml.query.doubt_map import block_size, unpacked

FULL_AT = 0.5
"""Doubt that is shown in full colour; blocks of a coarse map hardly ever reach more."""
MOST_OPAQUE = 0.8
RAMP = np.array([(40, 11, 84), (159, 42, 99), (229, 92, 48), (252, 195, 65), (252, 255, 164)], np.float32)
"""From little doubt to much, in steps of equal lightness (matplotlib's inferno without its black)."""


def doubt_picture(user: User, task_id: int) -> bytes:
    """PNG of a visible task's most doubtful slice. Raises NotFound where no doubt may be shown or none was kept."""
    told = doubt_for(user, task_id)
    score = (
        CaseScore.objects.filter(model_version=told.model_version_id, volume=told.volume_id)
        .exclude(doubt_map="")
        .select_related("volume")
        .first()
        if told is not None
        else None
    )
    if told is None or score is None or not told.slice_entropy:
        raise NotFound("There is no picture of a model's doubt of this case.")
    z = int(np.argmax(told.slice_entropy))
    doubt = doubt_of_slice(unpacked(blobs.get(score.doubt_map)), score.volume.shape_zyx, z)
    view = view_along(score.volume.geometry, 0)
    return png(view.turned(coloured(_slice(score.volume, z), doubt)), view.spacing_mm)


def doubt_of_slice(shades: NDArray[np.uint8], shape_zyx: tuple[int, int, int], z: int) -> NDArray[np.float32]:
    """Doubt (Y, X) from 0 to 1 of one slice, of a coarse map of a volume; smooth between the map's blocks."""
    block_z, *blocks = (block_size(size) for size in shape_zyx)
    plane = shades[z // block_z]
    rows, columns = (n * block for n, block in zip(plane.shape, blocks, strict=True))
    fine = Image.fromarray(plane).resize((columns, rows), Image.Resampling.BILINEAR)
    doubt: NDArray[np.float32] = np.asarray(fine, np.float32)[: shape_zyx[1], : shape_zyx[2]] / np.float32(255)
    return doubt


def coloured(shown: NDArray[np.uint8], doubt: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Grey (Y, X) with doubt (Y, X) over it in colour (Y, X, 3); where there is no doubt the grey stays as it is."""
    strength = np.clip(doubt / FULL_AT, 0, 1)
    steps = strength * (len(RAMP) - 1)
    below = np.minimum(steps.astype(int), len(RAMP) - 2)
    part = (steps - below)[..., None]
    colour = RAMP[below] * (1 - part) + RAMP[below + 1] * part
    opacity = (strength * MOST_OPAQUE)[..., None]
    mixed: NDArray[np.uint8] = np.rint(shown[..., None] * (1 - opacity) + colour * opacity).astype(np.uint8)
    return mixed


def _slice(volume: Volume, z: int) -> NDArray[np.uint8]:
    """Grey (Y, X) of the first phase after contrast, else of the only one."""
    phases = list(volume.phases.order_by("index")[:2])
    if not phases:
        raise NotFound("The volume has no images.")
    return grey(load_slices(phases[-1], volume.shape_zyx, z, z + 1)[0], (phases[-1].window_low, phases[-1].window_high))
