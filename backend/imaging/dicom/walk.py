"""One dataset, de-identified to any depth: every attribute meets its rule, and what no rule names is removed. Pure.

Basis DICOM PS3.15 Annex E. Each value is built anew in the form that its attribute has by the dictionary, whatever form
the file claims, so that nothing passes but numbers, listed codes, moved moments, cleaned words and stand-ins.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag, Tag
from pydicom.uid import UID

from backend.imaging.dicom import attributes as read
from backend.imaging.dicom.cleaner import Cleaner
from backend.imaging.dicom.keys import Key
from backend.imaging.dicom.moments import capped_age, moved
from backend.imaging.dicom.procedure import MOMENTS, NUMBERS, Action, Procedure, Rule, procedure

MAX_DEPTH = 16  # real files nest five deep
MAX_ITEMS = 64  # of one sequence: a header is kept to be read, not to hold pixels
MAX_VALUES = 256
MAX_TEXT = {"SH": 16, "LO": 64}
MAX_LONG_TEXT = 1024
DICOM_ROOT = "1.2.840.10008."
BINARY = {"FD": "<d", "FL": "<f", "SL": "<i", "SS": "<h", "UL": "<I", "US": "<H"}
# What each whole number may be when it is written again (PS3.5 6.2).
WHOLE = {"IS": 2**31, "SL": 2**31, "SS": 2**15, "SV": 2**63, "UL": 2**32, "US": 2**16, "UV": 2**64}


FATES = ("removed", "emptied", "kept", "cleaned", "moved", "remapped", "words cut out")


class NestedTooDeep(Exception):
    """Sequences in sequences beyond any real file."""


def deidentified(dataset: Dataset, key: Key, patient_key: str, cleaner: Cleaner) -> tuple[Dataset, Counter[str]]:
    """What may be kept of a dataset, and how many attributes met each fate (see `FATES`).

    patient_key: `source_key` of the patient, which gives the days that dates move. No preamble, no file meta.
    Raises NestedTooDeep.
    """
    try:
        texts = set(_identifying(dataset, procedure(), MAX_DEPTH))
        walk = _Walk(procedure(), key, key.shift_days(patient_key), cleaner.knowing(texts))
        return walk.dataset(dataset), walk.counts
    except RecursionError:
        raise NestedTooDeep from None


@dataclass
class _Walk:
    rules: Procedure
    key: Key
    days: int
    cleaner: Cleaner
    counts: Counter[str] = field(default_factory=Counter)

    def dataset(self, source: Dataset) -> Dataset:
        """The dataset as its rules leave it."""
        kept = Dataset()
        for tag in sorted(source.keys()):
            if tag.is_private:
                self._private(source, tag, kept)
                continue
            rule = self.rules.by_tag.get(tag)
            element = self._element(source, tag, rule) if rule else None
            if element is not None:
                kept.add(element)
            elif not _is_empty(source, tag):
                self.counts["removed"] += 1
        return kept

    def _private(self, source: Dataset, tag: BaseTag, kept: Dataset) -> None:
        """A listed element goes into a block of the same creator; creators themselves are never copied."""
        if tag.is_private_creator:
            return
        creator = _text_of(source, Tag(tag.group, tag.element >> 8))
        rule = self.rules.by_private_tag.get((tag.group, creator, tag.element & 0xFF))
        element = self._element(source, tag, rule) if rule else None
        if rule is None or element is None:
            self.counts["removed"] += 1
        else:
            block = kept.private_block(tag.group, creator, create=True)
            block.add_new(tag.element & 0xFF, rule.vr, element.value)

    def _element(self, source: Dataset, tag: BaseTag, rule: Rule) -> DataElement | None:
        """The element as its rule leaves it, None when nothing of it may stay."""
        if rule.action is Action.REMOVE:
            return None
        if rule.action is Action.EMPTY:
            self.counts["emptied"] += 1
            return DataElement(tag, rule.vr, None)
        try:
            found = source[tag]
            value, what = self._value(found, rule)
        except NestedTooDeep:
            raise
        except Exception:  # noqa: BLE001 - a broken value raises whatever its parser does
            return None
        if value is None:
            return None
        self.counts[what] += 1
        return DataElement(tag, _written_vr(rule.vr, found), value)

    def _value(self, element: DataElement, rule: Rule) -> tuple[Any, str]:
        """The new value and the name of what was done; None for a value that is not of the attribute's form."""
        if rule.vr == "SQ":
            return self._items(element, rule), "kept"
        words = _words(element, rule.vr)
        if rule.action is Action.REMAP:
            return _one_or_all([self.key.uid(word) for word in words if word]), "remapped"
        if rule.action is Action.CLEAN:
            return self._cleaned(words, rule)
        if rule.vr in NUMBERS:
            return _numbers(words, _written_vr(rule.vr, element)), "kept"
        if rule.vr == "UI":
            return _one_or_all([word for word in words if word.startswith(DICOM_ROOT) and UID(word).is_valid]), "kept"
        return _one_or_all([word for word in words if word in rule.codes]), "kept"

    def _cleaned(self, words: list[str], rule: Rule) -> tuple[Any, str]:
        if rule.vr in MOMENTS:
            times = [moved(word, rule.vr, self.days) for word in words]
            return _one_or_all([time for time in times if time]), "kept" if rule.vr == "TM" else "moved"
        if rule.vr == "AS":
            return capped_age(" ".join(words)), "kept"
        text = "".join(char for char in " ".join(words) if char.isprintable())
        kept = self.cleaner(text, limit=MAX_TEXT.get(rule.vr, MAX_LONG_TEXT))
        self.counts["words cut out"] += max(0, len(text.split()) - len(kept.split()))
        return kept or None, "cleaned"

    def _items(self, element: DataElement, rule: Rule) -> Sequence | None:
        items = list(element.value)
        limit = min(MAX_ITEMS, rule.items or MAX_ITEMS)
        self.counts["removed"] += max(0, len(items) - limit)
        kept = [item for item in map(self.dataset, items[:limit]) if len(item)]
        return Sequence(kept) if kept else None


