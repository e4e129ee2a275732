"""What a series is by its headers alone: images to draw on, or something else. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import (
    UID,
    EnhancedMRImageStorage,
    JPEGExtended12Bit,
    LegacyConvertedEnhancedMRImageStorage,
    MRImageStorage,
)

from backend.imaging.dicom.burned_in import risk
from backend.imaging.dicom.faults import Defect, NotDrawnOn
from backend.imaging.dicom.grouping import SeriesFiles
from backend.imaging.dicom.headers import Header
from backend.imaging.dicom.mosaics import is_mosaic
from backend.imaging.dicom.stacks import MIN_SLICES, has_plane

FEW_SLICES = 10  # a stack in several planes with fewer in each is a localizer, whatever it is called
MR_IMAGES = {MRImageStorage, EnhancedMRImageStorage, LegacyConvertedEnhancedMRImageStorage}
COMPUTED = re.compile(
    r"(?<![a-z])(subs?|subtr\w*|mip|mpr|proj\w*|cad|ktrans|kep|iauc|ttp|wash.?(in|out)|pei)(?![a-z])", re.IGNORECASE
)
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


def images_of(series: SeriesFiles) -> tuple[Header, ...]:
    """The images of a series that can be slices of volumes: all, or those that are not computed from the others.

    Raises NotDrawnOn for what is no stack of MR slices, Defect for MR images that this version cannot read.
    """
    _check_kind(series.first)
    if found := risk(series.headers):
        raise NotDrawnOn(found)
    images = _drawable(series)
    cut = sum(header.is_cut_short for header in series.headers)
    if cut:
        verb = "file that is" if cut == 1 else "files that are"
        raise Defect(
            f"has {cut} {verb} cut short", "Copy the files again from their source, and import the study again."
        )
    _check_planes(series, images)
    _check_pixels(series)
    return images


def is_computed(header: Header) -> bool:
    """True for subtractions, projections and reformats, by image type or description."""
    return any(COMPUTED.search(text) for text in (*header.image_type, header.series_description))


def _check_kind(first: Header) -> None:
    if first.modality == "SEG":
        raise NotDrawnOn("a segmentation (SEG), not an image")
    if first.modality != "MR":
        raise NotDrawnOn(f"not MR (modality {modality_code(first)})")
    if first.sop_class not in MR_IMAGES:
        raise NotDrawnOn("MR without being an MR image (a report, a screenshot or raw data)")


def modality_code(header: Header) -> str:
    """The modality when it is a term of DICOM; any other text could name somebody."""
    return header.modality if header.modality in MODALITIES else "unknown"


def _drawable(series: SeriesFiles) -> tuple[Header, ...]:
    types = {word.upper() for word in series.slices[0].image_type}
    if types & {"LOCALIZER", "SCOUT"}:
        raise NotDrawnOn("a localizer")
    if "MOSAIC" in types or is_mosaic(series.first):
        raise NotDrawnOn("a mosaic: many slices in one picture")
    images = tuple(image for image in series.slices if not is_computed(image))
    if not images:
        raise NotDrawnOn("computed from other images (a subtraction, projection or reformat)")
    if any(header.samples != 1 for header in series.headers):
        raise NotDrawnOn("colour pictures")
    return images


def _check_planes(series: SeriesFiles, images: Sequence[Header]) -> None:
    unplaced = [header for header in series.headers if header.frames > 1 and not header.slices]
    if len(unplaced) == len(series.headers):
        frames = sum(header.frames for header in unplaced)
        raise NotDrawnOn(f"{frames} frames in files that do not say where each lies in the patient")
    without = sum(not has_plane(image) for image in images)
    if without == len(images):
        raise NotDrawnOn("its headers do not say where the images lie in the patient")
    if without:
        raise Defect(
            f"has {without} of {len(images)} images whose headers do not say where they lie",
            "Export the series again, and import the study again.",
        )
    if len({image.position_lps for image in images}) < MIN_SLICES:
        raise NotDrawnOn(f"fewer than {MIN_SLICES} slices")
    planes = Counter(tuple(round(cosine, 1) for cosine in image.orientation) for image in images)
    if len(planes) > 1 and max(planes.values()) < FEW_SLICES:
        raise NotDrawnOn(f"a localizer: {len(planes)} planes of at most {max(planes.values())} slices")


def _check_pixels(series: SeriesFiles) -> None:
    bits = {header.bits for header in series.headers} - PIXEL_BITS
    if bits:
        raise Defect(
            f"has pixels of {min(bits)} bits; 8 or 16 can be read", "Export it with 16 bits, and import again."
        )
    odd = [h for h in series.headers if not 0 < h.bits_stored <= h.bits or h.high_bit != h.bits_stored - 1]
    if odd:
        raise Defect(
            f"stores {odd[0].bits_stored} bits up to bit {odd[0].high_bit} of {odd[0].bits} in {len(odd)} of "
            f"{len(series.headers)} files, which leaves open where the values are",
            "Export it with the highest bit one under the bits stored, and import again.",
        )
    for syntax, bits_stored in {(header.transfer_syntax, header.bits_stored) for header in series.headers}:
        if syntax and not _readable(UID(syntax), bits_stored):
            raise Defect(
                f"is compressed in a way that cannot be read here ({UID(syntax).name}, {bits_stored} bits)",
                "Export the study uncompressed (Explicit VR Little Endian), and import it again.",
            )


def _readable(syntax: UID, bits_stored: int) -> bool:
    if syntax == JPEGExtended12Bit and bits_stored > 8:  # neither GDCM nor Pillow decodes it
        return False
    try:
        return bool(get_decoder(syntax).is_available)
    except NotImplementedError:
        return False
