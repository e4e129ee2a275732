"""A snapshot as an nnU-Net raw dataset.

Layout: nnU-Net v2, documentation/dataset_format.md and manual_data_splits.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.annotation.masks import load_labels
from backend.annotation.models import Mask
from backend.core.files import aside, sha256_of
from backend.exports.channels import channel_array
from backend.exports.folds import splits
from backend.exports.manifest import Manifest, ManifestCase, read_manifest
from backend.exports.models import Snapshot
from backend.imaging.models import Volume
from backend.imaging.volumes import read_phases
from ml.contracts import Channel
from ml.labelmaps import LabelArray
from ml.volumes import write_nifti

FILE_ENDING = ".nii.gz"


def dataset_name(snapshot: Snapshot) -> str:
    """Folder name; nnU-Net wants three digits, so numbers start again after 999."""
    return f"Dataset{(snapshot.number - 1) % 999 + 1:03d}_ninefold"


def write_raw(*, snapshot: Snapshot, folder: Path) -> Iterator[tuple[Path, ...]]:
    """Write the dataset into `folder`; yield the files of each case once complete, and the descriptions at the end.

    Files that were yielded may be moved away. Raises NotFound when the store lost a blob.
    """
    manifest = read_manifest(snapshot.manifest)
    hashes: dict[str, str] = {}
    for case in manifest.cases:
        written = _write_case(case, manifest, folder)
        hashes |= {str(path.relative_to(folder)): sha256_of(path) for path in written}
        yield written
    contents = {"dataset.json": _description(snapshot, manifest), "splits_final.json": _splits(manifest)}
    descriptions = tuple(_write_json(folder / name, content) for name, content in contents.items())
    hashes |= {path.name: sha256_of(path) for path in descriptions}
    about = {"sha256": manifest.sha256, "snapshot": manifest.to_value(), "files": dict(sorted(hashes.items()))}
    yield (*descriptions, _write_json(folder / "manifest.json", about))


def write_channels(volume: Volume, channels: Sequence[Channel], folder: Path, case_id: str) -> tuple[Path, ...]:
    """Write a volume's network inputs as `<case_id>_0000.nii.gz` and so on.

    Raises NotFound when the volume lacks a phase that they need, or the store lost a blob.
    """
    needed = {channel.phase for channel in channels} | {c.minus for c in channels if c.minus is not None}
    phases = read_phases(volume, sorted(needed))
    written = []
    for number, channel in enumerate(channels):
        path = folder / f"{case_id}_{number:04d}{FILE_ENDING}"
        write_nifti(path, _compact(channel_array(channel, phases)), volume.geometry)
        written.append(path)
    return tuple(written)


def _compact(values: NDArray[Any]) -> NDArray[Any]:
    """The same numbers as int16 where they are whole and fit, as scanners store them: half the size."""
    low, high = np.iinfo(np.int16).min, np.iinfo(np.int16).max
    if values.size and (values.min() < low or values.max() > high):
        return values
    whole = values.astype(np.int16)
    return whole if np.array_equal(whole, values) else values


def _write_case(case: ManifestCase, manifest: Manifest, folder: Path) -> tuple[Path, ...]:
    images, labels = folder / "imagesTr", folder / "labelsTr"
    images.mkdir(parents=True, exist_ok=True)
    labels.mkdir(exist_ok=True)
    volume = Volume.objects.get(pk=case.volume_id)
    mask = Mask.objects.select_related("volume").get(volume=volume, sha256=case.mask_sha256)
    label_path = labels / f"{case.case_id}{FILE_ENDING}"
    write_nifti(label_path, _asked(load_labels(mask), case, manifest.ignore_label), volume.geometry)
    return (*write_channels(volume, manifest.channels, images, case.case_id), label_path)


def _asked(labels: LabelArray, case: ManifestCase, ignore: int | None) -> LabelArray:
    """Labels (Z, Y, X) with the slices that nobody asked for given over to the ignore label."""
    if case.slices is None or ignore is None:
        return labels
    others = np.ones(labels.shape[0], dtype=np.bool_)
    others[list(case.slices)] = False
    labels[others] = ignore
    return labels


def _description(snapshot: Snapshot, manifest: Manifest) -> Mapping[str, Any]:
    ignore = {} if manifest.ignore_label is None else {"ignore": manifest.ignore_label}
    return {
        "name": f"{manifest.project} snapshot {snapshot.number}",
        "channel_names": {str(number): channel.name for number, channel in enumerate(manifest.channels)},
        "labels": {"background": 0} | {label.name: label.value for label in manifest.labels} | ignore,
        "numTraining": len(manifest.cases),
        "file_ending": FILE_ENDING,
    }


def _splits(manifest: Manifest) -> list[dict[str, list[str]]]:
    return splits({case.case_id: case.fold for case in manifest.cases})


def _write_json(path: Path, content: Any) -> Path:
    with aside(path) as part:
        part.write_text(json.dumps(content, indent=2), encoding="utf-8")
    return path