def _identifying(dataset: Dataset, rules: Procedure, depth: int) -> Iterator[str]:
    """Texts at any depth whose words are not to be in a description. Raises NestedTooDeep."""
    if depth < 0:
        raise NestedTooDeep
    tags = {Tag(keyword) for keyword in rules.identifying}
    for tag in sorted(dataset.keys()):
        try:
            element = dataset[tag]
            items = list(element.value)[:MAX_ITEMS] if element.VR == "SQ" else []
        except RecursionError:
            raise NestedTooDeep from None
        except Exception:  # noqa: BLE001, S112 - a broken value names nobody
            continue
        if element.VR == "PN" or tag in tags:
            yield from (word for word in _words(element) if word)
        for item in items:
            yield from _identifying(item, rules, depth - 1)


def _is_empty(source: Dataset, tag: BaseTag) -> bool:
    found = source.get_item(tag)
    return found.is_empty if isinstance(found, DataElement) else not (found and found.value)


def _words(element: DataElement, vr: str = "") -> list[str]:
    """Each value as text. vr: what a value must be whose form the file does not know (UN, little-endian)."""
    value = element.value
    if isinstance(value, bytes):
        value = _unpacked(value, vr) if vr in BINARY else value.decode("latin-1").rstrip("\0 ").split("\\")
    return [word.strip("\0 ") for word in read.words({"value": value}, "value")]


def _unpacked(value: bytes, vr: str) -> list[float]:
    form = BINARY[vr]
    return [number for (number,) in struct.iter_unpack(form, value[: MAX_VALUES * struct.calcsize(form)])]


def _numbers(words: list[str], vr: str) -> Any:
    """Finite numbers that the form can hold, or None."""
    if not words or len(words) > MAX_VALUES:
        return None
    found = read.numbers({"value": words}, "value")
    if vr not in WHOLE:
        return _one_or_all([f"{number:.10g}" for number in found] if vr == "DS" else list(found))
    lowest = 0 if vr in {"UL", "US", "UV"} else -WHOLE[vr]
    if any(not number.is_integer() or not lowest <= number < WHOLE[vr] for number in found):
        return None
    return _one_or_all([int(number) for number in found])


def _one_or_all(values: list[Any]) -> Any:
    """A single value by itself, as pydicom wants it; None for none."""
    return values if len(values) > 1 else values[0] if values else None


def _written_vr(vr: str, element: DataElement) -> str:
    """One form where the dictionary leaves two."""
    if vr != "US or SS":
        return vr
    return element.VR if element.VR in {"US", "SS"} else "US"


def _text_of(dataset: Dataset, tag: BaseTag) -> str:
    try:
        return " ".join(_words(dataset[tag]))
    except Exception:  # noqa: BLE001 - absent or broken: the block belongs to nobody
        return ""
