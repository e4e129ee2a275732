"""Headers grouped as DICOM groups them: studies, and in each its series."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from backend.imaging.dicom.headers import Header


@dataclass(frozen=True)
class SeriesFiles:
    """The files of one series, by instance number."""

    uid: str
    headers: tuple[Header, ...]

    @property
    def first(self) -> Header:
        """Stands for the series where all files agree."""
        return self.headers[0]

    @cached_property
    def slices(self) -> tuple[Header, ...]:
        """One header for each image: files of one image as they are, and the frames of the others."""
        return tuple(image for header in self.headers for image in (header.slices or (header,)))

    @property
    def name(self) -> str:
        """How a report calls the series: by its number, which names nobody."""
        number = self.first.series_number
        return f"series {number}" if number is not None else "a series without a number"


@dataclass(frozen=True)
class StudyFiles:
    """The series of one study, by number."""

    uid: str
    series: tuple[SeriesFiles, ...]

    @property
    def first(self) -> Header:
        """Stands for the study."""
        return self.series[0].first

    @property
    def headers(self) -> list[Header]:
        """Every file of the study."""
        return [header for series in self.series for header in series.headers]


def group(headers: Iterable[Header]) -> list[StudyFiles]:
    """Studies in the order of their dates, series by number. A study with two patients' identifiers becomes two."""
    studies: dict[tuple[str, str, str], dict[str, list[Header]]] = {}
    for header in headers:
        series = studies.setdefault((header.study_uid, header.patient_id, header.issuer), {})
        series.setdefault(header.series_uid, []).append(header)
    grouped = [StudyFiles(key[0], _series(series)) for key, series in studies.items()]
    return sorted(grouped, key=lambda study: (str(study.first.study_date or ""), study.uid))


def _series(series: dict[str, list[Header]]) -> tuple[SeriesFiles, ...]:
    found = [
        SeriesFiles(uid, tuple(sorted(headers, key=lambda h: (h.instance_number or 0, h.sop_uid))))
        for uid, headers in series.items()
    ]
    return tuple(sorted(found, key=lambda s: (s.first.series_number is None, s.first.series_number or 0, s.uid)))
