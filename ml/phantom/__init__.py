"""Seeded digital breast-MRI patients: pictures, exact truth and DICOM, without any real person."""

from ml.phantom.dicom import write_dicom
from ml.phantom.identity import Identity
from ml.phantom.phantom import Features, LesionFeature, Phantom, make_phantom
from ml.phantom.size import Size
from ml.phantom.tissue import Label

__all__ = [
    "Features",
    "Identity",
    "Label",
    "LesionFeature",
    "Phantom",
    "Size",
    "make_phantom",
    "write_dicom",
]
