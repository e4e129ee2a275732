"""Beginning an upload with the list of its files, and finding a broken one again by the same files."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from backend.accounts.roles import Role
from backend.audit.models import AuditEvent
from backend.core.models import OutboxJob
from backend.imaging import services as imports
from backend.imaging.models import ImportRun, Upload
from backend.imaging.uploads import manifest, services, staging
from tests.backend.imaging.tus import FILES, STREAM, URL, begin, listed, patch


class TestBeginning:
    def test_the_answer_says_where_the_bytes_go(self, client):
        response = begin(client, partition="POOL")
        assert response.status_code == 201, response.content
        run, upload = ImportRun.objects.get(), Upload.objects.get()
        url = f"/api/uploads/{upload.token}"
        assert response.json() == {"import_id": run.pk, "url": url, "received": 0, "total": 13}
        assert response["Location"] == url
        assert (run.state, run.source, run.partition) == ("waiting", "upload", "POOL")
        assert not OutboxJob.objects.exists()

    def test_names_are_in_the_folder_and_nowhere_else(self, client, caplog):
        begin(client)
        assert list(staging.names_in(Path(Upload.objects.get().run.folder)).values()) == list(FILES)
        rows = [list(model.objects.values_list()) for model in (ImportRun, Upload, AuditEvent)]
        assert "Doe" not in str(rows)
        assert "Doe" not in caplog.text

    @pytest.mark.parametrize(
        ("files", "status", "words"),
        [
            ("a.dcm", 400, "files needs an object"),
            ({"names": []}, 400, "files.names needs a list with an entry for each file"),
            (listed(FILES, names="abcd"), 400, "files.names needs a list"),
            (listed(FILES, sizes=[1, 2]), 400, "of one length, got 4, 2, 4"),
            (listed(FILES, names=["", "b", "c", "d"]), 400, "files.names[0] needs 1 to 1,024 characters"),
            (listed(FILES, names=["a", "b" * 1025, "c", "d"]), 400, "files.names[1] needs"),
            (listed(FILES, names=["a", 2, "c", "d"]), 400, "files.names[1] needs"),
            (listed(FILES, sizes=[1, -1, 1, 1]), 400, "files.sizes[1] needs a whole number from 0"),
            (listed(FILES, sizes=[1, 1.5, 1, 1]), 400, "files.sizes[1] needs"),
            (listed(FILES, sizes=[True, 1, 1, 1]), 400, "files.sizes[0] needs"),
            (listed(FILES, sizes=[2**70, 1, 1, 1]), 400, "files.sizes[0] needs"),
            (listed(FILES, modified=[None, 1, 1, 1]), 400, "files.modified[0] needs"),
            (listed(FILES, sizes=[0, 0, 0, 0]), 400, "Every file is empty"),
            (listed(FILES, sizes=[17 * 2**30, 0, 0, 0]), 413, "17.0 GiB; upload 16 GiB at most at once"),
            (listed({str(n): b"" for n in range(50_001)}), 413, "50,001 files; upload 50,000 at most at once"),
        ],
    )
    def test_a_list_that_breaks_a_rule_begins_nothing(self, client, settings, files, status, words):
        response = client.post(URL, {"files": files}, content_type="application/json")
        assert (response.status_code, words in response.json()["message"]) == (status, True), response.content
        assert not ImportRun.objects.exists()
        assert not Path(settings.UPLOAD_DIR).exists()

    def test_a_list_over_16_mib_is_not_even_read(self, client):
        response = client.post(URL, b" " * (16 * 2**20 + 1), content_type="application/json")
        assert response.status_code == 413

    def test_an_unknown_partition_begins_nothing(self, client):
        assert begin(client, partition="X").status_code == 400
        assert not ImportRun.objects.exists()

    def test_a_disk_without_room_is_told_before_a_byte_is_sent(self, client, monkeypatch):
        monkeypatch.setattr(services.shutil, "disk_usage", lambda _: Usage())
        response = begin(client)
        assert response.status_code == 507
        assert "0.3 GB left" in response.json()["message"]
        assert not ImportRun.objects.exists()

    def test_a_disk_that_fills_up_meanwhile_leaves_no_import(self, client, monkeypatch):
        def full(*_):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(staging, "begin", full)
        assert begin(client).status_code == 507
        assert not ImportRun.objects.exists()

    @pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.RADIOLOGIST, Role.SCIENTIST])
    def test_who_may_not_import_begins_nothing(self, signed_in, member, role):
        assert begin(signed_in(member(role))).status_code == 403
        assert not ImportRun.objects.exists()

    def test_strangers_and_anonymous_begin_nothing(self, signed_in, project, outsider):
        assert begin(signed_in(None)).status_code == 401
        assert begin(signed_in(outsider)).status_code == 404
        assert not ImportRun.objects.exists()


class Usage:
    free = 300 * 10**6


class TestChoosingTheSameFilesAgain:
    def test_goes_on_with_the_same_upload(self, client, url):
        patch(client, url, 0, STREAM[:6])
        response = begin(client)
        assert response.status_code == 200
        assert (response.json()["url"], response.json()["received"]) == (url, 6)
        assert Upload.objects.count() == 1

    def test_takes_the_partition_that_is_chosen_now(self, client, url):
        begin(client, partition="BENCHMARK")
        assert ImportRun.objects.get().partition == "BENCHMARK"
        assert AuditEvent.objects.filter(action="import.partition_chosen").count() == 1

    def test_does_not_send_again_what_waits_for_the_import(self, client, url):
        patch(client, url, 0, STREAM)
        assert begin(client, partition="POOL").json()["received"] == 13
        assert ImportRun.objects.get().partition == "", "the import has its partition already"

    @pytest.mark.parametrize(
        "other",
        [
            listed(FILES, modified=[1, 2, 3, 4]),
            listed({"Doe/b.dcm": b"abcdefgh", "Doe/empty": b"", "Doe/a.dcm": b"ijklm", "Doe/last": b""}),
            listed({"Doe/a.dcm": b"abcdefg", "Doe/empty": b"", "Doe/b.dcm": b"hijklm", "Doe/last": b""}),
        ],
        ids=["changed since", "other names", "other sizes"],
    )
    def test_other_files_are_another_upload(self, client, url, other):
        response = client.post(URL, {"files": other}, content_type="application/json")
        assert response.status_code == 201
        assert Upload.objects.count() == 2

    def test_by_another_person_is_another_upload(self, url, another):
        assert begin(another).status_code == 201

    def test_after_the_import_is_another_upload(self, client, url):
        patch(client, url, 0, STREAM)
        imports.run_import(import_id=ImportRun.objects.get().pk)
        assert begin(client).status_code == 201


def test_the_list_of_files_has_one_digest_whatever_the_letters():
    lone = manifest.Manifest.from_json({"names": ["\ud800 é"], "sizes": [1], "modified": [0]})
    assert lone.digest == manifest.Manifest.from_json(json.loads(json.dumps(vars(lone), default=list))).digest
