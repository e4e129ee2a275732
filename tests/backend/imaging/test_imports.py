"""An import tells what it could not take, takes the rest whole, and takes nothing twice."""

from __future__ import annotations

import shutil
import threading

import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction
from pydicom.encaps import encapsulate
from pydicom.uid import RLELossless

from backend.accounts.models import Project
from backend.accounts.roles import Role
from backend.audit.models import AuditEvent
from backend.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from backend.core.locks import try_lock
from backend.core.models import OutboxJob
from backend.imaging import importer, services
from backend.imaging.models import ImportRun, Patient, Phase, Series, Study, Volume
from backend.imaging.services import assign_partition, import_folder
from backend.imaging.volumes import read_phase, read_phases
from tests.backend.imaging.dicom_files import StudyWriter, ramp

IMAGE_TABLES = (Patient, Study, Series, Volume, Phase)


def counts() -> list[int]:
    return [model.objects.count() for model in IMAGE_TABLES]


def lines(run: ImportRun, level: str) -> list[str]:
    return [line["message"] for line in run.report if line["level"] == level]


def test_a_dynamic_study_becomes_one_volume_with_its_phases(study, import_it):
    study.add_dynamic(phases=3)
    run = import_it(partition="POOL")
    assert run.state == ImportRun.State.DONE
    assert (run.files_done, run.files_total) == (12, 12)
    assert counts() == [1, 1, 3, 1, 3]
    imported, deidentified = lines(run, "ok")
    assert imported == "Imported (study 1 of 1): DCE volume 4×8×6, 3 phases."
    assert deidentified.startswith("De-identified by procedure 2: in the headers of 3 series, ")
    volume = Volume.objects.get()
    assert volume.is_dce
    assert volume.name == "DCE, 3 phases"
    assert volume.geometry.spacing_zyx_mm == pytest.approx((2.0, 0.8, 0.7))
    for index in range(3):
        np.testing.assert_array_equal(read_phase(volume, index), ramp((4, 8, 6), start=100 * index))
    patient = Patient.objects.get()
    assert (patient.pseudonym, patient.partition) == ("P0001", "POOL")


def test_several_phases_are_read_with_one_query(study, import_it, django_assert_num_queries):
    study.add_dynamic(phases=3)
    import_it()
    volume = Volume.objects.get()
    with django_assert_num_queries(1):
        read = read_phases(volume, [0, 2])
    assert list(read) == [0, 2]
    with pytest.raises(NotFound, match="no phase 3"):
        read_phase(volume, 3)


def test_scanner_values_come_back_through_slopes(study, import_it):
    slopes = (1.0, 2.0, 3.0)
    study.add(ramp((3, 4, 4)), edit=lambda header, n: setattr(header, "RescaleSlope", str(slopes[n])))
    import_it()
    expected = ramp((3, 4, 4)) * np.array(slopes)[:, None, None]
    np.testing.assert_allclose(read_phase(Volume.objects.get(), 0), expected, atol=0.002)


def test_the_same_study_again_changes_nothing(study, import_it, settings):
    study.add_dynamic()
    import_it()
    before, blobs = counts(), sorted(settings.BLOB_DIR.rglob("*"))
    again = import_it()
    assert again.state == ImportRun.State.DONE
    assert lines(again, "ok") == ["Already imported; nothing was added or changed."]
    assert counts() == before
    assert sorted(settings.BLOB_DIR.rglob("*")) == blobs


def test_a_study_that_grew_is_told_and_left_alone(study, import_it):
    study.add_dynamic()
    import_it()
    before = counts()
    study.add(ramp((4, 8, 6)), ScanningSequence="SE")
    again = import_it()
    assert lines(again, "warning") == [
        "The study is already imported; 1 series that is new or different this time did not come in."
    ]
    assert counts() == before


def test_two_studies_of_one_patient_are_one_patient(incoming, import_it):
    for name in ("first", "second"):
        StudyWriter(incoming / name).add_dynamic()
    import_it()
    assert counts() == [1, 2, 6, 2, 6]


