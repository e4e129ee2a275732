"""One person over several imports: found again, offered, merged, and de-identified as one."""

from __future__ import annotations

import datetime as dt

import pytest
from pydicom.dataset import Dataset
from pydicom.filereader import dcmread
from pydicom.sequence import Sequence

from backend.imaging import identities, merging
from backend.imaging.models import Patient, Series, Study, Volume
from tests.backend.imaging.dicom_files import StudyWriter, ramp

BORN = {"PatientBirthDate": "19700203", "PatientSex": "F"}


@pytest.fixture
def visit(incoming):
    """Write a small study of somebody."""

    def write(patient_id: str, name: str = "Doe^Jane", *, day: str = "20240102", **attributes):
        folder = incoming / patient_id.strip() / day
        writer = StudyWriter(folder, patient={"PatientID": patient_id, "PatientName": name, **BORN})
        writer.add(ramp((4, 8, 6)), StudyDate=day, SeriesDate=day, AcquisitionDate=day, **attributes)
        return folder

    return write


def messages(run, level="warning"):
    return [line["message"] for line in run.report if line["level"] == level]


def test_a_second_identifier_is_offered_in_the_report(visit, import_it, project):
    visit("17")
    visit("99", "DOE^JANE", day="20240302")
    run = import_it()
    assert any("May be the same person as P0001: name, birth date and sex are the same." in m for m in messages(run))
    assert len(merging.possible_duplicates(project)) == 1


def test_after_a_merge_a_later_visit_under_either_identifier_is_theirs(visit, import_it, project, manager):
    visit("17")
    visit("99", day="20240302")
    import_it()
    first, second = Patient.objects.order_by("pk")
    merging.merge(user=manager, keep=first, other=second)
    visit("99", day="20240402")
    visit("17", day="20240502")
    import_it()
    dates = list(Study.objects.filter(patient=first).order_by("study_date").values_list("study_date", flat=True))
    assert [later - dates[0] for later in dates] == [dt.timedelta(days=n) for n in (0, 60, 91, 121)]
    for series in Series.objects.select_related("study"):
        assert series.header["00080020"]["Value"] == [f"{series.study.study_date:%Y%m%d}"]
    assert Patient.objects.count() == 1
    assert {who.patient_id for who in identities.look(user=manager, patient=first)} == {"17", "99"}


def test_the_very_same_images_under_another_identifier_come_in_once(visit, import_it, incoming):
    folder = visit("17")
    import_it()
    for path in folder.rglob("*"):
        if path.is_file():
            file = dcmread(path)
            file.PatientID = "18"
            file.save_as(path)
    run = import_it()
    assert run.state == "done"
    assert any("under another patient identifier" in message for message in messages(run))
    assert (Patient.objects.count(), Study.objects.count(), Volume.objects.count()) == (1, 1, 1)


def test_other_images_that_claim_the_same_study_are_no_copy(visit, import_it, incoming):
    """Bad anonymisers give two people one study."""
    taken = dcmread(next(path for path in visit("17").rglob("*") if path.is_file())).StudyInstanceUID
    StudyWriter(incoming / "b", patient={"PatientID": "18"}, study_uid=taken).add(ramp((4, 8, 6)))
    import_it()
    assert (Patient.objects.count(), Study.objects.count()) == (2, 2)


def test_references_between_series_still_fit_after_the_import(visit, import_it, incoming):
    images = [dcmread(path) for path in sorted(visit("17").rglob("*")) if path.is_file()]
    target, source = images[0], images[1]
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = target.SOPClassUID, target.SOPInstanceUID
    writer = StudyWriter(
        incoming / "second", patient={"PatientID": "17"}, study_uid=source.StudyInstanceUID,
        frame_uid=source.FrameOfReferenceUID, series=1,
    )  # fmt: skip
    writer.add(ramp((4, 8, 6)), edit=lambda header, _: setattr(header, "ReferencedImageSequence", Sequence([item])))
    import_it()
    one, two = Series.objects.order_by("number")
    referred = two.header["00081140"]["Value"][0]["00081155"]["Value"][0]
    known = {uid for phase in one.phases.all() for uid, _ in phase.instances}
    assert referred in known
    assert one.header["00200052"] == two.header["00200052"]
    assert one.header["0020000D"] == two.header["0020000D"]
    assert one.header["0020000D"]["Value"] == [one.study.uid]


def test_nesting_beyond_any_real_file_refuses_the_study(visit, import_it):
    deep = Dataset()
    deep.CodeMeaning = "x"
    for _ in range(20):
        outer = Dataset()
        outer.AnatomicRegionSequence = Sequence([deep])
        deep = outer
    visit("17", AnatomicRegionSequence=Sequence([deep]))
    run = import_it()
    assert run.state == "failed"
    assert any("nested more than 16 deep" in message for message in messages(run, "error"))
    assert Study.objects.count() == 0
