"""The door to de-identification: what is left of a study's identity, after the procedure file.

Basis DICOM PS3.15 Annex E. Pure, given the key.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydicom.datadict import dictionary_VR
from pydicom.filereader import dcmread

from backend.imaging.dicom import attributes as read
from backend.imaging.dicom.cleaner import Cleaner
from backend.imaging.dicom.keys import Key
from backend.imaging.dicom.persons import (
    age_years,
    identifier_key,
    identity,
    person_key,
    sex,
    shifted_date,
    source_key,
)
from backend.imaging.dicom.procedure import Action, Rule, procedure

__all__ = [
    "Cleaner",
    "Key",
    "age_years",
    "identifier_key",
    "identity",
    "person_key",
    "series_attributes",
    "sex",
    "shifted_date",
    "source_key",
]


def series_attributes(path: Path, cleaner: Cleaner) -> dict[str, Any]:
    """What is stored of how a series was made: attributes with the action keep or clean, in a form that fits them."""
    kept, cleaned = procedure().with_action(Action.KEEP), procedure().with_action(Action.CLEAN)
    keywords = [rule.attribute for rule in (*kept, *cleaned)]
    values = read.values_of(dcmread(path, stop_before_pixels=True, specific_tags=keywords, force=True))
    found: dict[str, Any] = {"procedure": procedure().version}
    for rule in kept:
        value = _kept(values, rule)
        if value:
            found[rule.attribute] = value
    for rule in cleaned:
        text = cleaner(read.text(values, rule.attribute), limit=200)
        if text:
            found[rule.attribute] = text
    return found


def _kept(values: read.Values, rule: Rule) -> list[Any]:
    if dictionary_VR(rule.attribute) != "CS":
        return list(read.numbers(values, rule.attribute))
    return [code for code in read.words(values, rule.attribute) if code in rule.values]
