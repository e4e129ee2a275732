"""Existing masks for tests, stored as an import stores them."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from backend.core import blobs
from backend.imaging.models import FoundMask, Volume
from backend.imaging.reading.messages import FoundSegment
from backend.imaging.segments.bitmaps import Bitmaps, pack

FGT = "C114467^NCIt^Mammary Fibroglandular Tissue"
FAT = "89749009^SCT^Fatty tissue of breast"
TISSUE = "85756007^SCT^Tissue"


def segment(number, name, kind="", algorithm="MANUAL"):
    return {"number": number, "name": name, "category": TISSUE if kind else "", "type": kind, "algorithm": algorithm}


def add_found_mask(volume: Volume, drawn: dict[int, np.ndarray], said: list[dict], key: str = "k") -> FoundMask:
    """drawn: voxels (Z, Y, X) of each segment; said: what the file says of them, in `segment`s."""
    planes = {n: {z: pack(p) for z, p in enumerate(voxels) if p.any()} for n, voxels in drawn.items()}
    bitmaps = Bitmaps(volume.shape_zyx, planes)
    return FoundMask.objects.create(
        volume=volume,
        source="DICOM SEG, binary",
        instances_key=key,
        segments=[{**asdict(FoundSegment(**row, voxels=bitmaps.voxels(row["number"]))), "label": None} for row in said],
        overlaps=[{"segments": list(pair), "voxels": count} for pair, count in bitmaps.overlaps()],
        content=blobs.put(bitmaps.encode()),
    )


def like_duke(volume: Volume, key: str = "k") -> tuple[FoundMask, dict[int, np.ndarray]]:
    """Two segments of fibroglandular tissue, two of fat, one of which meets the second."""
    drawn = {n: np.zeros(volume.shape_zyx, bool) for n in (1, 2, 3, 4)}
    drawn[1][0, 2:6, 2:6] = True
    drawn[2][2, 4:9, 1:5] = True
    drawn[3][2, 7:12, 3:9] = True
    drawn[4][3, 0:3, 0:3] = True
    said = [
        segment(1, "Mammary Fibroglandular Tissue", FGT),
        segment(2, "Mammary Fibroglandular Tissue", FGT),
        segment(3, "Fatty tissue of breast", FAT),
        segment(4, "Fatty tissue of breast", FAT),
    ]
    return add_found_mask(volume, drawn, said, key), drawn
