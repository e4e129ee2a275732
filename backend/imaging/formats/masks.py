"""Label maps beside the images of a case, each on the grid of one of its volumes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from backend.imaging.dicom.cleaner import Cleaner
from backend.imaging.dicom.faults import Defect
from backend.imaging.formats.arrays import read_arrays
from backend.imaging.formats.names import printable
from backend.imaging.formats.opening import Opened
from backend.imaging.formats.padding import Kept
from backend.imaging.reading.messages import BuiltMask, Fault
from backend.imaging.reading.output import Output
from backend.imaging.segments import MaskRefused, from_labels, read_label_file
from ml.geometry import Geometry

SAME_GRID_MM = 0.05
LESION = {255: "lesion"}  # of BreastDM, whose label maps are pictures
NAME_LENGTH = 120
AS_WHOLE = "Write the label map as whole numbers (uint8), and add it to the volume on the study's page."
ON_GRID = "Write the label map on the grid of its image, and add it to the volume on the study's page."


@dataclass(frozen=True)
class Target:
    """A volume that label maps can lie on. grid: as its files have it; kept: slices that came in, None for all."""

    grid: Geometry
    kept: Kept | None

    @property
    def stored(self) -> Geometry:
        """The grid of what came in."""
        return self.kept.geometry(self.grid) if self.kept else self.grid


@dataclass(frozen=True)
class MaskReader:
    """Reads label maps onto targets, the first that fits; keeps the words of `cleaner` out of names."""

    targets: Sequence[Target]
    cleaner: Cleaner
    out: Output

    def read(self, mask: Opened, *, series: int, instances_key: str) -> BuiltMask | Fault:
        """The mask, or why it is none. Nothing is guessed from values that are no whole numbers."""
        try:
            place = self._place(mask)
            built = self._built(mask, self.targets[place])
        except (Defect, MaskRefused) as refused:
            return Fault(mask.subject, f"{refused.message} and was left out", refused.action)
        return replace(built, volume=place, series=series, instances_key=instances_key)

    def _place(self, mask: Opened) -> int:
        for place, target in enumerate(self.targets):
            if target.grid.same_grid(mask.turn.geometry, tolerance_mm=SAME_GRID_MM):
                return place
        shape = "×".join(str(n) for n in mask.layout.shape_zyx)
        raise Defect(f"lies on a grid of its own ({shape} voxels)", ON_GRID)

    def _built(self, mask: Opened, target: Target) -> BuiltMask:
        layout = mask.layout
        if layout.is_segmentation:
            return read_label_file(mask.path, f"mask.{mask.named.kind}", target.stored, self.out)
        if mask.named.kind != "npy" and not layout.is_whole_numbers:
            raise Defect(f"holds {layout.dtype.name} values", AS_WHOLE)
        if layout.phases > 1:
            raise Defect(f"has {layout.phases} time points", AS_WHOLE)
        (labels,) = read_arrays(mask.path, layout)
        names = {value: printable(self.cleaner(name, limit=NAME_LENGTH)) for value, name in layout.label_names.items()}
        return from_labels(
            target.kept.array(labels) if target.kept else labels,
            names=LESION if mask.named.kind == "npy" else names,
            source=f"{layout.kind} label map",
            instances_key="",
            volume=0,
            out=self.out,
        )