def test_the_same_patient_in_another_project_is_unknown_there(study, import_it, manager):
    study.add_dynamic()
    import_it()
    other = Project.objects.create(slug="another", name="Another")
    run = import_folder(project=other, folder=study.folder, started_by=None, source="test")
    assert lines(run, "ok")
    keys = Patient.objects.values_list("source_key", flat=True)
    assert len(set(keys)) == 2
    assert len(set(Study.objects.values_list("uid", flat=True))) == 2


def test_files_without_a_patient_are_a_patient_for_each_study(incoming, import_it):
    for name in ("first", "second"):
        StudyWriter(incoming / name, patient={}).add_dynamic()
    run = import_it()
    assert Patient.objects.count() == 2
    assert "The files name no patient; the study counts as a patient of its own." in lines(run, "warning")


def missing_slice(study) -> str:
    study.add_dynamic(shape=(6, 8, 6))[1][2].unlink()
    return "Not imported: series 2 is incomplete: 1 slice is missing (1 after slice 2 of the 5 that came)."


def truncated(study) -> str:
    path = study.add_dynamic()[2][0]
    path.write_bytes(path.read_bytes()[:-7])
    return "Not imported: series 3 has 1 file that is cut short."


def too_large(study) -> str:
    study.add_dynamic(shape=(20, 10, 10))
    return "Not imported: series 1 is too large: 3 × 20×10×10 = 6,000 voxels; the limit is 5,000."


def undecodable(study) -> str:
    def wrong(header, n):
        if n == 1:
            header.file_meta.TransferSyntaxUID, header.PixelData = RLELossless, encapsulate([b"nothing of the kind"])

    study.add_dynamic(phases=2)
    study.add(ramp((4, 8, 6)), edit=wrong, ScanningSequence="SE")
    return "Not imported: series 3 has 1 of 4 images whose pixels cannot be read."


@pytest.mark.parametrize("spoil", [missing_slice, truncated, too_large, undecodable], ids=lambda f: f.__name__)
def test_a_study_with_a_fault_leaves_nothing_and_the_next_comes_in(incoming, import_it, settings, spoil):
    settings.MAX_VOLUME_VOXELS = 5000
    expected = spoil(StudyWriter(incoming / "a", patient={"PatientID": "A", "StudyDate": "20200101"}))
    assert_alone = import_it()
    assert assert_alone.state == ImportRun.State.FAILED
    assert lines(assert_alone, "error") == [expected]
    assert all(line["action"] for line in assert_alone.report if line["level"] == "error")
    assert counts() == [0, 0, 0, 0, 0]
    StudyWriter(incoming / "b", patient={"PatientID": "B", "StudyDate": "20210101"}).add_dynamic()
    both = import_it()
    assert both.state == ImportRun.State.DONE
    assert lines(both, "error") == [expected]
    assert counts() == [1, 1, 3, 1, 3]


def test_a_mended_study_comes_in_on_the_next_try(study, import_it):
    path = study.add_dynamic()[1][2]
    whole = path.read_bytes()
    path.unlink()
    assert import_it().state == ImportRun.State.FAILED
    path.write_bytes(whole)
    assert import_it().state == ImportRun.State.DONE
    assert counts() == [1, 1, 3, 1, 3]


def test_a_failure_inside_the_transaction_takes_everything_back(study, import_it, monkeypatch):
    study.add_dynamic()

    def broken(*_args, **_options):
        raise ArithmeticError("a secret of the file")

    monkeypatch.setattr(importer, "_phase", broken)
    run = import_it()
    assert run.state == ImportRun.State.FAILED
    assert counts() == [0, 0, 0, 0, 0]
    assert not AuditEvent.objects.filter(action__in=["study.imported", "patient.created"]).exists()
    (message,) = lines(run, "error")
    assert message.startswith("Not imported: the program failed (ArithmeticError at ")
    assert "secret" not in message


def test_an_empty_folder_is_told(import_it):
    run = import_it()
    assert run.state == ImportRun.State.FAILED
    assert lines(run, "error") == ["The folder is empty."]


def test_files_that_are_not_dicom_are_one_line(study, import_it):
    study.add_dynamic()
    for n in range(37):
        (study.folder / f"note{n}.txt").write_text("notes")
    run = import_it()
    assert run.state == ImportRun.State.DONE
    assert "37 files are no images that can be read and were left out." in lines(run, "warning")


