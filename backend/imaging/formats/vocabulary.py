"""The words that are understood in names of files and folders; every other can be part of a patient's name. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

SUFFIXES = {
    ".nii": "nifti",
    ".nii.gz": "nifti",
    ".nrrd": "nrrd",
    ".mha": "mha",
    ".npy": "npy",
    ".hdr": "pair",
    ".img": "pair",
    ".img.gz": "pair",
    ".nhdr": "detached",
    ".mhd": "detached",
    ".npz": "archive",
}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MASK_WORDS = _words(
    "label labels labelmap seg segs segmentation segmentations mask masks gt groundtruth annotation annotations roi "
    "rois labelstr labelsts labelsval"
)
SERIES_WORDS = _words(  # which tell the series of one case apart
    "t1 t1w t2 t2w pd flair stir dwi adc b0 dce dyn dynamic vibrant vibe views twist thrive flash fl3d spgr tse gre "
    "dixon water fat inphase outphase fs fatsat ax axial tra transversal sag sagittal cor coronal left right "
    "registered reg subtraction subtracted mip lesion lesions tumor tumour breast"
)
EMPTY_WORDS = _words(
    "image images img imgs volume vol mr mri scan series nifti nii nrrd mha npy 2d 3d 4d raw data orig original iso "
    "crop cropped anat perf preprocessed"
)
DATASET_FOLDERS = _words(
    "images labels masks segmentations annotations imagestr imagests imagesval labelstr labelsts labelsval"
)
SORTING_FOLDERS = _words("train val test training validation testing expert automatic")

VISIT = re.compile(
    r"(?:ses|session|visit|exam|examination|timepoint|tp)[ _-]?[0-9]{1,8}|baseline|follow[ _-]?up[ _-]?[0-9]{0,2}"
    r"|(?:19|20)[0-9]{2}[-_.]?[0-9]{2}[-_.]?[0-9]{2}"
)


@dataclass(frozen=True)
class Mark:
    """Which phase a name says that a file is.

    order: by which phases are sorted. label: what the phase is called, empty where its place decides. reason: in words.
    """

    order: int
    label: str
    reason: str


PRE = -1
_NUMBERED = {
    "phase": r"phase|ph",
    "dce": r"dce|dyn|dynamic",
    "pass": r"pass",
    "acquisition": r"aqc|acquisition",
    "time": r"time",
    "volume": r"vol|volume|frame",
}
_SPACE = r"[ _+-]*"
_TAILS = (
    ("vibrant", rf"vibrant(?:{_SPACE}c[ _-]?([0-9]{{1,2}}))?"),
    ("pre", rf"pre(?:{_SPACE}contrast)?"),
    ("post", rf"post(?:{_SPACE}contrast)?{_SPACE}([0-9]{{1,2}})"),
    ("post", rf"post(?:{_SPACE}contrast)?()"),
    ("ordinal", rf"([1-9])(?:st|nd|rd|th)(?:{_SPACE}(?:post|pass|phase|contrast))?"),
    *((word, rf"(?:{words}){_SPACE}([0-9]{{1,3}})") for word, words in _NUMBERED.items()),
)
_START = r"(?:^|(?<=[ _.+-]))"
TAILS = tuple((word, re.compile(f"{_START}(?:{pattern})$")) for word, pattern in _TAILS)
LAST_WORD = re.compile(rf"{_START}[^ _.+-]+$")
LAST_VISIT = re.compile(rf"{_START}(?:{VISIT.pattern})$")
LAST_ENTITY = re.compile(  # of BIDS, but sub and ses
    rf"{_START}(?:run|acq|ce|rec|echo|part|desc|space|res|dir|task)-[a-z0-9]{{1,40}}$"
)
LAST_SUBTRACTION = re.compile(rf"{_START}sub([0-9]{{1,2}})$")  # of BreastDM; elsewhere `sub1` is a subject
CHANNEL = re.compile(r"(.+)_00([01][0-9])")  # of nnU-Net


def mark_of(word: str, number: str | None) -> Mark:
    """What a phase's word and number in a name mean."""
    if word == "channel":
        return Mark(int(number or 0), "", f"number {int(number or 0)} in its file name")
    if word == "pre" or (word == "vibrant" and number is None):
        return Mark(PRE, "pre-contrast", f'named "{"VIBRANT" if word == "vibrant" else "pre"}"')
    if word in {"post", "vibrant", "ordinal"}:
        order = int(number or 1)
        said = {"post": f"post {number}".strip(), "vibrant": f"VIBRANT+C{number}", "ordinal": f"pass {number}"}[word]
        return Mark(order, f"post-contrast {order}", f'named "{said}"')
    return Mark(int(number or 0), "", f'number {int(number or 0)} after "{word}" in its file name')
