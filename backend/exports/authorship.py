"""How each label of a mask came about, in DICOM's three words: by hand, by a program, or by both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from backend.annotation.models import Origin, Revision

AlgorithmType = Literal["MANUAL", "SEMIAUTOMATIC", "AUTOMATIC"]


@dataclass(frozen=True)
class Authorship:
    """program: what helped, such as `model 3`; empty for what was drawn by hand."""

    type: AlgorithmType
    program: str = ""


def authorship_of(revision: Revision, labels: Iterable[int]) -> dict[int, Authorship]:
    """By label, over the revisions that led to this one.

    A draft counts for every label; a person's save for the labels that it changed; an imported mask as its own file
    says, and as both where the file does not say.
    """
    history = list(
        Revision.objects.filter(task_id=revision.task_id, number__lte=revision.number)
        .select_related("found_mask")
        .order_by("number")
    )
    return {label: _of_label(history, label) for label in labels}


def _of_label(history: Iterable[Revision], label: int) -> Authorship:
    ways, programs = set[str](), list[str]()
    for revision in history:
        found = _ways(revision, label)
        ways |= found
        if found - {"MANUAL"} and revision.source not in programs:
            programs.append(revision.source)
    if ways <= {"MANUAL"}:
        return Authorship("MANUAL")
    return Authorship("AUTOMATIC" if ways == {"AUTOMATIC"} else "SEMIAUTOMATIC", ", ".join(programs) or "unknown")


def _ways(revision: Revision, label: int) -> set[str]:
    if revision.origin == Origin.MODEL:
        return {"AUTOMATIC"}
    if not revision.changed.get(str(label)):
        return set()
    if revision.origin == Origin.HUMAN or revision.found_mask is None:
        return {"MANUAL"} if revision.origin == Origin.HUMAN else {"SEMIAUTOMATIC"}
    return {_said(segment) for segment in revision.found_mask.segments if segment["label"] == label}


def _said(segment: Mapping[str, str]) -> str:
    return segment["algorithm"] or "SEMIAUTOMATIC"
