"""How each label of a mask came about, in DICOM's three words: by hand, by a program, or by both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from backend.annotation.effort import Origins, origins_of
from backend.annotation.models import Origin, Revision
from backend.annotation.selectors import visible_proposals

AlgorithmType = Literal["MANUAL", "SEMIAUTOMATIC", "AUTOMATIC"]


@dataclass(frozen=True)
class Authorship:
    """program: what helped, such as `model 3`; empty for what was drawn by hand."""

    type: AlgorithmType
    program: str = ""


def authorship_of(revision: Revision, labels: Iterable[int]) -> dict[int, Authorship]:
    """By label, over the revisions that led to this one.

    A draft counts for the labels that were taken of it, and people's hands where the mask differs from that. Where none
    was taken, a person's save counts for the labels that it changed. An imported mask counts as its own file
    says, and as both where the file does not say.
    """
    history = list(
        Revision.objects.filter(task_id=revision.task_id, number__lte=revision.number)
        .select_related("found_mask")
        .order_by("number")
    )
    origins = origins_of(revision) if revision.accepted else None
    source = visible_proposals().filter(task=revision.task_id).values_list("source", flat=True).first() or ""
    found = {}
    for label in labels:
        sources = [(_ways(entry, label, origins is not None), entry.source) for entry in history]
        if origins is not None:
            sources += _by_origin(origins.get(label, Origins()), source)
        found[label] = _together(sources)
    return found


def _together(sources: Iterable[tuple[set[str], str]]) -> Authorship:
    ways, programs = set[str](), list[str]()
    for found, source in sources:
        ways |= found
        if found - {"MANUAL"} and source not in programs:
            programs.append(source)
    if ways <= {"MANUAL"}:
        return Authorship("MANUAL")
    return Authorship("AUTOMATIC" if ways == {"AUTOMATIC"} else "SEMIAUTOMATIC", ", ".join(programs) or "unknown")


def _by_origin(origins: Origins, source: str) -> list[tuple[set[str], str]]:
    taken = [({"AUTOMATIC"}, source)] if origins.model or origins.removed else []
    return taken + ([({"MANUAL"}, "")] if origins.corrected else [])


def _ways(revision: Revision, label: int, voxels_tell: bool) -> set[str]:
    if revision.origin == Origin.MODEL:
        return {"AUTOMATIC"}
    if not revision.changed.get(str(label)):
        return set()
    if revision.origin == Origin.HUMAN:
        return set() if voxels_tell else {"MANUAL"}
    if revision.found_mask is None:
        return {"SEMIAUTOMATIC"}
    return {_said(segment) for segment in revision.found_mask.segments if segment["label"] == label}


def _said(segment: Mapping[str, str]) -> str:
    return segment["algorithm"] or "SEMIAUTOMATIC"
