"""Existing masks: DICOM SEG and label maps on the grid of a volume, each segment kept apart. Pure, without Django.

Nothing is resampled: a mask whose voxels do not coincide with the volume's is refused, with numbers.
"""

from backend.imaging.segments.added import read_mask_file
from backend.imaging.segments.bitmaps import Bitmaps
from backend.imaging.segments.label_files import read_label_file
from backend.imaging.segments.label_maps import from_labels
from backend.imaging.segments.refusal import MaskRefused
from backend.imaging.segments.seg import read_seg

__all__ = ["Bitmaps", "MaskRefused", "from_labels", "read_label_file", "read_mask_file", "read_seg"]
