"""Where the reading process leaves pixels: files named by their sha256, which the platform takes into its store."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from backend.imaging.chunks import code_phase
from backend.imaging.dicom.pixels import Pixels
from backend.imaging.reading.messages import BuiltPhase, BuiltVolume
from backend.imaging.thumbnails import middle_slice, projection
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
        """Write bytes under their sha256, which is returned. Whoever takes the file over flushes it to the disk."""
        digest = hashlib.sha256(content).hexdigest()
        (self.folder / digest).write_bytes(content)
        return digest

    def phase(self, pixels: Pixels, place: Place) -> BuiltPhase:
        """Code and write the pixels of one phase, on several cores. Phases may come from several threads at once."""
        coded = code_phase(pixels.stored, self.put)
        return BuiltPhase(
            series=place.series,
            label=place.label,
            time_s=place.time_s,
            reason=place.reason,
            codec=coded.codec,
            slices_per_chunk=coded.slices_per_chunk,
            chunks=coded.chunks,
            slope=pixels.slope,
            intercept=pixels.intercept,
            window_low=coded.window_low,
            window_high=coded.window_high,
            instances=place.instances,
        )

    def volume(self, *, name: str, is_dce: bool, geometry: Geometry, phases: tuple[BuiltPhase, ...]) -> BuiltVolume:
        """A volume with its pictures: the middle slice of the last phase, and a maximum intensity projection.

        A DCE volume's projection is that of the last phase less the first.
        """
        shown, before = phases[-1], phases[0] if is_dce and len(phases) > 1 else None
        return BuiltVolume(
            name=name,
            is_dce=is_dce,
            geometry=geometry,
            phases=phases,
            thumbnail=self.put(middle_slice(shown, geometry, self._block)),
            projection=self.put(projection(shown, before, geometry, self._block)),
        )

    def _block(self, digest: str) -> bytes:
        return (self.folder / digest).read_bytes()
