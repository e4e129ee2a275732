"""The stream of an upload: every request of the protocol, from the first byte to the import."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from backend.accounts.roles import Role
from backend.audit.models import AuditEvent
from backend.core.models import OutboxJob
from backend.imaging import services as imports
from backend.imaging.models import ImportRun, Study, Upload
from backend.imaging.uploads import services, staging
from tests.backend.imaging.tus import FILES, STREAM, TYPE, begin, delete, head, on_disk, patch


class TestTheStream:
    def test_bytes_go_into_the_files_that_they_belong_to(self, client, url):
        for offset in range(len(STREAM)):
            response = patch(client, url, offset, STREAM[offset : offset + 1])
            assert (response.status_code, response["Upload-Offset"]) == (204, str(offset + 1))
            assert head(client, url)["Upload-Offset"] == str(offset + 1)
        assert on_disk(Upload.objects.get()) == FILES

    @pytest.mark.parametrize("cut", range(len(STREAM) + 1))
    def test_the_stream_may_be_cut_anywhere(self, client, url, cut):
        patch(client, url, 0, STREAM[:cut])
        patch(client, url, cut, STREAM[cut:])
        assert on_disk(Upload.objects.get()) == FILES

    def test_head_tells_how_far_it_is(self, client, url):
        patch(client, url, 0, STREAM[:9])
        response = head(client, url)
        assert response.status_code == 200
        told = {name: response[name] for name in ("Tus-Resumable", "Upload-Offset", "Upload-Length", "Cache-Control")}
        assert told == {
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": "9",
            "Upload-Length": "13",
            "Cache-Control": "no-store",
        }

    def test_options_tell_what_is_spoken(self, client, url):
        response = client.options(url)
        assert response.status_code == 204
        spoken = [response[name] for name in ("Tus-Version", "Tus-Extension", "Tus-Max-Size")]
        assert spoken == ["1.0.0", "termination", str(16 * 2**30)]

    def test_the_last_byte_starts_the_import_once(self, client, url):
        patch(client, url, 0, STREAM[:-1])
        assert not OutboxJob.objects.exists()
        patch(client, url, len(STREAM) - 1, STREAM[-1:])
        assert [job.name for job in OutboxJob.objects.all()] == ["imaging.run_import"]

    def test_a_lost_last_answer_starts_nothing_twice(self, client, url):
        patch(client, url, 0, STREAM)
        assert head(client, url)["Upload-Offset"] == "13"
        assert patch(client, url, 0, STREAM).status_code == 409
        assert patch(client, url, 13, b"", **{"Content-Length": "0", "Content-Type": TYPE}).status_code == 204
        assert OutboxJob.objects.count() == 1
        assert on_disk(Upload.objects.get()) == FILES

    def test_bytes_after_the_end_are_left_out(self, client, url):
        assert patch(client, url, 0, STREAM + b"more")["Upload-Offset"] == "13"
        assert on_disk(Upload.objects.get()) == FILES

    def test_a_large_piece_is_acknowledged_on_the_way(self, client, url, monkeypatch):
        monkeypatch.setattr(services, "SETTLE_EVERY_BYTES", 4)
        monkeypatch.setattr("backend.imaging.api.uploads.READ_BYTES", 1)
        seen = []
        settle = staging.StreamWriter.settle
        monkeypatch.setattr(
            staging.StreamWriter, "settle", lambda writer: (seen.append(writer.offset), settle(writer))[1]
        )
        assert patch(client, url, 0, STREAM).status_code == 204
        assert seen == [4, 8, 12, 13]
        assert on_disk(Upload.objects.get()) == FILES

    def test_ten_thousand_files(self, client):
        files = {f"study/{n}": bytes([n % 256]) * (n % 7) for n in range(10_000)}
        url = begin(client, files).json()["url"]
        stream, at = b"".join(files.values()), 0
        while at < len(stream):
            at = int(patch(client, url, at, stream[at : at + 7_001])["Upload-Offset"])
        assert on_disk(Upload.objects.get()) == files

    def test_a_study_comes_in_and_leaves_nothing_behind(self, client, study, settings):
        study.add_dynamic()
        paths = sorted(path for path in study.folder.rglob("*") if path.is_file())
        files = {str(path.relative_to(study.folder)): path.read_bytes() for path in paths}
        asked = begin(client, files, partition="POOL").json()
        patch(client, asked["url"], 0, b"".join(files.values()))
        imports.run_import(import_id=asked["import_id"])
        after = client.get(f"/api/imports/{asked['import_id']}").json()
        assert (after["state"], after["files_done"], after["files_total"]) == ("done", 12, 12)
        assert after["upload"]["received"] == after["upload"]["total"]
        assert Study.objects.get().patient.partition == "POOL"
        assert list(Path(settings.UPLOAD_DIR).iterdir()) == []


class TestRefusals:
    @pytest.mark.parametrize(
        ("headers", "status", "code"),
        [
            ({"Tus-Resumable": None}, 412, "unsupported_version"),
            ({"Tus-Resumable": "0.2.2"}, 412, "unsupported_version"),
            ({"Upload-Offset": None}, 400, "invalid"),
            ({"Upload-Offset": "-1"}, 400, "invalid"),
            ({"Upload-Offset": "six"}, 400, "invalid"),
            ({"Upload-Offset": "9" * 30}, 400, "invalid"),
            ({"Upload-Offset": "0"}, 409, "conflict"),
            ({"Upload-Offset": "5"}, 409, "conflict"),
            ({"Upload-Offset": "7"}, 409, "conflict"),
            ({"Upload-Offset": "14"}, 409, "conflict"),
            ({"Upload-Offset": "6", "Content-Length": "x"}, 400, "invalid"),
            ({"Upload-Offset": "6", "Content-Length": str(65 * 2**20)}, 413, "too_large"),
        ],
    )
    def test_a_wrong_header_writes_nothing(self, client, url, headers, status, code):
        patch(client, url, 0, STREAM[:6])
        response = patch(client, url, 6, b"XXX", **headers)
        assert (response.status_code, response.json()["code"]) == (status, code)
        assert response["Tus-Resumable"] == "1.0.0"
        assert head(client, url)["Upload-Offset"] == "6"
        if status == 412:
            assert response["Tus-Version"] == "1.0.0"
        if status == 409:
            assert response.json()["detail"] == {"offset": 6}

    def test_head_needs_the_version_too(self, client, url):
        assert client.head(url).status_code == 412

    def test_another_content_type_is_refused(self, client, url):
        tus = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0"}
        assert client.patch(url, STREAM, content_type="application/octet-stream", headers=tus).status_code == 415

    def test_an_unknown_token(self, client, project):
        for response in (head(client, "/api/uploads/x"), patch(client, "/api/uploads/x", 0, b"1")):
            assert response.status_code == 404

    def test_another_manager_sees_nothing_of_it_and_adds_nothing(self, url, another):
        assert head(another, url).status_code == 403
        response = patch(another, url, 0, STREAM)
        assert (response.status_code, "began this upload" in response.json()["message"]) == (403, True)
        assert Upload.objects.get().received == 0

    @pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.RADIOLOGIST, Role.SCIENTIST])
    def test_who_may_not_import_adds_nothing(self, url, signed_in, member, role):
        client = signed_in(member(role))
        assert [head(client, url).status_code, patch(client, url, 0, STREAM).status_code] == [403, 403]

    def test_who_lost_the_right_meanwhile_adds_nothing(self, client, url, manager):
        manager.memberships.update(role=Role.ANNOTATOR)
        assert patch(client, url, 0, STREAM).status_code == 403
        assert not OutboxJob.objects.exists()

    def test_strangers_and_anonymous_learn_nothing(self, url, signed_in, outsider):
        for client, status in ((signed_in(None), 401), (signed_in(outsider), 404)):
            answers = (head(client, url), patch(client, url, 0, STREAM), delete(client, url))
            assert [response.status_code for response in answers] == [status] * 3

    def test_a_forged_request_is_refused(self, url, manager):
        client = Client(enforce_csrf_checks=True)
        client.force_login(manager)
        assert [patch(client, url, 0, STREAM).status_code, delete(client, url).status_code] == [403, 403]
        assert begin(client).status_code == 403
        client.cookies["csrftoken"] = token = "t" * 32
        assert patch(client, url, 0, STREAM, **{"X-CSRFToken": token}).status_code == 204

    def test_an_upload_whose_import_has_ended_is_gone(self, client, url):
        run = ImportRun.objects.get()
        imports.end_import(import_id=run.pk, message="Stopped.", action="")
        assert [head(client, url).status_code, patch(client, url, 0, STREAM).status_code] == [404, 404]

    def test_an_upload_whose_files_are_gone_is_gone(self, client, url):
        (Path(ImportRun.objects.get().folder) / staging.NAMES_FILE).unlink()
        assert [head(client, url).status_code, patch(client, url, 0, STREAM).status_code] == [404, 404]


class TestCancelling:
    def test_removes_the_files_and_ends_the_import(self, client, url, django_capture_on_commit_callbacks):
        patch(client, url, 0, STREAM[:6])
        run = ImportRun.objects.get()
        with django_capture_on_commit_callbacks(execute=True):
            assert delete(client, url).status_code == 204
        run.refresh_from_db()
        assert (run.state, run.report[-1]["message"]) == (
            "cancelled",
            "The upload was cancelled; nothing of it was stored.",
        )
        assert not Path(run.folder).exists()
        assert [head(client, url).status_code, delete(client, url).status_code] == [404, 404]
        assert AuditEvent.objects.get(action="upload.cancelled").detail == {"received": 6}

    def test_is_open_to_another_manager(self, url, another):
        assert delete(another, url).status_code == 204

    @pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.RADIOLOGIST, Role.SCIENTIST])
    def test_is_not_open_to_others(self, url, signed_in, member, role):
        assert delete(signed_in(member(role)), url).status_code == 403

    def test_comes_too_late_for_a_whole_one(self, client, url):
        patch(client, url, 0, STREAM)
        assert delete(client, url).status_code == 409
        assert on_disk(Upload.objects.get()) == FILES

    def test_old_ones_are_given_up(self, client, url, django_capture_on_commit_callbacks):
        folder = Path(ImportRun.objects.get().folder)
        assert services.drop_abandoned(before=timezone.now() - timedelta(days=1)) == 0
        with django_capture_on_commit_callbacks(execute=True):
            assert services.drop_abandoned(before=timezone.now()) == 1
        assert (ImportRun.objects.get().state, folder.exists()) == ("failed", False)

    def test_whole_ones_are_never_given_up(self, client, url):
        patch(client, url, 0, STREAM)
        assert services.drop_abandoned(before=timezone.now() + timedelta(days=1)) == 0
