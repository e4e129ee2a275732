"""Volumes whose phases something was made of: from then on they stay as they are."""

from __future__ import annotations

from collections.abc import Iterable

from backend.core.errors import Conflict
from backend.imaging.models import Volume


def lock(volume_ids: Iterable[int]) -> set[int]:
    """Hold the volumes until the transaction ends, so that nobody changes their phases meanwhile."""
    volumes = Volume.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=list(volume_ids))
    return set(volumes.order_by("pk").values_list("pk", flat=True))


def pin(volume_ids: Iterable[int], *, by: str) -> None:
    """Let nobody change the phases of these volumes any more; the first reason stays."""
    Volume.objects.filter(pk__in=list(volume_ids), pinned_by="").update(pinned_by=by)


def why_pinned(volume: Volume) -> str:
    """Why the phases of a volume cannot change, as a sentence; empty while they can."""
    if not volume.pinned_by:
        return ""
    return (
        f"The phases of this volume stay as they are, since {volume.pinned_by} was made of them and must come out the "
        "same every time. Import the study into another project to work with other phases."
    )


def require_unpinned(volume: Volume) -> None:
    """Raises Conflict when the phases cannot change."""
    sentence = why_pinned(volume)
    if sentence:
        raise Conflict(sentence, pinned_by=volume.pinned_by)
