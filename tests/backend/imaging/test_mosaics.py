"""Siemens mosaics are known by name, also when only private attributes tell."""

from __future__ import annotations

import importlib
import struct

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import ImplicitVRLittleEndian

from backend.imaging.dicom.grouping import group
from backend.imaging.dicom.headers import read_header
from backend.imaging.dicom.mosaics import is_mosaic
from backend.imaging.dicom.plan import plan_study
from backend.imaging.dicom.scan import scan
from backend.imaging.sources import list_files
from tests.backend.imaging.dicom_files import ramp


def csa(count: str) -> bytes:
    """A CSA2 header of two fields, the second with the number of slices."""
    fields = [("EchoLinePosition", "32"), ("NumberOfImagesInMosaic", count)]
    content = b"SV10\4\3\2\1" + struct.pack("<2I", len(fields), 77)
    for name, value in fields:
        content += struct.pack("<64si4s3i", name.encode(), 1, b"US", 6, 6, 77)
        for text in (value, *[""] * 5):
            coded = text.encode() + b"\0" if text else b""
            content += struct.pack("<4i", len(coded), len(coded), 77, len(coded))
            content += coded + bytes(-len(coded) % 4)
    return content


def with_csa(count: str):
    def edit(header, _n):
        header.Manufacturer = "SIEMENS"
        header.private_block(0x0029, "SIEMENS CSA HEADER", create=True).add_new(0x10, "OB", csa(count))

    return edit


def with_block(count: int, block: int = 0x10):
    def edit(header, _n):
        header.Manufacturer = "Siemens Healthineers"
        for n in range(0x10, block):
            header.add_new((0x0019, n), "LO", f"SOMEBODY {n}")
        header.add_new((0x0019, block), "LO", "SIEMENS MR HEADER")
        header.add_new((0x0019, block * 0x100 + 0x0A), "US", count)

    return edit


@pytest.mark.filterwarnings("ignore:The DICOM readers")  # nibabel calls its own reader experimental
@pytest.mark.parametrize(("count", "expected"), [("36", 36), ("1", 1), ("", None)])
def test_the_private_header_of_this_test_is_one_that_nibabel_reads(count, expected):
    reader = importlib.import_module("nibabel.nicom.csareader")
    assert reader.get_n_mosaic(reader.read(csa(count))) == expected


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (with_csa("36"), True),
        (with_csa("1"), False),
        (with_csa(""), False),
        (with_block(36), True),
        (with_block(36, block=0x12), True),
        (with_block(1), False),
        (lambda header, _: setattr(header, "Manufacturer", "SIEMENS"), False),
    ],
    ids=["csa", "csa of one", "csa without", "block", "third block", "block of one", "nothing"],
)
@pytest.mark.parametrize("implicit", [False, True])
def test_private_attributes_tell_a_mosaic(study, edit, told, implicit):
    path = study.add(np.ones((1, 4, 4), np.uint16), edit=edit)[0]
    if implicit:
        dataset = dcmread(path)
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
        dataset.save_as(path, implicit_vr=True, little_endian=True)
    assert is_mosaic(read_header(path)) is told


def test_another_manufacturer_is_not_asked(study):
    def edit(header, n):
        with_block(36)(header, n)
        header.Manufacturer = "GE MEDICAL SYSTEMS"

    assert not is_mosaic(read_header(study.add(ramp((1, 4, 4)), edit=edit)[0]))


def test_a_mosaic_without_the_word_is_listed_by_name_and_the_study_goes_on(study):
    study.add_dynamic()
    study.add(ramp((4, 8, 6)), edit=with_csa("36"))
    (files,) = group(scan(list_files(study.folder)[0]).headers)
    plan = plan_study(files, max_voxels=10**6)
    assert [len(volume.phases) for volume in plan.volumes] == [3]
    assert list(plan.not_drawn_on.values()) == ["a mosaic: many slices in one picture"]
