"""Dates, times and ages as DICOM writes them, moved and capped. Pure."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

OLDEST_AGE = 90  # everybody older counts as this: so few people are that they could be told by it
DATE = re.compile(r"(\d{4})[.:-]?(\d{2})[.:-]?(\d{2})")
TIME = re.compile(r"\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?")
DATE_TIME = re.compile(r"(\d{8})(\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?)?([+-]\d{4})?")
AGE = re.compile(r"(\d{3})([DWMY])")
UNITS_A_YEAR = {"D": 365, "W": 52, "M": 12, "Y": 1}


def moved(written: str, vr: str, days: int) -> str | None:
    """A moment (DA, DT or TM) that many days earlier, with its time of day and time zone; None for what is none.

    A DT without a day (a year, a month) is none: it cannot be moved by days.
    """
    if vr == "TM":
        plain = written.replace(":", "")
        return plain if TIME.fullmatch(plain) else None
    match = (DATE_TIME if vr == "DT" else DATE).fullmatch(written)
    if match is None:
        return None
    if vr == "DA":
        return _earlier("".join(match.groups()), days)
    date, time, zone = match.groups()
    day = _earlier(date, days)
    return day and day + (time or "") + (zone or "")


def years_of(age: str) -> int | None:
    """Whole years of a DICOM age string such as `055Y`, capped; None for what is none."""
    match = AGE.fullmatch(age)
    return min(int(match[1]) // UNITS_A_YEAR[match[2]], OLDEST_AGE) if match else None


def capped_age(age: str) -> str | None:
    """An age string with 90 years for everybody older; None for what is none."""
    years = years_of(age)
    if years is None:
        return None
    return f"{OLDEST_AGE:03d}Y" if years >= OLDEST_AGE else age


def moved_json(header: dict[str, Any], days: int) -> dict[str, Any]:
    """A header in the DICOM JSON model with every date that many days earlier; what cannot be moved is left out."""
    found = {}
    for tag, element in header.items():
        values = _moved_values(element["vr"], element.get("Value", []), days)
        found[tag] = {**element, "Value": values} if "Value" in element else element
    return found


def _moved_values(vr: str, values: list[Any], days: int) -> list[Any]:
    if vr == "SQ":
        return [moved_json(item, days) for item in values]
    if vr in {"DA", "DT"}:
        return [later for value in values if value and (later := moved(value, vr, days))]
    return values


def _earlier(date: str, days: int) -> str | None:
    try:
        day = dt.date(int(date[:4]), int(date[4:6]), int(date[6:])) - dt.timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return f"{day:%Y%m%d}" if day.year >= 1000 else f"{day.year:04d}{day:%m%d}"
