"""The list of everything that a snapshot holds, from which its files can be written again. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from ml.contracts import Channel, from_json, to_json

FORMAT = "ninefold-snapshot-1"


@dataclass(frozen=True)
class ManifestLabel:
    """A label by the value that masks hold."""

    value: int
    name: str


@dataclass(frozen=True)
class ManifestPhase:
    """A phase that a channel needs: sha256 of each stored chunk, in order."""

    index: int
    chunks: tuple[str, ...]


@dataclass(frozen=True)
class ManifestCase:
    """One approved revision. case_id names its files; mask_sha256 and the chunks' hashes fix its every voxel.

    slices: those that were asked for; None for the whole volume.
    """

    case_id: str
    pseudonym: str
    task_id: int
    volume_id: int
    revision: int
    mask_sha256: str
    fold: int
    phases: tuple[ManifestPhase, ...]
    slices: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Manifest:
    """All of a snapshot, cases in the order of their tasks."""

    project: str
    labels: tuple[ManifestLabel, ...]
    channels: tuple[Channel, ...]
    cases: tuple[ManifestCase, ...]
    format: str = FORMAT

    @property
    def sha256(self) -> str:
        """Hash of the content; equal datasets have equal hashes."""
        return hashlib.sha256(json.dumps(self.to_value(), separators=(",", ":")).encode()).hexdigest()

    def to_value(self) -> dict[str, Any]:
        """Plain JSON value; `read_manifest` gives the manifest back.

        A whole volume is said by silence, so that datasets without slice tasks keep the hash that they always had.
        """
        value: dict[str, Any] = json.loads(to_json(self))
        for case in value["cases"]:
            if case["slices"] is None:
                del case["slices"]
        return value

    @property
    def ignore_label(self) -> int | None:
        """Value of voxels that were not asked for: the highest label and one. None where every case is whole."""
        if all(case.slices is None for case in self.cases):
            return None
        return max(label.value for label in self.labels) + 1


def read_manifest(value: dict[str, Any]) -> Manifest:
    """Manifest from its JSON value. Raises ValueError for another format or a field that does not fit."""
    if value.get("format") != FORMAT:
        raise ValueError(f"need a manifest of format {FORMAT}, got {value.get('format')!r}")
    return from_json(Manifest, json.dumps(value))


def case_id(pseudonym: str, task_id: int) -> str:
    """Name of a case in file names: unique by its task, readable by its patient."""
    return f"{pseudonym}_t{task_id}"
