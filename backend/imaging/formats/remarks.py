"""What a person should look at in a volume that came in. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from backend.imaging.formats.masks import Target
from backend.imaging.formats.npy import ASSUMED, MEASURE_NOTHING
from backend.imaging.formats.padding import Kept
from backend.imaging.formats.quality import doubts_about
from backend.imaging.formats.volumes import LOOK, PlannedVolume
from backend.imaging.reading.messages import Fault


def remarks_on(volume: PlannedVolume, target: Target) -> Iterator[Fault]:
    """Doubts about phases and geometry, and what was taken away."""
    subject = "the DCE volume" if volume.is_dce else f"the volume of {volume.first.subject}"
    for remark in volume.remarks:
        yield Fault(subject, remark, LOOK)
    sources = {phase.source.place: phase.source for phase in volume.phases}
    for source in sources.values():
        for remark in source.layout.remarks:
            yield Fault(source.subject, remark, "Check its position against another program.")
    if volume.first.named.kind == "npy":
        yield Fault(subject, ASSUMED, MEASURE_NOTHING)
    else:
        for message, action in doubts_about(target.stored, volume.first.named.words):
            yield Fault(subject, message, action)
    if target.kept:
        yield from _padding(subject, target.kept)


def _padding(subject: str, kept: Kept) -> Iterator[Fault]:
    if kept.removed:
        before, behind = kept.first, kept.slices - 1 - kept.last
        removed = f"had {kept.removed} of {kept.slices} slices blank at its ends ({before} first, {behind} last)"
        yield Fault(subject, f"{removed}: they were removed from images and label maps alike", "")
    if kept.inside:
        where = "between others, which stay: without them their neighbours would seem to touch"
        yield Fault(subject, f"has {kept.inside} blank slices {where}", "Check the slices there.")