def test_a_folder_without_any_dicom_is_told(incoming, import_it):
    (incoming / "a.txt").write_text("x")
    run = import_it()
    assert run.state == ImportRun.State.FAILED
    assert lines(run, "error") == ["None of 1 file is an image that can be read."]


def test_a_folder_that_is_not_there_starts_nothing(project, manager, incoming):
    with pytest.raises(InvalidInput, match="no such folder"):
        import_folder(project=project, folder=incoming / "no", started_by=manager, source="test")
    assert ImportRun.objects.count() == 0


def test_series_that_are_no_images_become_rows(study, import_it):
    study.add_dynamic()
    study.add(ramp((1, 8, 6)), Modality="SEG")
    run = import_it()
    assert counts() == [1, 1, 4, 1, 3]
    segmentation = Series.objects.get(modality="SEG")
    assert segmentation.not_drawn_on == "a segmentation (SEG), not an image"
    assert not segmentation.phases.exists()
    assert "series 4 is not drawn on: a segmentation (SEG), not an image" in lines(run, "ok")[0]


def test_progress_reaches_the_listener_and_the_row(study, import_it):
    study.add_dynamic()
    heard = []
    run = import_it(progress=heard.append)
    assert heard[-1].line is not None
    assert heard[-1].files_total == 12
    assert [p.files_done for p in heard] == sorted(p.files_done for p in heard)
    run.refresh_from_db()
    assert (run.state, run.files_done) == ("done", 12)


def test_an_import_is_recorded_and_asks_for_tasks(study, import_it, manager):
    study.add_dynamic()
    run = import_it(partition="POOL")
    actions = AuditEvent.objects.order_by("pk").values_list("action", "actor_name")
    assert list(actions) == [
        (action, manager.username)
        for action in ("import.started", "patient.created", "patient.partition_set", "study.imported")
    ]
    job = OutboxJob.objects.get()
    assert (job.name, job.arguments) == ("annotation.open_tasks", {"project_id": run.project_id})


def test_a_refused_import_asks_for_no_tasks(import_it):
    import_it()
    assert not OutboxJob.objects.exists()


def test_pseudonyms_count_on(incoming, import_it, project):
    Patient.objects.create(project=project, pseudonym="NF-0041", source_key="-")
    for name in "ab":
        StudyWriter(incoming / name, patient={"PatientID": name}).add_dynamic()
    import_it()
    assert set(Patient.objects.values_list("pseudonym", flat=True)) == {"NF-0041", "P0042", "P0043"}


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.RADIOLOGIST, Role.SCIENTIST])
def test_who_may_not_manage_cases_may_not_import(study, project, member, role):
    study.add_dynamic()
    with pytest.raises(NotAllowed):
        import_folder(project=project, folder=study.folder, started_by=member(role), source="test")
    assert ImportRun.objects.count() == 0


