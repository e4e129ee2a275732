"""A canary in every attribute of PS3.15 Annex E, six sequences deep, in private tags and paths: none is kept."""

from __future__ import annotations

import gzip
import logging
import zipfile
from collections.abc import Iterator
from functools import cache

import pytest
from dicomanonymizer.dicom_anonymization_databases import dicomfields_2026c as standard
from django.core.management import call_command
from django.db import connection
from django.test import Client
from pydicom.datadict import DicomDictionary, dictionary_VR, keyword_for_tag
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from backend.accounts.roles import Role
from backend.annotation.models import Task
from backend.annotation.services import open_tasks
from backend.exports.services import freeze_snapshot, request_file
from backend.exports.writing import write_file
from backend.imaging import identities
from backend.imaging.dicom.procedure import procedure
from backend.imaging.models import Patient, PatientIdentity, Phase, Series, Study, Volume
from tests.backend.cohort import approve, draw, some_labels
from tests.backend.imaging.dicom_files import StudyWriter, ramp

pytestmark = pytest.mark.filterwarnings("ignore:Unknown encoding")  # while the files are written

CANARY = "Zwitscher"  # the patient's name: cut out of descriptions
STRANGER = "Trillerpfiff"  # a word that no name or identifier holds: only the rules themselves keep it out
# Text of each of these is an identifier or free text; UI, dates and codes get canaries of their own form below.
TEXTS = {"AE", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT", "OB", "UN", "?"}
CODE_CANARY = "ZWITSCHERCODE"
UID_CANARY = "1.2.3.777777777.1"
DATE_CANARY = "19370309"
NUMBER_CANARY = "0777777777"
CANARIES = (CANARY, STRANGER, CODE_CANARY, UID_CANARY, DATE_CANARY, "1937-03-09", NUMBER_CANARY)
PICTURE = {
    "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "Modality",
    "PhotometricInterpretation", "ImageType", "StudyDate", "PatientSex", "ScanningSequence", "SequenceVariant",
    "ScanOptions", "BurnedInAnnotation", "AcquisitionDate", "ContentDate", "SeriesDate", "PixelData",
    "SharedFunctionalGroupsSequence",
}  # fmt: skip
# These describe images and are cleaned, not removed: what they hold has to be a word of the person to be cut out.
DESCRIBING = {
    "StudyDescription", "SeriesDescription", "ProtocolName", "DerivationDescription", "AcquisitionProtocolDescription",
    "AcquisitionDeviceProcessingDescription", "RespiratoryMotionCompensationTechniqueDescription",
    "RequestedProcedureDescription", "PerformedProcedureStepDescription", "ContrastBolusAgent", "Manufacturer",
    "ManufacturerModelName", "SoftwareVersions", "SequenceName", "PulseSequenceName", "ImagedNucleus",
    "ContrastBolusRoute", "ReceiveCoilName", "TransmitCoilName", "RescaleType", "StackID",
    "DimensionDescriptionLabel", "CodeValue", "CodingSchemeDesignator", "CodeMeaning",
}  # fmt: skip
NESTED = 6


def canary_for(tag: int) -> str | bytes | Sequence | None:
    """What stands in an attribute: of its form, and where it is cleaned, with the name that has to be cut out."""
    keyword, vr = keyword_for_tag(tag), vr_of(tag)
    if vr == "SQ":
        return Sequence([item()])
    if vr in {"OB", "UN"}:
        return STRANGER.encode()
    if vr in TEXTS:
        if keyword in DESCRIBING:
            return f"ax t1 {CANARY} {NUMBER_CANARY}" if vr == "LO" else CANARY
        return CANARY if vr == "PN" or keyword in procedure().identifying else STRANGER
    forms = {"CS": CODE_CANARY, "UI": UID_CANARY, "DA": DATE_CANARY, "DT": f"{DATE_CANARY}0101", "AS": "071Y"}
    return forms.get(vr)


def vr_of(tag: int) -> str:
    return dictionary_VR(tag) if keyword_for_tag(tag) else "LO"


def item() -> Dataset:
    """In each sequence: text, a code, a name, a date and a private element."""
    found = Dataset()
    found.ImageComments, found.StudyComments = STRANGER, STRANGER
    found.CodeMeaning, found.PersonName, found.SeriesDescription = CANARY, CANARY, CANARY
    found.PatientBirthDate, found.ReferencedSOPInstanceUID = DATE_CANARY, UID_CANARY
    found.private_block(0x0009, STRANGER, create=True).add_new(1, "LO", STRANGER)
    return found


def every_tag() -> list[int]:
    """Attributes of PS3.15 Annex E, and all others of the groups that describe people, visits, devices and images."""
    groups = {0x0008, 0x0010, 0x0012, 0x0018, 0x0020, 0x0028, 0x0032, 0x0038, 0x0040, 0x0088, 0x0400, 0x4000, 0x4008}
    annex = {(tag[0] << 16) | tag[1] for tag in standard.ALL_TAGS if len(tag) == 2 and tag[0] >= 0x0008}
    described = {tag for tag in DicomDictionary if tag >> 16 in groups}
    return sorted(tag for tag in annex | described if keyword_for_tag(tag) not in PICTURE)


@cache
def filled() -> Dataset:
    """Every attribute with its canary, private ones, and six levels of sequences."""
    dataset = Dataset()
    for tag in every_tag():
        canary = canary_for(tag)
        if canary is not None:
            vr = vr_of(tag)
            dataset.add_new(Tag(tag), vr, canary)
    for group, creator in ((0x0011, STRANGER), (0x0019, "SIEMENS MR HEADER"), (0x2001, "Philips Imaging DD 001")):
        block = dataset.private_block(group, creator, create=True)
        for element in (0x01, 0x03, 0x04, 0x0C, 0x0D, 0x51):
            block.add_new(element, "LO", STRANGER)
    for group in (0x5000, 0x6000):
        dataset.add_new(Tag(group, 0x0022), "LO", STRANGER)
    nested = item()
    for _ in range(NESTED):
        outer = item()
        outer.OtherPatientIDsSequence = outer.SharedFunctionalGroupsSequence = Sequence([nested])
        nested = outer
    dataset.OtherPatientIDsSequence = dataset.SharedFunctionalGroupsSequence = Sequence([nested])
    dataset.RequestAttributesSequence = Sequence([nested])
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
            header.PatientID = f"{CANARY}-ID"

        study.add(ramp((4, 8, 6), start=50 * n), edit=edit)
    for path in list(folder.rglob("*")):
        if path.is_file():
            path.rename(path.with_name(f"{CANARY}-{path.name}"))
    return folder


def assert_clean(text: str) -> None:
    for canary in CANARIES:
        assert canary.lower() not in text.lower(), f"{canary} was kept"
        assert canary.encode().hex() not in text.lower(), f"{canary} was kept as bytes"


def every_row() -> Iterator[str]:
    """All rows of all tables as PostgreSQL writes them, whatever model they belong to; bytes as hexadecimal digits."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" AS t')
            yield from (f"{table}: {row}" for (row,) in cursor.fetchall())


def assert_nothing_kept(settings) -> None:
    for row in every_row():
        assert_clean(row)
    for folder in (settings.BLOB_DIR, settings.UPLOAD_DIR, settings.EXPORT_DIR, settings.RUN_DIR):
        for path in folder.rglob("*"):
            assert_clean(str(path.relative_to(folder)))
            if path.is_file():
                assert_clean(path.read_bytes().decode("latin-1"))


@pytest.fixture(autouse=True)
def more_folders(settings, tmp_path):
    settings.EXPORT_DIR, settings.RUN_DIR = tmp_path / "exports", tmp_path / "runs"


def test_no_canary_is_kept_anywhere(marked, import_it, settings, caplog, recwarn):
    with caplog.at_level(logging.DEBUG):
        run = import_it(marked)
    assert run.state == "done", run.report
    assert (Study.objects.count(), Volume.objects.count(), Phase.objects.count()) == (1, 1, 2)
    assert_nothing_kept(settings)
    assert_clean(caplog.text)
    assert_clean(" ".join(str(warning.message) for warning in recwarn))
    assert {series.description for series in Series.objects.all()} == {"ax t1"}
    assert all(len(series.header) > 30 for series in Series.objects.all()), "there is something to be clean"


def test_the_name_is_kept_for_managers_alone_and_sealed(marked, import_it, manager):
    import_it(marked)
    (who,) = identities.look(user=manager, patient=Patient.objects.get())
    assert (who.patient_id, who.birth_date) == (f"{CANARY}-ID", "1937-03-09")
    assert CANARY in who.name
    assert len(PatientIdentity.objects.get().sealed) > 100


def test_no_canary_leaves_through_the_api(marked, import_it, manager):
    import_it(marked)
    client = Client()
    client.force_login(manager)
    patient, volume = Patient.objects.get(), Volume.objects.get()
    for address in (
        "projects/breast/patients", f"patients/{patient.pk}", f"volumes/{volume.pk}", "projects/breast/imports",
        "projects/breast/identities", "projects/breast/duplicates", "projects/breast/audit", "projects/breast/tasks",
    ):  # fmt: skip
        answer = client.get(f"/api/{address}")
        assert answer.status_code == 200, address
        assert_clean(answer.content.decode())


def test_no_canary_leaves_in_an_export(marked, import_it, project, manager, member, settings):
    import_it(marked, partition="POOL")
    volume = Volume.objects.get()
    open_tasks(project=project, volumes=[volume])
    annotator, radiologist = member(Role.ANNOTATOR), member(Role.RADIOLOGIST)
    approve(draw(Task.objects.get(), annotator, some_labels(1, volume.shape_zyx)), annotator, radiologist)
    file = request_file(snapshot=freeze_snapshot(project=project, actor=manager), actor=manager, file_format="nnunet")
    write_file(file_id=file.pk)
    (path,) = (path for path in settings.EXPORT_DIR.rglob("*.zip"))
    with zipfile.ZipFile(path) as archive:
        assert len(archive.namelist()) > 3
        for name in archive.namelist():
            content = archive.read(name)
            assert_clean(name)
            assert_clean((gzip.decompress(content) if name.endswith(".gz") else content).decode("latin-1"))
    assert_nothing_kept(settings)


def test_the_canaries_are_in_the_files(marked):
    """The test above could not fail if the files had none."""
    path = next(path for path in marked.rglob("*") if path.is_file())
    content = path.read_bytes()
    assert content.count(STRANGER.encode()) > 500
    assert content.count(CANARY.encode()) > 100
    assert content.count(CODE_CANARY.encode()) > 20
    assert content.count(UID_CANARY.encode()) > 10
    assert content.count(DATE_CANARY.encode()) > 10


def test_refusals_keep_no_canary_either(marked, import_it, settings, caplog):
    files = sorted(path for path in marked.rglob("*") if path.is_file())
    files[0].unlink()
    files[2].write_bytes(files[2].read_bytes()[:-20])
    (marked / f"{CANARY}.txt").write_text(CANARY)
    run = import_it(marked)
    assert run.state == "failed"
    assert Patient.objects.count() == 0
    assert_nothing_kept(settings)
    assert_clean(caplog.text)


def test_the_command_keeps_no_canary_in_the_database(marked, project, settings):
    call_command("import_studies", str(marked), project=project.slug)
    assert Study.objects.count() == 1
    assert_nothing_kept(settings)
