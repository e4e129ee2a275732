"""One series into parts that hold each slice position once: echoes and the like apart, then time points. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from backend.imaging.dicom.clocks import IMAGE_CLOCKS, ImageClock
from backend.imaging.dicom.faults import Defect
from backend.imaging.dicom.grouping import SeriesFiles
from backend.imaging.dicom.headers import Header
from backend.imaging.dicom.stacks import MIN_SLICES, SAME_PLACE_MM, SPLIT_SERIES, depths_mm

KINDS: tuple[tuple[str, Callable[[Header], Hashable]], ...] = (
    ("echo", lambda h: None if h.echo_ms is None else round(h.echo_ms, 2)),
    ("b-value", lambda h: h.diffusion_b),
    ("image type", lambda h: " ".join(h.image_type)),
)
RANKING = {"acquisition time", "trigger time", "content time"}  # where each slice has a time of its own


@dataclass(frozen=True)
class Part:
    """Images of one series that form one stack.

    kind: what sets it apart from other stacks of its series, such as `echo 2.3`; empty when nothing does.
    split_by: header by which the time points of the series were told apart; empty when there is one.
    rank: place among the time points of its series, from 0.
    """

    series: SeriesFiles
    headers: tuple[Header, ...]
    kind: str = ""
    split_by: str = ""
    rank: int = 0


def split_series(series: SeriesFiles, images: Sequence[Header]) -> list[Part]:
    """Images of a series as parts in the order of time. Raises Defect when no header tells images of a place apart."""
    parts = []
    for stack, members in _by_stack(images):
        for kind, headers in _by_kind(members):
            whole = Part(series, tuple(headers), "; ".join(word for word in (stack, kind) if word))
            parts += [whole] if max(_counts(headers)) == 1 else _by_time(whole)
    return parts


def _by_stack(images: Sequence[Header]) -> list[tuple[str, Sequence[Header]]]:
    """Images by the stack that a multi-frame file puts them in, where those lie at different places.

    Some writers number time points or single slices as stacks; these stay together here.
    """
    stacks: dict[str, list[Header]] = defaultdict(list)
    for image in images:
        stacks[image.stack_id].append(image)
    planes = {tuple(round(cosine, 3) for cosine in image.orientation) for image in images}
    places = len({(image.position_lps, image.orientation) for image in images})
    apart = sum(len({image.position_lps for image in members}) for members in stacks.values())
    alone = min(len(members) for members in stacks.values()) < MIN_SLICES
    if len(stacks) == 1 or alone or (len(planes) == 1 and apart != places):
        return [("", images)]
    return [(f"stack {n}", members) for n, (_, members) in enumerate(sorted(stacks.items()), start=1)]


def _counts(headers: Sequence[Header]) -> list[int]:
    """How many images there are at each position along the normal."""
    return list(Counter(_places(headers)).values())


def _places(headers: Sequence[Header]) -> list[int]:
    """Number of the slice position of each image, counted along the normal."""
    depths = depths_mm(headers)
    order = np.argsort(depths, kind="stable")
    steps = np.diff(depths[order], prepend=depths[order[:1]]) > SAME_PLACE_MM
    places = np.empty(len(depths), dtype=int)
    places[order] = np.cumsum(steps)
    return [int(place) for place in places]


def _by_kind(headers: Sequence[Header]) -> list[tuple[str, list[Header]]]:
    if max(_counts(headers)) == 1:
        return [("", list(headers))]
    telling = [(name, key) for name, key in KINDS if len({key(header) for header in headers}) > 1]
    groups: dict[tuple[Hashable, ...], list[Header]] = defaultdict(list)
    for header in headers:
        groups[tuple(key(header) for _, key in telling)].append(header)
    named = zip(
        ("; ".join(f"{n} {v}" for (n, _), v in zip(telling, key, strict=True)) for key in groups),
        groups.values(),
        strict=True,
    )
    return sorted(named, key=lambda pair: pair[0])


def _by_time(whole: Part) -> list[Part]:
    expected = max(_counts(whole.headers))
    for clock in IMAGE_CLOCKS:
        groups = _groups(whole.headers, clock)
        if len(groups) == expected and all(max(_counts(group)) == 1 for group in groups):
            return _parts(whole, groups, clock.name)
    return _parts(whole, _by_rank(whole.headers, expected), "order in time at each position")


def _groups(headers: Sequence[Header], clock: ImageClock) -> list[list[Header]]:
    """Images by the clock's value, in rising order; none when an image lacks it."""
    groups: dict[float, list[Header]] = defaultdict(list)
    for header, at in zip(headers, clock.read(headers), strict=False):
        groups[at].append(header)
    return [groups[at] for at in sorted(groups)]


def _by_rank(headers: Sequence[Header], expected: int) -> list[list[Header]]:
    at_place: dict[int, list[Header]] = defaultdict(list)
    for header, place in zip(headers, _places(headers), strict=True):
        at_place[place].append(header)
    short = sum(len(images) != expected for images in at_place.values())
    if short:
        raise Defect(f"has {short} of {len(at_place)} positions with fewer than {expected} images", SPLIT_SERIES)
    ordered = [_ranked(images) for images in at_place.values()]
    if not all(ordered):
        raise Defect(
            f"has {expected} images at each of {len(at_place)} positions, and no header tells them apart", SPLIT_SERIES
        )
    return [[images[rank] for images in ordered] for rank in range(expected)]


def _ranked(images: list[Header]) -> list[Header]:
    """Images of one position in the order of time; none when two have the same."""
    columns = [clock.read(images) or [0.0] * len(images) for clock in IMAGE_CLOCKS if clock.name in RANKING]
    times = list(zip(*columns, strict=True))
    if len(set(times)) < len(times):
        return []
    return [image for _, image in sorted(zip(times, images, strict=True), key=lambda pair: pair[0])]


def _parts(whole: Part, groups: Sequence[Sequence[Header]], split_by: str) -> list[Part]:
    return [replace(whole, headers=tuple(g), split_by=split_by, rank=rank) for rank, g in enumerate(groups)]
