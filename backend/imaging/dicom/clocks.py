"""Times by which images and stacks are put in order. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backend.imaging.dicom.attributes import DAY_S
from backend.imaging.dicom.headers import Header

NIGHT_S = 6 * 3600.0  # a study that went over midnight lies within this of it on both sides


def over_midnight(times: Sequence[float]) -> list[float]:
    """Times of one day, of which the early ones belong to the next when others are late: no date told them apart."""
    if not times or len({at // DAY_S for at in times}) > 1:
        return list(times)
    of_day = [at % DAY_S for at in times]
    late, early = [at >= DAY_S - NIGHT_S for at in of_day], [at < NIGHT_S for at in of_day]
    if not (any(late) and any(early) and all(a or b for a, b in zip(late, early, strict=True))):
        return list(times)
    return [at + DAY_S if is_early else at for at, is_early in zip(times, early, strict=True)]


@dataclass(frozen=True)
class ImageClock:
    """A header by which images of one position can be told apart. is_time: seconds, of a day where no date is given."""

    name: str
    of: Callable[[Header], float | None]
    is_time: bool = False

    def read(self, images: Sequence[Header]) -> list[float]:
        """One value for each image; empty when an image lacks it."""
        found = [at for image in images if (at := self.of(image)) is not None]
        if len(found) < len(images):
            return []
        return over_midnight(found) if self.is_time else found


IMAGE_CLOCKS = (
    ImageClock("temporal position", lambda h: h.temporal_position),
    ImageClock("temporal position offset", lambda h: h.offset_s),
    ImageClock("acquisition time", lambda h: h.acquired_s, is_time=True),
    ImageClock("trigger time", lambda h: h.trigger_ms),
    ImageClock("acquisition number", lambda h: h.acquisition_number),
    ImageClock("content time", lambda h: h.content_s, is_time=True),
)


@dataclass(frozen=True)
class StackClock:
    """A header that gives the time of a whole stack, in seconds; `earliest` gets the images of one stack."""

    name: str
    earliest: Callable[[Sequence[Header]], float | None]

    def read(self, stacks: Sequence[Sequence[Header]]) -> list[float]:
        """Seconds of each stack from one moment; empty when one has none, or two have the same."""
        found = [at for images in stacks if (at := self.earliest(images)) is not None]
        if len(found) < len(stacks) or len(set(found)) < len(found):
            return []
        return over_midnight(found)


def first_of(images: Sequence[Header], of: Callable[[Header], float | None]) -> float | None:
    """The earliest time among the images that give one."""
    return min(over_midnight([at for image in images if (at := of(image)) is not None]), default=None)


def _acquired(images: Sequence[Header]) -> float | None:
    return first_of(images, lambda h: h.acquired_s)


def _delay(images: Sequence[Header]) -> float | None:
    milliseconds = [h.trigger_ms for h in images if h.trigger_ms is not None]
    return min(milliseconds) / 1000 if milliseconds else None


def _triggered(images: Sequence[Header]) -> float | None:
    """Start of the acquisition and the delay after it; a stack without delay began with the acquisition."""
    start = _acquired(images)
    return None if start is None else start + (_delay(images) or 0.0)


STACK_CLOCKS = (
    StackClock("acquisition time", _acquired),
    StackClock("trigger time", _triggered),
    StackClock("trigger time", _delay),
    StackClock("temporal position offset", lambda images: first_of(images, lambda h: h.offset_s)),
    StackClock("content time", lambda images: first_of(images, lambda h: h.content_s)),
    StackClock("series time", lambda images: first_of(images, lambda h: h.series_s)),
)


def seconds_after(start_s: float, of_day_s: float) -> float:
    """From a moment to the time of day nearest to it, within half a day before or after."""
    return (of_day_s - start_s % DAY_S + DAY_S / 2) % DAY_S - DAY_S / 2
