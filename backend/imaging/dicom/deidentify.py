"""The door to de-identification: what is left of a study's identity, after the procedure file.

Basis DICOM PS3.15 Annex E. Pure, given the key.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset
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
from backend.imaging.dicom.walk import NestedTooDeep, deidentified

__all__ = [
    "Cleaner",
    "Key",
    "NestedTooDeep",
    "age_years",
    "deidentified_dataset",
    "deidentified_header",
    "identifier_key",
    "identity",
    "person_key",
    "series_attributes",
    "sex",
    "shifted_date",
    "source_key",
]


# Context group 7050 (PS3.16): what was done to an image, in DICOM's own words.
METHODS = {
    "113100": "Basic Application Confidentiality Profile",
    "113105": "Clean Descriptors Option",
    "113107": "Retain Longitudinal Temporal Information Modified Dates Option",
    "113108": "Retain Patient Characteristics Option",
    "113111": "Retain Safe Private Option",
}


def deidentified_dataset(
    dataset: Dataset, key: Key, patient_key: str, cleaner: Cleaner
) -> tuple[Dataset, Counter[str]]:
    """What may be kept of a dataset, with the mark that it is de-identified and how, and the counts of `walk.FATES`.

    patient_key: `source_key` of the patient, which gives the days that dates move. Raises NestedTooDeep.
    """
    kept, counts = deidentified(dataset, key, patient_key, cleaner)
    kept.PatientIdentityRemoved = "YES"
    kept.LongitudinalTemporalInformationModified = "MODIFIED"
    kept.DeidentificationMethod = [procedure().title[n : n + 64].strip() for n in range(0, len(procedure().title), 64)]
    kept.DeidentificationMethodCodeSequence = [_code(value, meaning) for value, meaning in METHODS.items()]
    return kept, counts


def deidentified_header(
    dataset: Dataset, key: Key, patient_key: str, cleaner: Cleaner
) -> tuple[dict[str, Any], Counter[str]]:
    """The same in the DICOM JSON model (PS3.18 F), without pixels. Raises NestedTooDeep."""
    kept, counts = deidentified_dataset(dataset, key, patient_key, cleaner)
    return kept.to_json_dict(), counts


def series_attributes(path: Path, cleaner: Cleaner) -> dict[str, Any]:
    """What is stored of how a series was made in plain form: the procedure's summary and its version."""
    names = list(procedure().summary)
    values = read.values_of(dcmread(path, stop_before_pixels=True, specific_tags=names, force=True))
    by_name = {rule.attribute: rule for rule in procedure().rules}
    found = {name: _summarised(values, by_name[name], cleaner) for name in names}
    return {"procedure": procedure().version, **{name: value for name, value in found.items() if value}}


def _summarised(values: read.Values, rule: Rule, cleaner: Cleaner) -> list[Any] | str:
    if rule.action is Action.CLEAN:
        return cleaner(read.text(values, rule.attribute), limit=200)
    if rule.vr == "CS":
        return [code for code in read.words(values, rule.attribute) if code in rule.codes]
    return list(read.numbers(values, rule.attribute))


def _code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
    return item
