"""Values of single attributes, read tolerantly: what is not as DICOM says it must be counts as absent."""

from __future__ import annotations

import datetime as dt
import math
import re
import struct
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from pydicom.datadict import dictionary_has_tag, dictionary_VR, keyword_for_tag
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag

UID = re.compile(r"[0-9.]{1,64}")
DATE = re.compile(r"(\d{4})[.:-]?(\d{2})[.:-]?(\d{2})")
TIME = re.compile(r"(\d{2}):?(\d{2})?:?(\d{2})?(\.\d+)?")
DATE_TIME = re.compile(r"(\d{8})(\d{2,6}(?:\.\d+)?)?")
DAY_S = 86_400.0


Values = Mapping[str, Any]

# Conversion of these is done here: pydicom's own takes half of the time of a scan.
TEXT_VR = frozenset({"AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "PN", "SH", "TM", "UI"})
BINARY_VR = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d", "US or SS": "H"}
ESCAPE = b"\x1b"  # changes the character set (PS3.5 6.1.2.5), so that plain-looking bytes are other letters


def values_of(dataset: Dataset) -> Values:
    """Values by keyword; what is empty or cannot be converted is left out."""
    found = {}
    for tag, element in list(dataset.items()):  # as they were read: looking one up converts it
        keyword, vr = _entry(int(tag))
        try:
            value = _value(dataset, tag, element, vr)
        except Exception:  # noqa: BLE001, S112 - a broken value raises whatever its parser does
            continue
        if value is not None and not (isinstance(value, str | list | MultiValue) and len(value) == 0):
            found[keyword] = value
    return found


@lru_cache(maxsize=4096)
def _entry(tag: int) -> tuple[str, str]:
    """Keyword and value representation by DICOM's dictionary, empty for attributes that it does not know."""
    return (keyword_for_tag(tag), dictionary_VR(tag)) if dictionary_has_tag(tag) else ("", "")


def _value(dataset: Dataset, tag: BaseTag, element: Any, known_vr: str) -> Any:
    if isinstance(element, RawDataElement):
        if not element.value:
            return None
        vr = known_vr if element.VR in {None, "UN"} else str(element.VR)
        if vr in TEXT_VR and element.value.isascii() and ESCAPE not in element.value:
            parts = element.value.decode("ascii").rstrip("\0 ").split("\\")
            return parts if len(parts) > 1 else parts[0]
        if vr in BINARY_VR:
            code = f"{'<' if element.is_little_endian else '>'}{BINARY_VR[vr]}"
            return [number for (number,) in struct.iter_unpack(code, element.value)]
    return dataset[tag].value


def text(values: Values, keyword: str) -> str:
    """The value as one stripped string without control characters; several values are joined by a space."""
    found = values.get(keyword)
    if found is None:
        return ""
    joined = found if isinstance(found, str) else " ".join(str(part) for part in _parts(found))
    return joined.strip() if joined.isprintable() else "".join(c for c in joined if c.isprintable()).strip()


def words(values: Values, keyword: str) -> tuple[str, ...]:
    """Each of several values, stripped."""
    return tuple(str(part).strip() for part in _parts(values.get(keyword)))


def uid(values: Values, keyword: str) -> str:
    """A UID, or an empty string."""
    found = text(values, keyword).strip("\0 ")
    return found if UID.fullmatch(found) else ""


def number(values: Values, keyword: str) -> float | None:
    """First value as a finite number."""
    found = numbers(values, keyword)
    return found[0] if found else None


def whole(values: Values, keyword: str) -> int | None:
    """First value as a whole number that a database column holds."""
    found = number(values, keyword)
    return int(found) if found is not None and found.is_integer() and abs(found) < 2**31 else None


def numbers(values: Values, keyword: str) -> tuple[float, ...]:
    """All values as finite numbers; empty when one of them is none."""
    try:
        found = tuple(float(part) for part in _parts(values.get(keyword)))
    except (TypeError, ValueError, OverflowError):
        return ()
    return found if all(math.isfinite(part) for part in found) else ()


def date(values: Values, keyword: str) -> dt.date | None:
    """A date."""
    match = DATE.fullmatch(text(values, keyword))
    try:
        return dt.date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None


def moment_s(values: Values, date_keyword: str, time_keyword: str) -> float | None:
    """Seconds from one fixed moment to a date and time; without a date, from midnight. None without a time."""
    since_midnight = _time_s(text(values, time_keyword))
    if since_midnight is None:
        return None
    day = date(values, date_keyword)
    return (day.toordinal() * DAY_S if day else 0.0) + since_midnight


def time_s(values: Values, keyword: str) -> float | None:
    """Seconds since midnight."""
    return _time_s(text(values, keyword))


def date_time_s(values: Values, keyword: str) -> float | None:
    """Seconds from the same fixed moment to a combined date and time."""
    match = DATE_TIME.match(text(values, keyword))
    if match is None or match[2] is None:
        return None
    since_midnight = _time_s(match[2])
    try:
        day = dt.date(int(match[1][:4]), int(match[1][4:6]), int(match[1][6:]))
    except ValueError:
        return None
    return None if since_midnight is None else day.toordinal() * DAY_S + since_midnight


def _time_s(written: str) -> float | None:
    match = TIME.fullmatch(written)
    if match is None:
        return None
    hours, minutes, seconds, fraction = (float(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds + fraction


def _parts(found: Any) -> Iterable[Any]:
    if found is None:
        return ()
    return found if isinstance(found, MultiValue | list | tuple) else (found,)
