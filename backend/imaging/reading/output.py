"""Where the reading process leaves pixels: files named by their sha256, which the platform takes into its store."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from backend.core.files import begin_writing
from backend.imaging.chunks import code_phase, decode_block, thinned
from backend.imaging.dicom.pixels import Pixels
from backend.imaging.reading.messages import BuiltPhase, BuiltVolume
from backend.imaging.thumbnails import Scaled, png_of, projection
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
    """A folder that is there already; what no answer names in it, such as thinned phases, vanishes with it."""

    folder: Path

    def put(self, content: bytes) -> str:
        """Write bytes under their sha256, which is returned. Whoever takes the file over flushes it to the disk."""
        digest = hashlib.sha256(content).hexdigest()
        part = self.folder / f"{digest}.{threading.get_ident()}"  # the name is for whole files: they are taken at once
        with part.open("wb", buffering=0) as file:
            left = memoryview(content)
            while left:
                left = left[file.write(left) :]
            begin_writing(file.fileno())
        part.rename(self.folder / digest)
        return digest

    def phase(self, pixels: Pixels, place: Place) -> BuiltPhase:
        """Code and write the pixels of one phase, on several cores. Phases may come from several threads at once."""
        coded = code_phase(pixels.stored, self.put)
        np.save(self._thinned(coded.chunks), np.ascontiguousarray(thinned(pixels.stored)))  # five times as fast
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
        shown, first = phases[-1], phases[0]
        values = self._scaled(shown)
        before = self._scaled(first) if is_dce and first.chunks != shown.chunks else None
        return BuiltVolume(
            name=name,
            is_dce=is_dce,
            geometry=geometry,
            phases=phases,
            thumbnail=self.put(self._middle_slice(shown, geometry)),
            projection=self.put(projection(values, before, _spacing_yx_mm(geometry, values))),
        )

    def _middle_slice(self, phase: BuiltPhase, geometry: Geometry) -> bytes:
        number, offset = divmod(geometry.shape_zyx[0] // 2, phase.slices_per_chunk)
        block = (self.folder / phase.chunks[number]).read_bytes()
        slice_yx = decode_block(block, phase.codec, geometry.shape_zyx[1:])[offset]
        return png_of(slice_yx, geometry.spacing_zyx_mm[1:], (phase.window_low, phase.window_high))

    def _scaled(self, phase: BuiltPhase) -> Scaled:
        return Scaled(np.load(self._thinned(phase.chunks), mmap_mode="r"), phase.slope, phase.intercept)

    def _thinned(self, chunks: tuple[str, ...]) -> Path:
        """File with a phase's thinned pixels, of which the volume's pictures are made."""
        return self.folder / f"thinned-{hashlib.sha256(''.join(chunks).encode()).hexdigest()[:32]}.npy"


def _spacing_yx_mm(geometry: Geometry, thin: Scaled) -> tuple[float, float]:
    """Between the pixels that are left."""
    y_mm, x_mm = (
        mm * -(-whole // left)
        for mm, whole, left in zip(
            geometry.spacing_zyx_mm[1:], geometry.shape_zyx[1:], thin.pixels.shape[1:], strict=True
        )
    )
    return y_mm, x_mm
