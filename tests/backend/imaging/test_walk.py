"""A whole dataset through its rules: what stays has a form that names nobody, at any depth."""

from __future__ import annotations

import datetime as dt
import json
from io import BytesIO

import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, MRImageStorage

from backend.imaging.dicom import deidentify
from backend.imaging.dicom.deidentify import Cleaner, Key, NestedTooDeep, deidentified_dataset, deidentified_header
from backend.imaging.dicom.walk import MAX_DEPTH, MAX_ITEMS
from tests.backend.imaging.conftest import extracted, shared
from tests.backend.imaging.dicom_files import ramp

KEY, PATIENT = Key(b"a" * 32), "patient"
DAYS = dt.timedelta(days=KEY.shift_days(PATIENT))
NOBODY = Cleaner([])


def left_of(source: Dataset, cleaner: Cleaner = NOBODY) -> Dataset:
    return deidentified_dataset(source, KEY, PATIENT, cleaner)[0]


def dataset(**attributes) -> Dataset:
    made = Dataset()
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


def nested(depth: int, **leaf) -> Dataset:
    item = dataset(**leaf)
    for _ in range(depth):
        item = dataset(SharedFunctionalGroupsSequence=Sequence([item]))
    return item


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("EchoTime", "1.40", 1.4),
        ("SeriesNumber", "7", 7),
        ("Rows", 448, 448),
        ("DiffusionGradientOrientation", [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]),
        ("PatientWeight", "61.5", 61.5),
        ("Modality", "MR", "MR"),
        ("Modality", "DOE", None),
        ("ImageType", ["ORIGINAL", "DOE", "PRIMARY"], ["ORIGINAL", "PRIMARY"]),
        ("PatientSex", "F", "F"),
        ("PatientSex", "JANE", None),
        ("PatientAge", "091Y", "090Y"),
        ("PatientAge", "054Y", "054Y"),
        ("PatientAge", "Doe", None),
        ("SOPClassUID", MRImageStorage, MRImageStorage),
        ("SOPClassUID", "1.2.3.4", None),
        ("SeriesInstanceUID", "1.2.3", KEY.uid("1.2.3")),
        ("ContentTime", "101530.25", "101530.25"),
        ("ContentTime", "Doe", None),
        ("StudyDate", "20240102", f"{dt.date(2024, 1, 2) - DAYS:%Y%m%d}"),
        ("StudyDate", "Doe", None),
        ("AcquisitionDateTime", "20240102101530.5+0100", f"{dt.date(2024, 1, 2) - DAYS:%Y%m%d}101530.5+0100"),
        ("AcquisitionDateTime", "202401", None),
        ("SeriesDescription", "ax t1 12.03.1970", "ax t1"),
        ("DeviceSerialNumber", "4711", None),
        ("ImageComments", "Doe", None),
        ("TargetLabel", "Doe", None),
    ],
)
def test_each_value_stays_in_a_form_that_names_nobody(name, value, kept):
    found = left_of(dataset(**{name: value})).get(name)
    assert (list(found) if isinstance(kept, list) else found) == kept


@pytest.mark.parametrize("name", ["PatientName", "PatientID", "PatientBirthDate", "AccessionNumber"])
def test_what_every_image_must_have_is_emptied(name):
    left = left_of(dataset(**{name: "19700102"}))
    assert name in left
    assert not left[name].value


@pytest.mark.parametrize("name", ["EchoTime", "SeriesNumber", "DiffusionBValue", "Rows"])
@pytest.mark.parametrize("vr", ["LO", "UT", "PN"])
def test_a_number_with_text_in_it_is_removed_whatever_form_the_file_claims(name, vr):
    source = Dataset()
    source.add_new(Tag(name), vr, "Doe^Jane")
    assert name not in left_of(source)


@pytest.mark.parametrize("value", ["nan", "inf", "1e400", "-1e400"])
def test_what_is_no_finite_number_is_removed(value):
    source = Dataset()
    source.add_new(Tag("EchoTime"), "LO", value)
    assert "EchoTime" not in left_of(source)


def test_what_nobody_listed_is_removed():
    source = dataset(PatientName="Doe^Jane", StudyID="5", PixelData=b"\0\0", ImageComments="x")
    source.add_new(0x00091001, "LO", "Doe")
    source.add_new(0x60003000, "OW", b"\0\0")
    source.add_new(0x50003000, "OW", b"\0\0")
    left, counts = deidentified_dataset(source, KEY, PATIENT, NOBODY)
    assert {element.keyword for element in left} == {
        "PatientName", "StudyID", "PatientIdentityRemoved", "DeidentificationMethod",
        "DeidentificationMethodCodeSequence", "LongitudinalTemporalInformationModified",
    }  # fmt: skip
    assert counts == {"emptied": 2, "removed": 5}


