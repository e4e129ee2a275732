"""Which pictures may have somebody's name in their pixels, by their headers. Such pictures never become volumes. Pure.

Nothing looks into the pixels: MR images off the scanner have no text, and whoever adds some has to say so
(BurnedInAnnotation, DICOM PS3.3 C.7.6.1.1); what workstations photograph is told by its SOP class, its conversion type
or its image type.
"""

from __future__ import annotations

from collections.abc import Iterable

from pydicom.uid import (
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    MultiFrameSingleBitSecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    SecondaryCaptureImageStorage,
    UltrasoundImageStorage,
    UltrasoundMultiFrameImageStorage,
    XRayAngiographicImageStorage,
    XRayRadiofluoroscopicImageStorage,
)

from backend.imaging.dicom.headers import Header

CAPTURED = frozenset(
    {
        MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
        MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
        MultiFrameSingleBitSecondaryCaptureImageStorage,
        MultiFrameTrueColorSecondaryCaptureImageStorage,
        SecondaryCaptureImageStorage,
    }
)
WRITTEN_OVER = frozenset(
    {
        UltrasoundImageStorage,
        UltrasoundMultiFrameImageStorage,
        XRayAngiographicImageStorage,
        XRayRadiofluoroscopicImageStorage,
    }
)
# How a picture came to be that no scanner made (PS3.3 C.8.6.1): video, film, a document, a drawing, a workstation.
CONVERSIONS = frozenset({"DV", "DF", "SD", "SI", "DRW", "SYN", "WSD"})
SCREENS = frozenset({"SCREEN SAVE", "SCREEN_SAVE", "SCREENSHOT", "SCREEN CAPTURE", "CSA REPORT", "REPORT", "POSDISP"})


def risk(headers: Iterable[Header]) -> str:
    """Why these pictures may show who the patient is, as it follows `is not drawn on:`; empty when nothing says so."""
    return next((reason for header in headers if (reason := _risk(header))), "")


def _risk(header: Header) -> str:
    if header.burned_in:
        return "its header says that text is burned into the pictures"
    if header.recognizable:
        return "its header says that a person can be recognised in the pictures"
    if header.sop_class in CAPTURED or header.conversion in CONVERSIONS:
        return "a photographed screen or film, which can show a name"
    if header.sop_class in WRITTEN_OVER:
        return "of a kind that machines write names into"
    if {word.upper() for word in header.image_type} & SCREENS:
        return "a saved screen or report, which can show a name"
    return ""
