"""What is stored of each file as a series, in our own words. Pure, given the key."""

from __future__ import annotations

from backend.imaging.dicom.keys import Key
from backend.imaging.formats.layout import Layout
from backend.imaging.formats.opening import Member, Opened
from backend.imaging.reading.messages import BuiltSeries

IMAGE, MASK = "MR", "SEG"
LABEL_MAP = "a label map, not an image"


def uid_of(key: Key, modality: str, digest: str) -> str:
    """By content (sha256), so that the same file is known again under another name."""
    return key.uid(f"{modality} file\x1f{digest}")


def content_key(key: Key, digest: str) -> str:
    """`instances_key` of a file."""
    return key.digest("instances", digest)


def image_row(image: Opened, digest: str, not_drawn_on: str, key: Key) -> BuiltSeries:
    """The row of an image."""
    layout = image.layout
    return BuiltSeries(
        uid=uid_of(key, IMAGE, digest),
        number=image.place + 1,
        modality=IMAGE,
        description=description_of(image),
        instances=1,
        instances_key=content_key(key, digest),
        not_drawn_on=not_drawn_on,
        attributes=_attributes(layout),
    )


def mask_row(member: Member, number: int, digest: str, key: Key) -> BuiltSeries:
    """The row of a label map, whether it can be read or not."""
    return BuiltSeries(
        uid=uid_of(key, MASK, digest),
        number=number,
        modality=MASK,
        description=f"label map ({member.named.kind})",
        instances=1,
        instances_key=content_key(key, digest),
        not_drawn_on=LABEL_MAP,
    )


def description_of(image: Opened) -> str:
    """What an image is, by its kind and the words of ours that its name has."""
    words = " ".join(_shown(word) for word in image.named.words) or "Image"
    many = f", {image.layout.phases} time points" if image.layout.phases > 1 else ""
    return f"{words} ({image.layout.kind}{many})"


def _attributes(layout: Layout) -> dict[str, str]:
    return {"format": layout.kind, "values": layout.dtype.name, "placed_by": layout.placed_by}


def _shown(word: str) -> str:
    return word if len(word) > 4 else word.upper()