def test_every_fate_is_counted():
    source = dataset(
        PatientID="1", EchoTime="1", StudyDate="20240102", SeriesInstanceUID="1.2", ImageComments="x",
        SeriesDescription="ax Doe t1", OperatorsName="Doe^Jane", EchoNumbers="",
    )  # fmt: skip
    counts = deidentified_dataset(source, KEY, PATIENT, NOBODY)[1]
    assert counts == {
        "emptied": 1, "kept": 1, "moved": 1, "remapped": 1, "removed": 2, "cleaned": 1, "words cut out": 1,
    }  # fmt: skip


def test_names_at_any_depth_are_cut_out_of_descriptions():
    source = dataset(SeriesDescription="ax zwitscher t1 77712-A")
    source.RequestAttributesSequence = Sequence(
        [nested(4, RequestingPhysician="Zwitscher^A", AccessionNumber="77712-A")]
    )
    assert left_of(source).SeriesDescription == "ax t1"


def test_uids_and_references_stay_consistent():
    source = dataset(SOPInstanceUID="1.2.3", StudyInstanceUID="1.2")
    source.ReferencedImageSequence = Sequence(
        [
            dataset(
                ReferencedSOPInstanceUID="1.2.3",
                ReferencedSOPClassUID=MRImageStorage,
                PurposeOfReferenceCodeSequence=[],
            )
        ]
    )
    left = left_of(source)
    (reference,) = left.ReferencedImageSequence
    assert reference.ReferencedSOPInstanceUID == left.SOPInstanceUID == KEY.uid("1.2.3")
    assert reference.ReferencedSOPClassUID == MRImageStorage
    other = deidentified_dataset(source, Key(b"b" * 32), PATIENT, NOBODY)[0]
    assert other.SOPInstanceUID != left.SOPInstanceUID


def test_all_moments_of_a_patient_move_alike_and_keep_their_distance():
    source = dataset(StudyDate="20240102", SeriesDate="20240103", AcquisitionDateTime="20240104110000")
    source.PerFrameFunctionalGroupsSequence = Sequence(
        [dataset(FrameContentSequence=Sequence([dataset(FrameAcquisitionDateTime="20240105120000.25-0500")]))]
    )
    left = left_of(source)
    moved = [left.StudyDate, left.SeriesDate, left.AcquisitionDateTime[:8]]
    frame = left.PerFrameFunctionalGroupsSequence[0].FrameContentSequence[0].FrameAcquisitionDateTime
    days = [dt.datetime.strptime(day, "%Y%m%d").date() for day in [*moved, frame[:8]]]  # noqa: DTZ007
    assert [dt.date(2024, 1, n) - day for n, day in enumerate(days, start=2)] == [DAYS] * 4
    assert frame[8:] == "120000.25-0500"
    later = deidentified_dataset(dataset(StudyDate="20240702"), KEY, PATIENT, NOBODY)[0]
    assert dt.date(2024, 7, 2) - dt.datetime.strptime(later.StudyDate, "%Y%m%d").date() == DAYS  # noqa: DTZ007
    elsewhere = deidentified_dataset(source, KEY, "another patient", NOBODY)[0]
    assert elsewhere.StudyDate != left.StudyDate


PRIVATE = [
    (0x0019, "SIEMENS MR HEADER", 0x0C, "IS", "800", 800),
    (0x0019, "SIEMENS MR HEADER", 0x0E, "FD", [0.0, 0.6, 0.8], [0.0, 0.6, 0.8]),
    (0x0043, "GEMS_PARM_01", 0x39, "IS", ["800", "8", "0", "0"], [800, 8, 0, 0]),
    (0x2001, "Philips Imaging DD 001", 0x03, "FL", 800.0, 800.0),
    (0x2001, "Philips Imaging DD 001", 0x04, "CS", "I", "I"),
    (0x2001, "Philips Imaging DD 001", 0x04, "CS", "DOE", None),
    (0x2005, "Philips MR Imaging DD 001", 0x0E, "FL", 0.5, 0.5),
    (0x0019, "SIEMENS MR HEADER", 0x08, "CS", "DOE", None),
    (0x0029, "SIEMENS CSA HEADER", 0x10, "OB", b"Doe^Jane", None),
    (0x0019, "Doe", 0x0C, "IS", "800", None),
    (0x0009, "GEMS_IDEN_01", 0x01, "LO", "Doe", None),
]


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
@pytest.mark.parametrize("blocks_before", [0, 3])
@pytest.mark.parametrize(("group", "creator", "element", "vr", "value", "kept"), PRIVATE)
def test_private_quantities_are_kept_by_list(group, creator, element, vr, value, kept, syntax, blocks_before):
    """By creator and not by number: the block lies wherever the file has put it."""
    source = Dataset()
    for n in range(blocks_before):
        source.private_block(group, f"Another {n}", create=True).add_new(1, "LO", "Doe")
    source.private_block(group, creator, create=True).add_new(element, vr, value)
    left = left_of(through_bytes(source, syntax))
    if kept is None:
        assert not any(item.tag.is_private for item in left)
        return
    found = left.private_block(group, creator)[element]
    assert vr == found.VR
    assert (list(found.value) if isinstance(kept, list) else found.value) == kept


