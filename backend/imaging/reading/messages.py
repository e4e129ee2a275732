"""What comes back from the process that reads untrusted files: frozen values that cross the border as JSON.

Nothing in them names a person, except `Identity`, which the platform encrypts before it is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ml.geometry import Geometry


@dataclass(frozen=True)
class SourceFile:
    """A file of an import and the name it came with (relative, `/` between folders), which is never stored."""

    path: Path
    name: str


@dataclass(frozen=True)
class Identity:
    """Who a patient is in the files, as far as they say; empty strings else. birth_date: YYYY-MM-DD."""

    patient_id: str = ""
    issuer: str = ""
    name: str = ""
    birth_date: str = ""


@dataclass(frozen=True)
class Fault:
    """A defect and what it is in, such as `series 4`: the message is ready to follow that. action: what to do."""

    subject: str
    message: str
    action: str


@dataclass(frozen=True)
class CaseSummary:
    """A study that was found among the files, before its pixels are read.

    kind: `dicom`, `nifti`, `nrrd` or `npy`. files: places in the list of files that was given.
    source_key, person_key, study_uid: keyed stand-ins. series: stand-in of each series → its instances_key.
    masks: stand-ins of the series that are segmentations.
    """

    number: int
    kind: str
    files: tuple[int, ...]
    source_key: str
    person_key: str
    study_uid: str
    series: dict[str, str]
    masks: tuple[str, ...] = ()


@dataclass(frozen=True)
class BuiltSeries:
    """One series, de-identified; the fields are those of `imaging.models.Series`."""

    uid: str
    number: int | None
    modality: str
    description: str
    instances: int
    instances_key: str
    not_drawn_on: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class BuiltPhase:
    """One phase whose blocks lie in the given folder under their sha256; fields as in `imaging.models.Phase`.

    series: place in `BuiltStudy.series`.
    """

    series: int
    label: str
    time_s: float | None
    reason: str
    codec: str
    slices_per_chunk: int
    chunks: tuple[str, ...]
    slope: float
    intercept: float
    window_low: float
    window_high: float
    instances: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class BuiltVolume:
    """One volume; thumbnail and projection: sha256 of PNG files in the same folder."""

    name: str
    is_dce: bool
    geometry: Geometry
    phases: tuple[BuiltPhase, ...]
    thumbnail: str
    projection: str = ""


@dataclass(frozen=True)
class FoundSegment:
    """One segment of a mask. category, type: coded concepts `value^scheme^meaning`, empty without.

    algorithm: MANUAL, SEMIAUTOMATIC, AUTOMATIC or empty.
    """

    number: int
    name: str
    category: str
    type: str
    algorithm: str
    voxels: int


@dataclass(frozen=True)
class BuiltMask:
    """A segmentation on the grid of a volume, ready for its segments to be mapped.

    volume: place in `BuiltStudy.volumes`. series: place in `BuiltStudy.series`, None for a file that is no DICOM.
    source: what it is in words, such as `DICOM SEG, binary`. content: sha256 of a file in the folder, one bit map per
    segment. overlaps: (segment numbers, voxels in all of them).
    """

    volume: int
    series: int | None
    source: str
    instances_key: str
    segments: tuple[FoundSegment, ...]
    overlaps: tuple[tuple[tuple[int, ...], int], ...]
    remarks: tuple[str, ...]
    content: str


@dataclass(frozen=True)
class BuiltStudy:
    """A whole study, ready to be stored in one transaction.

    study_date: shifted, YYYY-MM-DD, empty without. warnings: what a person should look at.
    deidentified: how many attributes met each action, such as {"remove": 812}.
    """

    source_key: str
    person_key: str
    study_uid: str
    study_date: str
    description: str
    sex: str
    age_years: int | None
    identity: Identity
    series: tuple[BuiltSeries, ...]
    volumes: tuple[BuiltVolume, ...]
    masks: tuple[BuiltMask, ...] = ()
    warnings: tuple[Fault, ...] = ()
    deidentified: dict[str, int] = field(default_factory=dict)
