"""What a series is by its headers alone: images to draw on, or something else. Pure."""

from __future__ import annotations

import re
from collections import Counter

from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import (
    UID,
    EnhancedMRImageStorage,
    LegacyConvertedEnhancedMRImageStorage,
    MRImageStorage,
)

from backend.imaging.dicom.burned_in import risk
from backend.imaging.dicom.faults import Defect, NotDrawnOn
from backend.imaging.dicom.grouping import SeriesFiles
from backend.imaging.dicom.headers import Header
from backend.imaging.dicom.stacks import has_plane

MIN_SLICES = 3
FEW_SLICES = 10  # a stack in several planes with fewer in each is a localizer, whatever it is called
MULTI_FRAME = {EnhancedMRImageStorage, LegacyConvertedEnhancedMRImageStorage}
COMPUTED = re.compile(r"(?<![a-z])(subs?|subtr\w*|mip|mpr|proj\w*|cad)(?![a-z])", re.IGNORECASE)
# DICOM PS3.3 C.7.3.1.1.1, those that are met beside breast MR.
MODALITIES = frozenset(
    word
    for line in (
        "AU BI CR CT DG DOC DX ECG ES FID GM HD IO IVUS KO LS M3D MG MR NM OCT OP OT PLAN PR PT PX REG RF",
        "RTDOSE RTIMAGE RTPLAN RTRECORD RTSTRUCT SEG SM SMR SR STL TG US XA XC",
    )
    for word in line.split()
)
PIXEL_BITS = {8, 16}


def check_nature(series: SeriesFiles) -> None:
    """Raises NotDrawnOn for what is no stack of MR slices, Defect for MR images that this version cannot read."""
    _check_kind(series)
    if found := risk(series.headers):
        raise NotDrawnOn(found)
    _check_type(series)
    cut = sum(header.is_cut_short for header in series.headers)
    if cut:
        verb = "file that is" if cut == 1 else "files that are"
        raise Defect(
            f"has {cut} {verb} cut short", "Copy the files again from their source, and import the study again."
        )
    _check_planes(series)
    _check_pixels(series)


def is_computed(header: Header) -> bool:
    """True for subtractions, projections and reformats, by image type or description."""
    return any(COMPUTED.search(text) for text in (*header.image_type, header.series_description))


def _check_kind(series: SeriesFiles) -> None:
    first = series.first
    if first.modality == "SEG":
        raise NotDrawnOn("a segmentation (SEG), not an image")
    if first.modality != "MR":
        raise NotDrawnOn(f"not MR (modality {modality_code(first)})")
    if first.sop_class in MULTI_FRAME or any(header.frames > 1 for header in series.headers):
        raise Defect(
            "is Enhanced (multi-frame) MR, which this version does not read",
            "Convert it to classic MR, one file per slice, and import the study again.",
        )
    if first.sop_class != MRImageStorage:
        raise NotDrawnOn("MR without being an MR image (a report, a screenshot or raw data)")


def modality_code(header: Header) -> str:
    """The modality when it is a term of DICOM; any other text could name somebody."""
    return header.modality if header.modality in MODALITIES else "unknown"


def _check_type(series: SeriesFiles) -> None:
    types = {word.upper() for word in series.first.image_type}
    if types & {"LOCALIZER", "SCOUT"}:
        raise NotDrawnOn("a localizer")
    if "MOSAIC" in types:
        raise NotDrawnOn("a mosaic: many slices in one picture")
    if is_computed(series.first):
        raise NotDrawnOn("computed from other images (a subtraction, projection or reformat)")
    if any(header.samples != 1 for header in series.headers):
        raise NotDrawnOn("colour pictures")


def _check_planes(series: SeriesFiles) -> None:
    without = sum(not has_plane(header) for header in series.headers)
    if without == len(series.headers):
        raise NotDrawnOn("its headers do not say where the images lie in the patient")
    if without:
        raise Defect(
            f"has {without} of {len(series.headers)} images whose headers do not say where they lie",
            "Export the series again, and import the study again.",
        )
    if len({header.position_lps for header in series.headers}) < MIN_SLICES:
        raise NotDrawnOn(f"fewer than {MIN_SLICES} slices")
    planes = Counter(tuple(round(cosine, 1) for cosine in header.orientation) for header in series.headers)
    if len(planes) > 1 and max(planes.values()) < FEW_SLICES:
        raise NotDrawnOn(f"a localizer: {len(planes)} planes of at most {max(planes.values())} slices")


def _check_pixels(series: SeriesFiles) -> None:
    bits = {header.bits for header in series.headers} - PIXEL_BITS
    if bits:
        raise Defect(
            f"has pixels of {min(bits)} bits; 8 or 16 can be read", "Export it with 16 bits, and import again."
        )
    for syntax in {header.transfer_syntax for header in series.headers} - {""}:
        if not _readable(UID(syntax)):
            raise Defect(
                f"is compressed in a way that cannot be read here ({UID(syntax).name})",
                "Export the study uncompressed (Explicit VR Little Endian), and import it again.",
            )


def _readable(syntax: UID) -> bool:
    try:
        return bool(get_decoder(syntax).is_available)
    except NotImplementedError:
        return False
