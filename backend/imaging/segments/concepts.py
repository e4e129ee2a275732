"""Coded concepts of segments, as text `value^scheme^meaning`. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pydicom.dataset import Dataset

# Schemes whose values are numbers of a dictionary; anything else could be a word that somebody typed.
SCHEMES: dict[str, re.Pattern[str]] = {
    "SCT": re.compile(r"\d{6,18}"),
    "SRT": re.compile(r"[A-Z]-[0-9A-Z]{3,6}"),
    "SNM3": re.compile(r"[A-Z]-[0-9A-Z]{3,6}"),
    "99SDM": re.compile(r"[A-Z]-[0-9A-Z]{3,6}"),
    "DCM": re.compile(r"\d{6}"),
    "NCIt": re.compile(r"C\d{3,7}"),
    "FMA": re.compile(r"\d{3,7}"),
    "RADLEX": re.compile(r"RID\d{1,6}"),
    "UMLS": re.compile(r"C\d{7}"),
}
MEANING_LENGTH = 100

Clean = Callable[[str], str]


def concept_text(sequence: Any, clean: Clean) -> str:
    """The first item of a code sequence; empty without one. A value outside the known dictionaries is left out."""
    item = next(iter(sequence or ()), None)
    if not isinstance(item, Dataset):
        return ""
    scheme, value = _text(item, "CodingSchemeDesignator"), _text(item, "CodeValue")
    return written(value, scheme, clean(_text(item, "CodeMeaning")))


def written(value: str, scheme: str, meaning: str) -> str:
    """A concept as text."""
    if scheme not in SCHEMES or not SCHEMES[scheme].fullmatch(value):
        value = scheme = ""
    meaning = meaning.replace("^", " ").strip()[:MEANING_LENGTH]
    return f"{value}^{scheme}^{meaning}" if value or meaning else ""


def _text(item: Dataset, keyword: str) -> str:
    return str(item.get(keyword) or "").strip()


def is_background(concept: str) -> bool:
    """True for the concept of what is no segment (DCM 125040)."""
    return concept.startswith("125040^DCM^")
