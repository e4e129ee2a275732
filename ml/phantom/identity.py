"""Fictitious people: no name, number or date belongs to anyone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from ml.phantom.fields import stream

_GIVEN_NAMES = (
    "Alder", "Birch", "Cedar", "Dahlia", "Elm", "Fern", "Gentian", "Hazel", "Iris", "Juniper", "Kerria", "Laurel",
    "Maple", "Nettle", "Olive", "Poppy", "Quince", "Rowan", "Sorrel", "Tansy", "Ulex", "Viola", "Willow", "Yarrow",
)  # fmt: skip


@dataclass(frozen=True)
class Identity:
    """A fictitious patient: DICOM person name, patient id, dates and sex."""

    name: str
    patient_id: str
    birth_date: dt.date
    study_at: dt.datetime
    age_years: int
    weight_kg: float
    sex: str = "F"


def make_identity(seed: int) -> Identity:
    """Identity of one seed. The family name is always Phantom; the patient id carries the seed."""
    rng = stream(seed, "identity")
    age_years = int(rng.integers(28, 79))
    study_at = dt.datetime(2020, 1, 6, 8, 0, tzinfo=dt.UTC) + dt.timedelta(
        days=int(rng.integers(0, 1400)), minutes=int(rng.integers(0, 9 * 60))
    )
    birth_date = study_at.date() - dt.timedelta(days=int(age_years * 365.25 + rng.integers(1, 360)))
    given = _GIVEN_NAMES[int(rng.integers(len(_GIVEN_NAMES)))]
    return Identity(
        name=f"Phantom^{given}",
        patient_id=f"PHANTOM-{seed:06d}",
        birth_date=birth_date,
        study_at=study_at,
        age_years=_age_years(birth_date, study_at.date()),
        weight_kg=round(float(rng.uniform(52, 95)), 1),
    )


def _age_years(birth_date: dt.date, on: dt.date) -> int:
    """Birthdays passed between two dates."""
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))