def test_a_private_quantity_of_unknown_form_is_read_by_the_list():
    source = Dataset()
    block = source.private_block(0x2005, "Philips MR Imaging DD 001", create=True)
    block.add_new(0x0E, "UN", b"\0\0\0\x3f")
    assert left_of(source).private_block(0x2005, "Philips MR Imaging DD 001")[0x0E].value == 0.5


def through_bytes(source: Dataset, syntax) -> Dataset:
    stream = DicomBytesIO()
    stream.is_little_endian, stream.is_implicit_VR = True, syntax == ImplicitVRLittleEndian
    pydicom.filewriter.write_dataset(stream, source)
    return pydicom.filereader.read_dataset(BytesIO(stream.getvalue()), stream.is_implicit_VR, True)


def test_sequences_are_walked_six_levels_deep():
    source = nested(6, EchoTime="1.4", PatientName="Doe^Jane", ImageComments="Doe", SeriesDescription="t1 Doe")
    item = left_of(source)
    for _ in range(6):
        (item,) = item.SharedFunctionalGroupsSequence
    assert item.EchoTime == 1.4
    assert item.SeriesDescription == "t1"
    assert not item.PatientName
    assert "ImageComments" not in item


def test_nesting_beyond_any_real_file_is_refused():
    left_of(nested(MAX_DEPTH, EchoTime="1"))
    for depth in (MAX_DEPTH + 1, 200, 900):
        with pytest.raises(NestedTooDeep):
            left_of(nested(depth, EchoTime="1"))


def test_nesting_is_refused_in_what_would_be_removed_too():
    item = dataset(PatientName="x")
    for _ in range(MAX_DEPTH + 2):
        item = dataset(RequestAttributesSequence=Sequence([item]))
    with pytest.raises(NestedTooDeep):
        left_of(item)


def test_of_an_enhanced_image_the_first_frame_stays():
    frames = [dataset(MREchoSequence=Sequence([dataset(EffectiveEchoTime=float(n))])) for n in range(5)]
    left, counts = deidentified_dataset(
        dataset(PerFrameFunctionalGroupsSequence=Sequence(frames)), KEY, PATIENT, NOBODY
    )
    assert [frame.MREchoSequence[0].EffectiveEchoTime for frame in left.PerFrameFunctionalGroupsSequence] == [0.0]
    assert counts["removed"] == 4


def test_a_sequence_of_a_thousand_items_is_cut():
    items = [dataset(CodeMeaning=str(n)) for n in range(1000)]
    left = left_of(dataset(AnatomicRegionSequence=Sequence(items)))
    assert len(left.AnatomicRegionSequence) == MAX_ITEMS


def test_neither_preamble_nor_file_meta_is_kept(study, tmp_path):
    path = study.add(ramp((1, 4, 4)), edit=lambda header, _: setattr(header, "preamble", b"Zwitscher".ljust(128)))[0]
    assert b"Zwitscher" in path.read_bytes()
    left = left_of(pydicom.dcmread(path, stop_before_pixels=True))
    left.file_meta = FileMetaDataset()
    left.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    written = tmp_path / "written"
    left.save_as(written, enforce_file_format=True)
    assert written.read_bytes()[:128] == bytes(128)
    assert b"Zwitscher" not in written.read_bytes()
    assert pydicom.dcmread(written).PatientIdentityRemoved == "YES"


def test_the_header_is_json_that_pydicom_reads_again(study):
    path = study.add(ramp((1, 4, 4)), SeriesDescription="ax dyn")[0]
    header, counts = deidentified_header(pydicom.dcmread(path), KEY, PATIENT, NOBODY)
    assert "7FE00010" not in header
    again = Dataset.from_json(json.loads(json.dumps(header, allow_nan=False)))
    assert again.SeriesDescription == "ax dyn"
    assert list(again.ImageOrientationPatient) == [1, 0, 0, 0, 1, 0]
    assert again.StudyInstanceUID == KEY.uid(study.study_uid)
    assert [item.CodeValue for item in again.DeidentificationMethodCodeSequence] == list(deidentify.METHODS)
    assert counts["kept"] > 10


class TestRealFiles:
    """What the shared data holds."""

    def test_siemens_headers_keep_quantities_and_nobody(self, tmp_path):
        folder = extracted(sorted(shared("uta4_p1").glob("*.tar.xz")), tmp_path)
        path = next(path for path in sorted(folder.rglob("*")) if path.is_file())
        source = pydicom.dcmread(path, stop_before_pixels=True, force=True)
        text = json.dumps(deidentified_header(source, KEY, PATIENT, NOBODY)[0])
        for name in ("PatientID", "PatientName", "StudyInstanceUID", "StudyDate", "InstitutionName", "StationName"):
            value = str(source.get(name) or "")
            assert not value or value not in text, name

    def test_odd_files_give_headers_too(self):
        for path in sorted(shared("odd_mr").rglob("*.dcm")):
            source = pydicom.dcmread(path, stop_before_pixels=True, force=True)
            header, counts = deidentified_header(source, KEY, PATIENT, NOBODY)
            json.dumps(header, allow_nan=False)
            assert counts["kept"] > 0, path
