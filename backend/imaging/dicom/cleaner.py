"""Cuts a person's words out of descriptions. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from backend.imaging.dicom.headers import Header

DATE_LIKE = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}")
LONG_NUMBER = re.compile(r"\d{5,}")
TITLED = re.compile(r"\b(?:dr|prof|mrs|frau|herr)\b\.?\s*[^\W\d_]+", re.IGNORECASE)
WORD = re.compile(r"[^\W_]+")
PART_OF_WORD = 4  # a name of four letters is cut out inside of longer words too
PLAIN_WORDS = frozenset({"breast", "mri"})  # identify nobody, though pseudonyms such as Breast_MRI_001 hold them
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae"})


def fold(text: str) -> str:
    """Without case and accents, so that two spellings of one name are one."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char))


class Cleaner:
    """Knows the identifying texts of a study."""

    def __init__(self, headers: Iterable[Header], texts: Iterable[str] = ()) -> None:
        """headers: of every file of the study; texts: what else identifies somebody in it."""
        self.texts = frozenset(text for header in headers for text in header.identity) | frozenset(texts)
        whole = sorted((text for text in self.texts if len(text) >= PART_OF_WORD), key=len, reverse=True)
        self.whole = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, whole)) or '(?!)'})(?!\w)", re.IGNORECASE)
        self.words = frozenset(word for text in self.texts for word in _identifying(text))
        self.parts = tuple(sorted(word for word in self.words if len(word) >= PART_OF_WORD))

    def __call__(self, text: str, *, limit: int) -> str:
        """The text without identifying words, titled names, dates and numbers of five digits or more."""
        for pattern in (self.whole, TITLED, DATE_LIKE, LONG_NUMBER):
            text = pattern.sub(" ", text)
        text = WORD.sub(lambda match: "" if self._names(fold(match[0])) else match[0], text)
        return " ".join(text.split()).strip(" _^,;")[:limit]

    def knowing(self, texts: Iterable[str]) -> Cleaner:
        """A cleaner that cuts these out as well."""
        more = frozenset(texts) - self.texts
        return Cleaner((), self.texts | more) if more else self

    def _names(self, word: str) -> bool:
        return word in self.words or any(part in word for part in self.parts)


def _identifying(text: str) -> set[str]:
    """Words of an identifying text, folded, an umlaut also as two letters; single letters name nobody."""
    words = {word for word in WORD.findall(text) if len(word) > 1}
    folded = {fold(word) for word in words} | {fold(word.casefold().translate(UMLAUTS)) for word in words}
    return folded - PLAIN_WORDS
