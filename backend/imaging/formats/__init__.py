"""Studies that do not come as DICOM: NIfTI, NRRD, MetaImage and arrays as of BreastDM. Pure, without Django.

Cases are found by the names of files; geometry is exact, voxels keep their places, and nothing is resampled.
"""

from backend.imaging.formats.case import FileCase
from backend.imaging.formats.finding import Found, find_cases

__all__ = ["FileCase", "Found", "find_cases"]
