"""Images computed voxel by voxel from the phases of a DCE volume, on its grid.

DCE-in and DCE-out are named after Hirsch et al., Radiology: Artificial Intelligence 2022;4(1):e200231. Ours are in
scanner units and are not normalised; what that article divides by belongs to a network's own preparation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ml.contracts import Channel

Image = NDArray[np.float32]

SECONDS_PER_MINUTE = 60.0
PERCENT_RANGE = (-100.0, 1000.0)
"""Relative enhancement is cut to this range: beyond it the earlier phase holds noise rather than tissue."""


class Kind(Enum):
    """What is computed."""

    PHASE = "phase"
    SUBTRACTION = "subtraction"
    PERCENT = "percent"
    DCE_IN = "dce_in"
    DCE_OUT = "dce_out"


@dataclass(frozen=True)
class Recipe:
    """A channel by name: `phase1`, `phase2-phase0`, `phase2-phase0-percent`, `dce_in` or `dce_out`.

    The first two are those of `ml.contracts.Channel`, by the same names. channel: None for DCE-in and DCE-out.
    """

    kind: Kind
    channel: Channel | None = None

    @property
    def name(self) -> str:
        """Short name, fit for an address; `recipe` gives the recipe back."""
        if self.channel is None:
            return self.kind.value
        return f"{self.channel.name}-percent" if self.kind is Kind.PERCENT else self.channel.name


_NAME = re.compile(r"phase(\d{1,3})(?:-phase(\d{1,3})(-percent)?)?")


def recipe(name: str) -> Recipe:
    """Recipe of a name. Raises ValueError for one that names no channel."""
    if name in {Kind.DCE_IN.value, Kind.DCE_OUT.value}:
        return Recipe(Kind(name))
    found = _NAME.fullmatch(name)
    if found is None:
        raise ValueError(f"unknown channel {name[:40]!r}: need phase1, phase2-phase0, phase2-phase0-percent, dce_in …")
    phase, minus, percent = found.groups()
    if minus is None:
        return _exact(Recipe(Kind.PHASE, Channel(int(phase))), name)
    kind = Kind.PERCENT if percent else Kind.SUBTRACTION
    return _exact(Recipe(kind, Channel(int(phase), int(minus))), name)


def _exact(made: Recipe, name: str) -> Recipe:
    """One channel has one name: `phase01` is none. Nor is anything minus itself."""
    if made.name != name or (made.channel is not None and made.channel.phase == made.channel.minus):
        raise ValueError(f"unknown channel {name[:40]!r}")
    return made


@dataclass(frozen=True)
class Timing:
    """When the phases of a volume were taken: seconds after phase 0, None where unknown.

    precontrast: how many phases come before the contrast agent, at least 1.
    """

    times_s: tuple[float | None, ...]
    precontrast: int = 1

    @property
    def post(self) -> tuple[int, ...]:
        """Phases after contrast."""
        return tuple(range(self.precontrast, len(self.times_s)))

    @property
    def post_minutes(self) -> tuple[float, ...] | None:
        """Minutes of the phases after contrast; None unless all are known and rise."""
        times = [self.times_s[index] for index in self.post]
        known = [t for t in times if t is not None]
        if len(known) < len(times) or any(b <= a for a, b in pairwise(known)):
            return None
        return tuple(t / SECONDS_PER_MINUTE for t in known)


def phases_used(made: Recipe, timing: Timing) -> tuple[int, ...]:
    """Phases that the channel is computed from. Raises ValueError when the volume has too few."""
    if made.kind is Kind.DCE_OUT:
        if len(timing.post) < 2:
            raise ValueError("the wash-out slope needs two phases after contrast")
        return timing.post
    if made.kind is Kind.DCE_IN:
        if not timing.post:
            raise ValueError("the initial enhancement needs a phase before and one after contrast")
        return 0, timing.post[0]
    channel = made.channel or Channel(0)
    if channel.last_phase >= len(timing.times_s):
        raise ValueError(f"there is no phase {channel.last_phase}: the volume has {len(timing.times_s)}")
    return (channel.phase,) if channel.minus is None else (channel.phase, channel.minus)


def compute(made: Recipe, phases: Mapping[int, Image], timing: Timing, *, floor: float = 0.0) -> Image:
    """The channel (Z, Y, X) from scanner values (Z, Y, X) by phase; slices may be given in parts.

    floor: of relative enhancement, see `relative_enhancement`.
    """
    used = [phases[index] for index in phases_used(made, timing)]
    if made.kind is Kind.DCE_OUT:
        return washout_slope(used, timing.post_minutes)
    if made.kind is Kind.DCE_IN:
        return initial_enhancement(*used)
    if made.kind is Kind.PERCENT:
        return relative_enhancement(*used, floor=floor)
    return subtraction(*used) if made.kind is Kind.SUBTRACTION else used[0]


def subtraction(minuend: Image, subtrahend: Image) -> Image:
    """Difference (Z, Y, X) of two phases in scanner units."""
    return np.subtract(minuend, subtrahend, dtype=np.float32)


def initial_enhancement(pre: Image, first_post: Image) -> Image:
    """DCE-in: first post-contrast phase minus phase 0, in scanner units."""
    return subtraction(first_post, pre)


def relative_enhancement(post: Image, pre: Image, *, floor: float = 0.0) -> Image:
    """Enhancement in percent of `pre`, cut to `PERCENT_RANGE`; 0 where pre is not above `floor` (air, noise)."""
    tissue = pre > floor
    percent = np.zeros(pre.shape, dtype=np.float32)
    np.divide((post - pre) * np.float32(100), pre, out=percent, where=tissue)
    return np.clip(percent, *PERCENT_RANGE, out=percent)


def washout_slope(posts: Sequence[Image], minutes: Sequence[float] | None) -> Image:
    """DCE-out: least-squares slope of the post-contrast phases over time, per voxel; negative is wash-out.

    Scanner units per minute; with minutes=None scanner units per phase. Phases may be spaced unevenly.
    """
    at = np.arange(len(posts), dtype=np.float64) if minutes is None else np.asarray(minutes, dtype=np.float64)
    if len(posts) < 2 or at.shape != (len(posts),):
        raise ValueError(f"need two phases or more and a time for each, got {len(posts)} and {at.shape}")
    centred = at - at.mean()
    weights = (centred / np.square(centred).sum()).astype(np.float32)
    slope = np.zeros(posts[0].shape, dtype=np.float32)
    for weight, post in zip(weights, posts, strict=True):
        slope += weight * post
    return slope


class Projections:
    """Maximum intensity projections of a volume (Z, Y, X) along z, y and x, from slices as they come."""

    def __init__(self, shape_zyx: tuple[int, int, int]) -> None:
        size_z, size_y, size_x = shape_zyx
        self.along_z = np.full((size_y, size_x), -np.inf, dtype=np.float32)
        self.along_y = np.full((size_z, size_x), -np.inf, dtype=np.float32)
        self.along_x = np.full((size_z, size_y), -np.inf, dtype=np.float32)

    def add(self, start: int, slices: Image) -> None:
        """Take in slices (n, Y, X) that begin with slice `start`."""
        np.maximum(self.along_z, slices.max(axis=0), out=self.along_z)
        self.along_y[start : start + len(slices)] = slices.max(axis=1)
        self.along_x[start : start + len(slices)] = slices.max(axis=2)


def maximum_projection(volume: Image, axis: int) -> Image:
    """Maximum (two axes left of z, y, x) along one axis of a volume (Z, Y, X)."""
    projection: Image = volume.max(axis=axis)
    return projection
