"""Which label a segment of another program's mask means, where that is certain. Pure; table: structures_v1.json."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydicom.sr.coding import Code

from backend.annotation.labels import Label

TABLE = Path(__file__).with_name("structures_v1.json")
OLD_SCHEMES = {"99SDM": "SRT", "SNM3": "SRT"}  # earlier names of SNOMED RT (PS3.16 8.1)

By = Literal["code", "name"]


@dataclass(frozen=True)
class Structure:
    """label: the name that a label set gives it. names: other exact names, as `plain` makes them.

    categories, concepts: what a DICOM SEG calls it; the first of each is written into the files that leave.
    """

    label: str
    names: frozenset[str]
    categories: tuple[Code, ...]
    concepts: tuple[Code, ...]


@dataclass(frozen=True)
class Suggestion:
    """A label's value and what it was found by."""

    label: int
    by: By


def suggest(*, name: str, category: str, concept: str, labels: Sequence[Label]) -> Suggestion | None:
    """The label that a segment's coded concept names, else its whole name; None where neither is certain.

    category, concept: as `FoundSegment` has them. A concept of the table decides alone, also against the name.
    """
    coded = _structure_of_code(category, concept)
    if coded is not None:
        return _one(labels, coded.names, "code")
    wanted = plain(name)
    by_name = _one(labels, frozenset({wanted}), "name")
    if by_name is not None:
        return by_name
    named = [structure for structure in structures() if wanted in structure.names]
    return _one(labels, named[0].names, "name") if len(named) == 1 else None


def structure_of(label: str) -> Structure | None:
    """The structure that a label of this name means."""
    return next((structure for structure in structures() if plain(label) in structure.names), None)


def plain(name: str) -> str:
    """A name without case, accents, and what stands between its words."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(char for char in parts if not unicodedata.combining(char))
    return " ".join(re.findall(r"[^\W_]+", letters))


@cache
def structures() -> tuple[Structure, ...]:
    """The table."""
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    categories = {name: tuple(_code(row) for row in rows) for name, rows in table["categories"].items()}
    return tuple(_structure(entry, categories) for entry in table["structures"])


def _structure(entry: dict[str, Any], categories: dict[str, tuple[Code, ...]]) -> Structure:
    return Structure(
        label=entry["label"],
        names=frozenset(plain(name) for name in (entry["label"], *entry["names"])),
        categories=categories[entry["category"]],
        concepts=tuple(_code(row) for row in entry["concepts"]),
    )


def _structure_of_code(category: str, concept: str) -> Structure | None:
    """Codes of SNOMED RT and SNOMED CT are equal for pydicom where they mean one concept."""
    wanted, within = _read(concept), _read(category)
    if wanted is None:
        return None
    found = [
        structure
        for structure in structures()
        if wanted in structure.concepts and (within is None or within in structure.categories)
    ]
    return found[0] if len(found) == 1 else None


def _read(text: str) -> Code | None:
    value, scheme, meaning = (*text.split("^"), "", "", "")[:3]
    return Code(value, OLD_SCHEMES.get(scheme, scheme), meaning) if value and scheme else None


def _code(row: Sequence[str]) -> Code:
    value, scheme, meaning = row
    return Code(value, scheme, meaning)


def _one(labels: Sequence[Label], names: frozenset[str], by: By) -> Suggestion | None:
    found = [label for label in labels if plain(label.name) in names]
    return Suggestion(found[0].value, by) if len(found) == 1 else None