class TestPartition:
    @pytest.fixture
    def patient(self, study, import_it):
        study.add_dynamic()
        import_it()
        return Patient.objects.get()

    def test_it_is_set_once(self, patient, manager):
        assert patient.partition is None
        OutboxJob.objects.all().delete()
        assign_partition(user=manager, patient=patient, partition="BENCHMARK")
        patient.refresh_from_db()
        assert patient.partition == "BENCHMARK"
        assert OutboxJob.objects.get().name == "annotation.open_tasks"
        for partition in ("POOL", "BENCHMARK"):
            with pytest.raises(Conflict, match="is in BENCHMARK for good"):
                assign_partition(user=manager, patient=patient, partition=partition)
        assert AuditEvent.objects.filter(action="patient.partition_set").count() == 1

    @pytest.mark.parametrize("value", ["'POOL'", "NULL"])
    def test_raw_sql_cannot_move_a_patient(self, patient, manager, value):
        assign_partition(user=manager, patient=patient, partition="BENCHMARK")
        with pytest.raises(IntegrityError, match="for good"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE imaging_patient SET partition = {value} WHERE id = %s", [patient.pk])

    def test_another_word_is_refused(self, patient, manager):
        with pytest.raises(InvalidInput, match="POOL or BENCHMARK"):
            assign_partition(user=manager, patient=patient, partition="TRAIN")

    def test_an_annotator_may_not_set_it(self, patient, member):
        with pytest.raises(NotAllowed):
            assign_partition(user=member(Role.ANNOTATOR), patient=patient, partition="POOL")

    def test_a_later_import_cannot_move_a_patient(self, study, patient, manager, incoming, import_it):
        assign_partition(user=manager, patient=patient, partition="BENCHMARK")
        shutil.rmtree(incoming)
        StudyWriter(incoming).add_dynamic()
        run = import_it(partition="POOL")
        patient.refresh_from_db()
        assert patient.partition == "BENCHMARK"
        assert "The patient is in BENCHMARK for good and stays there." in lines(run, "warning")

    def test_a_later_import_gives_one_to_a_patient_without(self, patient, incoming, import_it):
        shutil.rmtree(incoming)
        StudyWriter(incoming).add_dynamic()
        import_it(partition="POOL")
        patient.refresh_from_db()
        assert patient.partition == "POOL"


class TestJob:
    @pytest.fixture
    def waiting(self, project, manager, study):
        run = services.open_import(user=manager, project=project, source="upload", partition="POOL")
        study.add_dynamic()
        shutil.copytree(study.folder, run.folder)
        return services.start_import(user=manager, run=run)

    def test_it_is_asked_for_by_name(self, waiting):
        job = OutboxJob.objects.get(name="imaging.run_import")
        assert (job.queue, job.arguments) == ("cpu", {"import_id": waiting.pk})

    def test_it_imports_and_removes_the_files(self, waiting, settings):
        services.run_import(import_id=waiting.pk)
        waiting.refresh_from_db()
        assert waiting.state == ImportRun.State.DONE
        assert counts() == [1, 1, 3, 1, 3]
        assert list(settings.UPLOAD_DIR.iterdir()) == []

    def test_twice_has_one_effect(self, waiting):
        services.run_import(import_id=waiting.pk)
        waiting.refresh_from_db()
        first, before = waiting.report, counts()
        services.run_import(import_id=waiting.pk)
        waiting.refresh_from_db()
        assert (waiting.report, counts()) == (first, before)

    def test_a_run_that_a_dead_worker_left_goes_on(self, waiting):
        ImportRun.objects.filter(pk=waiting.pk).update(state=ImportRun.State.RUNNING, files_done=3)
        services.run_import(import_id=waiting.pk)
        waiting.refresh_from_db()
        assert waiting.state == ImportRun.State.DONE

    def test_files_that_are_gone_end_the_import_with_a_reason(self, waiting):
        shutil.rmtree(waiting.folder)
        services.run_import(import_id=waiting.pk)
        waiting.refresh_from_db()
        assert waiting.state == ImportRun.State.FAILED
        assert waiting.report[-1]["action"] == "Upload the files again."

    def test_it_starts_once(self, waiting, manager):
        ImportRun.objects.filter(pk=waiting.pk).update(state=ImportRun.State.RUNNING)
        with pytest.raises(Conflict):
            services.start_import(user=manager, run=waiting)

    def test_an_unknown_import_is_an_error(self, db):
        with pytest.raises(NotFound):
            services.run_import(import_id=10**6)


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_job_do_it_once(project, manager, study):
    """The second finds the lock taken and leaves at once."""
    run = services.open_import(user=manager, project=project, source="upload")
    study.add_dynamic()
    shutil.copytree(study.folder, run.folder)
    taken, done = threading.Event(), threading.Event()

    def elsewhere():
        with try_lock(services.LOCK, run.pk):
            taken.set()
            done.wait(30)
        connection.close()

    other = threading.Thread(target=elsewhere)
    other.start()
    assert taken.wait(30)
    services.run_import(import_id=run.pk)
    done.set()
    other.join()
    run.refresh_from_db()
    assert run.state == ImportRun.State.WAITING
    services.run_import(import_id=run.pk)
    run.refresh_from_db()
    assert run.state == ImportRun.State.DONE
