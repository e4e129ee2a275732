"""Dataset files: ordered, made by a job, downloaded."""

import hashlib
import json
import zipfile
from datetime import timedelta

import pytest
from django.utils import timezone

from backend.annotation.models import Mask
from backend.audit.models import AuditEvent
from backend.core import blobs
from backend.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from backend.core.models import OutboxJob
from backend.exports import jobs, services
from backend.exports.files import path_of
from backend.exports.models import DatasetFile
from backend.exports.selectors import dataset_file_for
from backend.exports.services import freeze_snapshot, request_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def snapshot(cohort):
    cohort.approved_case()
    cohort.approved_case()
    return freeze_snapshot(project=cohort.project, actor=cohort.manager)


@pytest.fixture
def ordered(cohort, snapshot):
    return request_file(snapshot=snapshot, actor=cohort.scientist, file_format="nnunet")


def test_an_order_sends_a_job(ordered):
    assert ordered.state == DatasetFile.State.WAITING
    job = OutboxJob.objects.get(name="exports.write_file")
    assert (job.name, job.queue, job.arguments) == ("exports.write_file", "cpu", {"file_id": ordered.pk})


def test_the_zip_is_stored_and_holds_the_whole_dataset(ordered):
    jobs.write_file(ordered.pk)
    ordered.refresh_from_db()
    assert (ordered.state, ordered.cases_done) == (DatasetFile.State.READY, 2)
    content = path_of(ordered).read_bytes()
    assert len(content) == ordered.bytes
    assert hashlib.sha256(content).hexdigest() == ordered.sha256
    with zipfile.ZipFile(path_of(ordered)) as archive:
        assert archive.testzip() is None
        assert all(entry.compress_type == zipfile.ZIP_STORED for entry in archive.infolist())
        manifest = json.loads(archive.read("Dataset001_ninefold/manifest.json"))
        for name, digest in manifest["files"].items():
            assert hashlib.sha256(archive.read(f"Dataset001_ninefold/{name}")).hexdigest() == digest
        assert len(archive.namelist()) == len(manifest["files"]) + 1


def test_nothing_is_left_beside_the_file(ordered, settings):
    jobs.write_file(ordered.pk)
    ordered.refresh_from_db()
    assert [path.name for path in settings.EXPORT_DIR.iterdir()] == [path_of(ordered).name]


def test_a_job_that_is_delivered_again_changes_nothing(ordered):
    jobs.write_file(ordered.pk)
    before = DatasetFile.objects.values().get()
    jobs.write_file(ordered.pk)
    assert DatasetFile.objects.values().get() == before


def test_a_job_that_was_lost_half_way_makes_the_same_file(ordered):
    jobs.write_file(ordered.pk)
    ordered.refresh_from_db()
    first = ordered.sha256
    DatasetFile.objects.update(state=DatasetFile.State.RUNNING, sha256="")
    jobs.write_file(ordered.pk)
    ordered.refresh_from_db()
    assert ordered.sha256 == first


def test_a_lost_blob_fails_the_file_with_what_to_do_and_another_order_is_possible(cohort, snapshot, ordered):
    digest = Mask.objects.first().slices[0][1]
    path = blobs.path_of(digest)
    content = path.read_bytes()
    path.unlink()
    jobs.write_file(ordered.pk)
    ordered.refresh_from_db()
    assert ordered.state == DatasetFile.State.FAILED
    assert "restore it from the backup" in ordered.error
    path.write_bytes(content)
    again = request_file(snapshot=snapshot, actor=cohort.scientist, file_format="nnunet")
    assert again.pk != ordered.pk
    jobs.write_file(again.pk)
    again.refresh_from_db()
    assert again.state == DatasetFile.State.READY


def test_a_full_disk_is_told_and_leaves_nothing_behind(ordered, settings, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("backend.exports.files._add", full)
    with pytest.raises(OSError, match="No space left"):
        jobs.write_file(ordered.pk)
    ordered.refresh_from_db()
    assert ordered.state == DatasetFile.State.FAILED
    assert "No space left on device" in ordered.error
    assert list(settings.EXPORT_DIR.iterdir()) == []


def test_a_second_order_gets_the_file_that_is_on_its_way(cohort, snapshot, ordered):
    assert request_file(snapshot=snapshot, actor=cohort.manager, file_format="nnunet") == ordered
    assert DatasetFile.objects.count() == 1


def test_an_unknown_format_is_refused(cohort, snapshot):
    with pytest.raises(InvalidInput, match="nnunet"):
        request_file(snapshot=snapshot, actor=cohort.manager, file_format="bids")


def test_who_may_not_export_may_not_order(cohort, snapshot):
    with pytest.raises(NotAllowed):
        request_file(snapshot=snapshot, actor=cohort.annotator, file_format="nnunet")


def test_a_download_is_on_record(cohort, ordered):
    jobs.write_file(ordered.pk)
    file = dataset_file_for(cohort.scientist, ordered.pk)
    services.record_download(file=file, actor=cohort.scientist)
    event = AuditEvent.objects.get(action="dataset.download")
    assert (event.actor_name, event.detail["sha256"]) == (cohort.scientist.username, file.sha256)


def test_a_file_that_is_not_ready_cannot_be_downloaded(cohort, ordered):
    with pytest.raises(Conflict, match="not ready"):
        services.record_download(file=dataset_file_for(cohort.scientist, ordered.pk), actor=cohort.scientist)


def test_a_file_that_is_gone_from_the_disk_can_be_ordered_again(cohort, snapshot, ordered):
    jobs.write_file(ordered.pk)
    ordered.refresh_from_db()
    path_of(ordered).unlink()
    with pytest.raises(NotFound, match="ask for it again"):
        services.record_download(file=dataset_file_for(cohort.scientist, ordered.pk), actor=cohort.scientist)
    assert request_file(snapshot=snapshot, actor=cohort.scientist, file_format="nnunet").pk != ordered.pk


def test_an_order_that_nobody_works_on_is_sent_again(ordered):
    OutboxJob.objects.all().delete()
    assert services.requeue_stuck_files(older_than_s=60) == 0
    DatasetFile.objects.update(updated_at=timezone.now() - timedelta(seconds=61))
    assert services.requeue_stuck_files(older_than_s=60) == 1
    assert OutboxJob.objects.get().arguments == {"file_id": ordered.pk}
    assert services.requeue_stuck_files(older_than_s=60) == 0
