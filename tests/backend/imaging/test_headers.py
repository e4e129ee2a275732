"""Headers are read tolerantly, and nothing that is not listed is read at all."""

from __future__ import annotations

import contextlib

import pytest
from pydicom import dcmread
from pydicom.fileset import FileSet
from pydicom.uid import DeflatedExplicitVRLittleEndian

from backend.imaging.dicom import attributes
from backend.imaging.dicom.headers import HeaderRefused, Refusal, read_header
from backend.imaging.dicom.scan import scan
from backend.imaging.sources import list_files
from tests.backend.imaging.dicom_files import ramp


def refusal_of(path) -> Refusal:
    with pytest.raises(HeaderRefused) as refused:
        read_header(path)
    return refused.value.refusal


@pytest.mark.parametrize("content", [b"", b"hello", b"\0" * 500, b"\x89PNG" + b"\1" * 300, b"\x08\x00" + b"\xff" * 900])
def test_other_files_are_not_dicom(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    assert refusal_of(path) in {Refusal.NOT_DICOM, Refusal.DAMAGED}


def test_a_zip_is_named_as_such(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04" + b"\0" * 200)
    assert refusal_of(tmp_path / "a.zip") is Refusal.ARCHIVE


def test_what_pretends_to_be_deflated_is_damaged(study):
    path = study.add(ramp((1, 4, 4)))[0]
    dataset = dcmread(path)
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    dataset.save_as(path)
    plain = path.read_bytes()
    path.write_bytes(plain[:400] + b"\xff" * 300)
    assert refusal_of(path) is Refusal.DAMAGED


@pytest.mark.parametrize("start", [b"MZ\x90\0", b"\x7fELF\2", b"#!/bin/sh\n", b"%PDF-1.7", b"<html>", b"\x1f\x8b\x08"])
def test_a_file_that_is_something_else_besides_is_refused(study, start):
    path = study.add(ramp((1, 4, 4)))[0]
    path.write_bytes(start + path.read_bytes()[len(start) :])
    assert refusal_of(path) is Refusal.POLYGLOT


def test_a_zip_that_is_dicom_besides_is_a_zip(study):
    path = study.add(ramp((1, 4, 4)))[0]
    path.write_bytes(b"PK\x03\x04" + path.read_bytes()[4:])
    assert refusal_of(path) is Refusal.ARCHIVE


def test_a_dataset_without_preamble_is_read(study):
    path = study.add(ramp((1, 4, 4)), SeriesDescription="plain")[0]
    dataset = dcmread(path)
    del dataset.file_meta
    dataset.preamble = None
    dataset.save_as(path, implicit_vr=True, little_endian=True, enforce_file_format=False)
    assert path.read_bytes()[:2] == b"\x08\x00"
    assert read_header(path).series_description == "plain"


def test_a_file_cut_in_its_pixels_is_known_to_be_short(study):
    path = study.add(ramp((1, 16, 16)))[0]
    assert not read_header(path).is_cut_short
    path.write_bytes(path.read_bytes()[:-10])
    assert read_header(path).is_cut_short


@pytest.mark.parametrize("cut", range(132, 700, 31))
def test_a_file_cut_in_its_header_never_raises_anything_else(study, cut):
    path = study.add(ramp((1, 4, 4)))[0]
    path.write_bytes(path.read_bytes()[:cut])
    with contextlib.suppress(HeaderRefused):
        assert read_header(path).is_cut_short


def test_a_value_that_cannot_be_converted_counts_as_absent(study):
    path = study.add(ramp((1, 4, 4)), EchoTime="1.4")[0]
    path.write_bytes(path.read_bytes().replace(b"DS\x04\x001.4 ", b"DS\x04\x00no! "))
    header = read_header(path)
    assert header.echo_ms is None
    assert header.rows == 4


def test_dates_and_times_become_seconds_that_cross_midnight():
    late = {"D": "20240131", "T": "235959.5"}
    early = {"D": "20240201", "T": "000001"}
    assert attributes.moment_s(early, "D", "T") - attributes.moment_s(late, "D", "T") == 1.5
    assert attributes.date_time_s({"A": "20240201000001.0000+0100"}, "A") == attributes.moment_s(early, "D", "T")
    assert attributes.moment_s({"D": "20240131"}, "D", "T") is None
    assert attributes.date({"D": "20241399"}, "D") is None


@pytest.mark.parametrize("value", ["nan", "inf", "1e400", "abc", ["1", "x"]])
def test_figures_that_are_none_are_absent(value):
    assert attributes.number({"N": value}, "N") is None


def test_links_are_left_out_and_counted(tmp_path, study):
    study.add(ramp((2, 4, 4)))
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("x")
    (study.folder / "to_file").symlink_to(outside / "secret")
    (study.folder / "to_folder").symlink_to(outside)
    files, links = list_files(study.folder)
    assert (len(files), links) == (2, 2)


def test_the_same_image_twice_counts_once(study):
    path = study.add(ramp((3, 4, 4)))[0]
    path.with_name("copy").write_bytes(path.read_bytes())
    found = scan(list_files(study.folder)[0])
    assert (len(found.headers), found.repeats) == (3, 1)


def test_an_index_of_files_is_skipped_and_its_files_are_found(study, tmp_path):
    index = FileSet()
    for path in study.add(ramp((3, 4, 4))):
        image = dcmread(path)
        image.StudyTime, image.StudyID, image.AccessionNumber, image.PatientName = "10", "1", "", "A"
        index.add(image)
    index.write(tmp_path / "disc")
    files = list_files(tmp_path / "disc")[0]
    assert "DICOMDIR" in {path.name for path in files}
    found = scan(files)
    assert list(found.refused.values()) == [Refusal.DIRECTORY]
    assert len(found.headers) == 3
