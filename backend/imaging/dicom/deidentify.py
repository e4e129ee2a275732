"""What is left of a study's identity: keyed stand-ins, shifted dates, cleaned words. Pure, given the key.

Follows the procedure file; basis DICOM PS3.15 Annex E.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydicom.datadict import dictionary_VR
from pydicom.filereader import dcmread

from backend.imaging.dicom import attributes as read
from backend.imaging.dicom.headers import Header
from backend.imaging.dicom.procedure import Action, Rule, procedure

OLDEST_AGE = 90  # everybody older counts as this: so few people are that they could be told by it
SHIFT_DAYS = (30, 1095)
SEXES = {"F", "M", "O"}
DATE_LIKE = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}")
LONG_NUMBER = re.compile(r"\d{5,}")
TITLED = re.compile(r"\b(?:dr|prof|mrs|frau|herr)\b\.?\s*[^\W\d_]+", re.IGNORECASE)
WORD = re.compile(r"[^\W_]+")
PART_OF_WORD = 4  # a name of four letters is cut out inside of longer words too


@dataclass(frozen=True)
class Key:
    """Secret of one project. The same value gives the same stand-in in it, and another in any other project."""

    secret: bytes

    def digest(self, purpose: str, *values: str) -> str:
        """Hex of a keyed hash; values are separated, so that ("ab", "c") differs from ("a", "bc")."""
        message = "\x1f".join((purpose, *values)).encode()
        return hmac.new(self.secret, message, hashlib.sha256).hexdigest()

    def uid(self, value: str) -> str:
        """Stand-in for a UID, under 2.25 (DICOM PS3.5 B.2)."""
        return f"2.25.{int(self.digest('uid', value)[:32], 16)}" if value else ""

    def shift_days(self, source_key: str) -> int:
        """Days by which every date of a patient moves back."""
        low, high = SHIFT_DAYS
        return low + int(self.digest("shift", source_key)[:8], 16) % (high - low)


def source_key(key: Key, header: Header) -> str:
    """Keyed hash that finds the same patient again. Without an identifier the study stands for the patient."""
    if header.patient_id:
        return key.digest("patient", header.patient_id, header.issuer)
    return key.digest("patient without id", header.study_uid)


def shifted_date(key: Key, patient: str, date: dt.date | None) -> dt.date | None:
    """The date moved by the days of this patient (`source_key`)."""
    try:
        return None if date is None else date - dt.timedelta(days=key.shift_days(patient))
    except OverflowError:
        return None


def age_years(header: Header) -> int | None:
    """Age at the study, capped."""
    match = re.fullmatch(r"(\d{3})([DWMY])", header.age)
    if match:
        years = int(match[1]) // {"D": 365, "W": 52, "M": 12, "Y": 1}[match[2]]
    elif header.birth_date and header.study_date:
        born, seen = header.birth_date, header.study_date
        years = seen.year - born.year - ((seen.month, seen.day) < (born.month, born.day))
    else:
        return None
    return min(years, OLDEST_AGE) if years >= 0 else None


def sex(header: Header) -> str:
    """F, M, O or empty."""
    return header.sex if header.sex in SEXES else ""


class Cleaner:
    """Cuts a person's words out of descriptions."""

    def __init__(self, headers: Iterable[Header]) -> None:
        texts = {text for header in headers for text in header.identity}
        whole = sorted((text for text in texts if len(text) >= PART_OF_WORD), key=len, reverse=True)
        self.whole = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, whole)) or '(?!)'})(?!\w)", re.IGNORECASE)
        self.words = frozenset(word for text in texts for word in _identifying(text))
        self.parts = tuple(sorted(word for word in self.words if len(word) >= PART_OF_WORD))

    def __call__(self, text: str, *, limit: int) -> str:
        """The text without identifying words, titled names, dates and numbers of five digits or more."""
        for pattern in (self.whole, TITLED, DATE_LIKE, LONG_NUMBER):
            text = pattern.sub(" ", text)
        text = WORD.sub(lambda match: "" if self._names(match[0].casefold()) else match[0], text)
        return " ".join(text.split()).strip(" _^,;")[:limit]

    def _names(self, word: str) -> bool:
        return word in self.words or any(part in word for part in self.parts)


def _identifying(text: str) -> set[str]:
    """Words of an identifying text, folded; single letters name nobody."""
    return {word.casefold() for word in WORD.findall(text) if len(word) > 1}


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
