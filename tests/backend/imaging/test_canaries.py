"""A canary in every attribute that can hold text, in nested sequences, private tags and paths: none is kept."""

from __future__ import annotations

import logging
from functools import cache

import pytest
from django.apps import apps
from django.core import serializers
from django.core.management import call_command
from pydicom.datadict import DicomDictionary, dictionary_VR, keyword_for_tag
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from backend.imaging.models import Patient, Phase, Series, Study, Volume
from tests.backend.imaging.dicom_files import StudyWriter, ramp

pytestmark = pytest.mark.filterwarnings("ignore:Unknown encoding")  # while the files are written

CANARY = "Zwitscher"
# Text of each of these is an identifier or free text; UI, dates and codes get canaries of their own form below.
TEXTS = {"AE", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT", "OB", "UN"}
CODE_CANARY = "ZWITSCHERCODE"
UID_CANARY = "1.2.3.777777777.1"
DATE_CANARY = "19370309"
NUMBER_CANARY = "0777777777"
PICTURE = {
    "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "Modality",
    "PhotometricInterpretation", "ImageType", "StudyDate", "PatientSex", "ScanningSequence", "SequenceVariant",
    "ScanOptions", "BurnedInAnnotation", "AcquisitionDate", "ContentDate", "SeriesDate",
}  # fmt: skip
# These describe images and are cleaned, not removed: what they hold has to be a word of the person to be cut out.
DESCRIBING = {"StudyDescription", "SeriesDescription", "Manufacturer", "ManufacturerModelName"}


def canary_for(keyword: str) -> str | bytes | None:
    vr = dictionary_VR(keyword)
    if keyword in PICTURE:
        return None
    if keyword in DESCRIBING:
        return f"ax t1 {CANARY} {NUMBER_CANARY}"
    if vr in {"OB", "UN"}:
        return None if keyword == "PixelData" else CANARY.encode() + b"\0"
    forms = {"CS": CODE_CANARY, "UI": UID_CANARY, "DA": DATE_CANARY, "DT": f"{DATE_CANARY}0101", "AS": "071Y"}
    return CANARY if vr in TEXTS else forms.get(vr)


def every_keyword() -> list[str]:
    """Attributes of the groups that describe people, visits, devices and images (those of PS3.15 Annex E)."""
    groups = {0x0008, 0x0010, 0x0012, 0x0018, 0x0020, 0x0028, 0x0032, 0x0038, 0x0040, 0x0088, 0x0400, 0x4000, 0x4008}
    return [keyword for tag in DicomDictionary if tag >> 16 in groups and (keyword := keyword_for_tag(tag))]


@cache
def filled() -> Dataset:
    """Every attribute with its canary, private ones, and six levels of sequences."""
    dataset = Dataset()
    for keyword in every_keyword():
        canary = canary_for(keyword)
        if canary is not None:
            setattr(dataset, keyword, canary)
    dataset.private_block(0x0011, CANARY, create=True).add_new(1, "LO", CANARY)
    item = Dataset()
    for _ in range(6):
        item.PatientName = item.PatientID = CANARY
        outer = Dataset()
        outer.OtherPatientIDsSequence = Sequence([item])
        item = outer
    dataset.OtherPatientIDsSequence = Sequence([item])
    dataset.RequestAttributesSequence = Sequence([item])
    return dataset


@pytest.fixture
def marked(tmp_path):
    """A dynamic study in folders with the canary's name, each attribute filled."""
    folder = tmp_path / f"incoming-{CANARY}"
    study = StudyWriter(folder, patient={})
    for n in range(2):

        def edit(header, _, n=n):
            header.update(filled())
            header.preamble = CANARY.encode().ljust(128, b"\0")
            header.Rows, header.Columns = 8, 6
            header.AcquisitionTime = f"10{2 * n:02d}00"
            header.PatientBirthDate = DATE_CANARY
            header.TemporalPositionIdentifier, header.NumberOfFrames = 1, 1

        study.add(ramp((4, 8, 6)), edit=edit)
    for path in list(folder.rglob("*")):
        if path.is_file():
            path.rename(path.with_name(f"{CANARY}-{path.name}"))
    return folder


def assert_clean(text: str) -> None:
    for canary in (CANARY, CODE_CANARY, UID_CANARY, DATE_CANARY, "1937-03-09", NUMBER_CANARY):
        assert canary.lower() not in text.lower(), f"{canary} was kept"


def every_row() -> str:
    rows = [row for model in apps.get_models() for row in model._default_manager.all()]
    return serializers.serialize("json", rows)


def test_no_canary_is_kept_anywhere(marked, import_it, settings, caplog, recwarn):
    with caplog.at_level(logging.DEBUG):
        run = import_it(marked)
    assert run.state == "done", run.report
    assert (Study.objects.count(), Volume.objects.count(), Phase.objects.count()) == (1, 1, 2)
    assert_clean(every_row())
    assert_clean(caplog.text)
    assert_clean(" ".join(str(warning.message) for warning in recwarn))
    for path in settings.BLOB_DIR.rglob("*"):
        assert CANARY not in str(path)
        if path.is_file():
            assert CANARY.encode() not in path.read_bytes()
    assert {series.description for series in Series.objects.all()} == {"ax t1"}


def test_the_canaries_are_in_the_files(marked):
    """The test above could not fail if the files had none."""
    path = next(path for path in marked.rglob("*") if path.is_file())
    content = path.read_bytes()
    assert content.count(CANARY.encode()) > 100
    assert content.count(CODE_CANARY.encode()) > 20
    assert content.count(UID_CANARY.encode()) > 10
    assert content.count(DATE_CANARY.encode()) > 10


def test_refusals_keep_no_canary_either(marked, import_it, caplog):
    files = sorted(path for path in marked.rglob("*") if path.is_file())
    files[0].unlink()
    files[2].write_bytes(files[2].read_bytes()[:-20])
    (marked / f"{CANARY}.txt").write_text(CANARY)
    run = import_it(marked)
    assert run.state == "failed"
    assert Patient.objects.count() == 0
    assert_clean(every_row())
    assert_clean(caplog.text)


def test_the_command_keeps_no_canary_in_the_database(marked, project):
    call_command("import_studies", str(marked), project=project.slug)
    assert Study.objects.count() == 1
    assert_clean(every_row())
