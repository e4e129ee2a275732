"""What the platform asks of the reading process, and what that answers: one line of JSON each, [name, fields]."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

from backend.imaging.reading.faults import FileRefusal
from backend.imaging.reading.messages import BuiltMask, BuiltSeries, BuiltStudy, CaseSummary, Fault
from ml.contracts.codec import from_value
from ml.geometry import Geometry

FULL_DISK = "DiskFull"  # the error that a `Failed` names when there was no room to write


@dataclass(frozen=True)
class Survey:
    """Find the studies among files, each (path, name). secret: hex of the project's key, for stand-ins."""

    secret: str
    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Build:
    """Read the pixels of a case into a folder.

    dates_of: source key by which its dates are shifted. max_voxels: bounds a volume over its phases.
    """

    case: int
    folder: str
    dates_of: str
    max_voxels: int


@dataclass(frozen=True)
class StoredGrid:
    """The grid of a volume, as masks are placed on it.

    references: slice index by the stand-in of an image's UID; empty where none tells. frame_of_reference: stand-in.
    """

    geometry: Geometry
    references: dict[str, int]
    frame_of_reference: str


def slices_by_uid(pairs: Iterable[tuple[int, str]]) -> dict[str, int]:
    """`StoredGrid.references` from (slice index, UID); none for files of many frames, whose UID tells no slice."""
    found: dict[str, int] = {}
    for index, uid in pairs:
        if found.setdefault(uid, index) != index:
            return {}
    return found


@dataclass(frozen=True)
class BuildMasks:
    """Read the segmentations of a case onto volumes that are stored already."""

    case: int
    folder: str
    volumes: tuple[StoredGrid, ...]


@dataclass(frozen=True)
class ReadMask:
    """Read one file (path, name) that somebody added to a volume."""

    secret: str
    path: str
    name: str
    folder: str
    volume: StoredGrid


@dataclass(frozen=True)
class Unpack:
    """Unpack a zip archive into a folder, its members numbered instead of named."""

    path: str
    folder: str
    max_bytes: int


Command = Survey | Build | BuildMasks | ReadMask | Unpack


@dataclass(frozen=True)
class At:
    """The file at this place of the list is opened now: should the process die, it is to blame."""

    place: int


@dataclass(frozen=True)
class Step:
    """So many more files are done."""

    files: int


@dataclass(frozen=True)
class RefusedFiles:
    """How many files were left out for one reason."""

    refusal: FileRefusal
    files: int


@dataclass(frozen=True)
class Surveyed:
    """What the files are. repeats: copies of images that were read already."""

    cases: tuple[CaseSummary, ...]
    refused: tuple[RefusedFiles, ...]
    repeats: int


@dataclass(frozen=True)
class Built:
    """A study whose pixels lie in the folder."""

    study: BuiltStudy


@dataclass(frozen=True)
class MasksBuilt:
    """Segmentations whose bit maps lie in the folder, their series, and why others are not among them."""

    masks: tuple[BuiltMask, ...]
    series: tuple[BuiltSeries, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Unpacked:
    """Names of an archive's files in the order of their numbers."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Refused:
    """What was asked for cannot be done, for these reasons."""

    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Failed:
    """The program met what it does not expect. error: kind of exception; spot: file and line of the program."""

    error: str
    spot: str


Event = At | Step
Answer = Surveyed | Built | MasksBuilt | Unpacked | Refused | Failed
_COMMANDS: dict[str, type[Any]] = {kind.__name__: kind for kind in (Survey, Build, BuildMasks, ReadMask, Unpack)}
_ANSWERS: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (At, Step, Surveyed, Built, MasksBuilt, Unpacked, Refused, Failed)
}


def encode(message: Command | Event | Answer) -> bytes:
    """One line. Raises ValueError for NaN or infinity."""
    fields = [type(message).__name__, dataclasses.asdict(message)]
    return json.dumps(fields, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def command_of(line: bytes) -> Command:
    """Raises ValueError for anything that is no command."""
    command: Command = _decode(_COMMANDS, line)
    return command


def answer_of(line: bytes) -> Event | Answer:
    """Raises ValueError for anything that is no answer; its text can quote the line."""
    answer: Event | Answer = _decode(_ANSWERS, line)
    return answer


def _decode(kinds: dict[str, type[Any]], line: bytes) -> Any:
    try:
        read = json.loads(line, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("need JSON of some levels, got too many") from None
    if not isinstance(read, list) or len(read) != 2 or not isinstance(read[0], str) or read[0] not in kinds:
        raise ValueError("need [name, fields]")
    return from_value(kinds[read[0]], read[1])


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"need a finite number, got {name}")
