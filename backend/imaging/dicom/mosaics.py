"""Siemens mosaics, whose image type does not always say what they are: many slices side by side in one picture."""

from __future__ import annotations

import struct

from pydicom.dataset import Dataset
from pydicom.tag import Tag

from backend.imaging.dicom.files import open_file
from backend.imaging.dicom.headers import Header

MR_CREATOR, CSA_CREATOR = "SIEMENS MR HEADER", "SIEMENS CSA HEADER"
COUNT_IN_MR, CSA_IMAGE_HEADER = 0x0A, 0x10  # elements of these creators' private blocks
COUNT = b"NumberOfImagesInMosaic"
NAME_BYTES = 64  # of a field in a CSA header: name, VM, VR, SyngoDT, number of items, 77, then the items
ITEMS_AT = NAME_BYTES + 20
ITEM_BYTES = 16
BLOCKS = (0x10, 0x11, 0x12)  # Siemens' own files use the first; others move in before it now and then
TAGS = [
    Tag(group, element)
    for group, wanted in ((0x0019, COUNT_IN_MR), (0x0029, CSA_IMAGE_HEADER))
    for block in BLOCKS
    for element in (block, block * 0x100 + wanted)
]


def is_mosaic(header: Header) -> bool:
    """True when Siemens' private attributes count more than one slice in the picture."""
    if "siemens" not in header.manufacturer.casefold():
        return False
    try:
        dataset = open_file(header.path, TAGS).dataset
        return _counted_in_block(dataset) > 1 or _counted_in_csa(dataset) > 1
    except Exception:  # noqa: BLE001 - private attributes are nobody's promise; without them it is no known mosaic
        return False


def _element(dataset: Dataset, group: int, creator: str, element: int) -> object:
    """Value of a private attribute; blocks are looked up by the creator's name (PS3.5 7.8.1)."""
    for block in BLOCKS:
        held = dataset.get((group, block))
        if held is not None and str(held.value).strip() == creator:
            found = dataset.get((group, block * 0x100 + element))
            return None if found is None else found.value
    return None


def _counted_in_block(dataset: Dataset) -> int:
    value = _element(dataset, 0x0019, MR_CREATOR, COUNT_IN_MR)
    if isinstance(value, bytes) and len(value) == 2:  # implicit files do not know its type
        return int.from_bytes(value, "little")
    return int(str(value)) if str(value).isdigit() else 0


def _counted_in_csa(dataset: Dataset) -> int:
    value = _element(dataset, 0x0029, CSA_CREATOR, CSA_IMAGE_HEADER)
    if not isinstance(value, bytes) or (at := value.find(COUNT)) < 0:
        return 0
    items, _, _, length = struct.unpack_from("<4i", value, at + NAME_BYTES + 12)  # the first item's second number
    if items < 1 or length < 1:
        return 0
    start = at + ITEMS_AT + ITEM_BYTES
    text = value[start : start + length].split(b"\0")[0].strip()
    return int(text) if text.isdigit() else 0
