"""Where the reading process leaves pixels: files named by their sha256, which the platform takes into its store."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from backend.imaging.chunks import decode_block, encode_phase
from backend.imaging.dicom.pixels import Pixels
from backend.imaging.reading.messages import BuiltPhase, BuiltVolume
from backend.imaging.thumbnails import png_of
from ml.geometry import Geometry


@dataclass(frozen=True)
class Place:
    """Where a phase belongs: place of its series in the study, and what `BuiltPhase` says of it."""

    series: int
    label: str
    time_s: float | None
    reason: str
    instances: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Output:
    """A folder that is there already."""

    folder: Path

    def put(self, content: bytes) -> str:
        """Write bytes under their sha256, which is returned."""
        digest = hashlib.sha256(content).hexdigest()
        (self.folder / digest).write_bytes(content)
        return digest

    def phase(self, pixels: Pixels, place: Place) -> BuiltPhase:
        """Code and write the pixels of one phase."""
        encoded = encode_phase(pixels.stored)
        return BuiltPhase(
            series=place.series,
            label=place.label,
            time_s=place.time_s,
            reason=place.reason,
            codec=encoded.codec,
            slices_per_chunk=encoded.slices_per_chunk,
            chunks=tuple(self.put(block) for block in encoded.blocks),
            slope=pixels.slope,
            intercept=pixels.intercept,
            window_low=encoded.window_low,
            window_high=encoded.window_high,
            instances=place.instances,
        )

    def volume(self, *, name: str, is_dce: bool, geometry: Geometry, phases: tuple[BuiltPhase, ...]) -> BuiltVolume:
        """A volume with its pictures, which show the last phase."""
        shown = phases[-1]
        middle, offset = divmod(geometry.shape_zyx[0] // 2, shown.slices_per_chunk)
        block = (self.folder / shown.chunks[middle]).read_bytes()
        picture = decode_block(block, shown.codec, geometry.shape_zyx[1:])[offset]
        png = png_of(picture, geometry.spacing_zyx_mm[1:], (shown.window_low, shown.window_high))
        return BuiltVolume(name=name, is_dce=is_dce, geometry=geometry, phases=phases, thumbnail=self.put(png))
