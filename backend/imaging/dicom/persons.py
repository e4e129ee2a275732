"""Who a study is of, as far as the platform may know it: keyed stand-ins, age and sex. Pure, given the key."""

from __future__ import annotations

import datetime as dt
import unicodedata

from backend.imaging.dicom.cleaner import WORD, fold
from backend.imaging.dicom.headers import Header
from backend.imaging.dicom.keys import Key
from backend.imaging.dicom.moments import OLDEST_AGE, years_of
from backend.imaging.reading.messages import Identity

SEXES = {"F", "M", "O"}


def source_key(key: Key, header: Header) -> str:
    """Keyed hash that finds the same patient again. Without an identifier the study stands for the patient."""
    if header.patient_id:
        return key.digest("patient", header.patient_id, header.issuer)
    return key.digest("patient without id", header.study_uid)


def person_key(key: Key, header: Header) -> str:
    """Keyed hash that two identifiers of one person share: of name, birth date and sex. Empty without the first two.

    Of the name its family and given names count, in any order and spelling that `fold` makes the same.
    """
    names = name_words(header.patient_name)
    if not names or header.birth_date is None:
        return ""
    return key.digest("person", *names, header.birth_date.isoformat(), sex(header))


def identifier_key(key: Key, identifier: str) -> str:
    """Keyed hash of an identifier by which people look for a patient. Empty without a letter or digit.

    Case, spaces, punctuation, leading zeros and the issuer do not count.
    """
    plain = "".join(WORD.findall(fold(unicodedata.normalize("NFKC", identifier)))).lstrip("0")
    return key.digest("identifier", plain) if plain else ""


def identity(header: Header) -> Identity:
    """Who the patient is in the files, for the encrypted table."""
    born = header.birth_date.isoformat() if header.birth_date else ""
    return Identity(patient_id=header.patient_id, issuer=header.issuer, name=header.patient_name, birth_date=born)


def name_words(name: str) -> tuple[str, ...]:
    """Family and given names of a DICOM person name, folded and sorted (PS3.5 6.2.1: family^given^middle^…)."""
    alphabetic = name.split("=", maxsplit=1)[0] or name
    return tuple(sorted(fold(word) for part in alphabetic.split("^")[:2] for word in WORD.findall(part)))


def shifted_date(key: Key, patient: str, date: dt.date | None) -> dt.date | None:
    """The date moved by the days of this patient (`source_key`)."""
    try:
        return None if date is None else date - dt.timedelta(days=key.shift_days(patient))
    except OverflowError:
        return None


def age_years(header: Header) -> int | None:
    """Age at the study, capped."""
    years = years_of(header.age)
    if years is None and header.birth_date and header.study_date:
        born, seen = header.birth_date, header.study_date
        years = seen.year - born.year - ((seen.month, seen.day) < (born.month, born.day))
    return min(years, OLDEST_AGE) if years is not None and years >= 0 else None


def sex(header: Header) -> str:
    """F, M, O or empty."""
    return header.sex if header.sex in SEXES else ""
