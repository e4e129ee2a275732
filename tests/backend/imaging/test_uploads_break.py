"""What survives a broken connection, a full disk, a killed process, and two requests at once."""

from __future__ import annotations

import errno
import os
import threading
from io import BytesIO

import pytest
from django.db import connection
from django.utils import timezone

from backend.core.errors import StorageFull
from backend.core.locks import try_lock
from backend.core.models import OutboxJob
from backend.imaging import services as imports
from backend.imaging.models import Upload
from backend.imaging.uploads import services, staging
from tests.backend.imaging.tus import FILES, STREAM, TYPE, delete, head, on_disk, patch


class TestWhatCanBreak:
    @pytest.mark.parametrize("error", [None, ConnectionResetError(), TimeoutError()], ids=["end", "reset", "silence"])
    def test_what_arrived_before_a_connection_broke_stays(self, client, url, error):
        response = client.patch(
            url,
            STREAM,
            content_type=TYPE,
            headers={"Tus-Resumable": "1.0.0", "Upload-Offset": "0"},
            **{"wsgi.input": BrokenBody(STREAM[:4], error)},
        )
        assert (response.status_code, response["Upload-Offset"]) == (204, "4")
        assert patch(client, url, 4, STREAM[4:]).status_code == 204
        assert on_disk(Upload.objects.get()) == FILES

    def test_a_full_disk_is_told_and_loses_nothing(self, client, url, monkeypatch):
        patch(client, url, 0, STREAM[:6])
        with monkeypatch.context() as full:
            full.setattr(staging.os, "fsync", _no_space)
            response = patch(client, url, 6, STREAM[6:])
        assert (response.status_code, response.json()["code"]) == (507, "storage_full")
        assert head(client, url)["Upload-Offset"] == "6"
        patch(client, url, 6, STREAM[6:])
        assert on_disk(Upload.objects.get()) == FILES

    @pytest.mark.parametrize("cut", [0, 1, 7, 8, 9, 12])
    def test_a_process_killed_between_disk_and_database_loses_nothing(self, client, manager, url, cut, monkeypatch):
        """The bytes are on the disk, the offset is not in the database: the offset counts, and the bytes come again."""
        patch(client, url, 0, STREAM[:cut])
        with monkeypatch.context() as killed:
            killed.setattr(services, "_acknowledge", _killed)
            with pytest.raises(SystemExit):
                services.receive(user=manager, token=url.rsplit("/")[-1], offset=cut, pieces=[STREAM[cut:]])
        assert head(client, url)["Upload-Offset"] == str(cut)
        assert patch(client, url, cut, STREAM[cut:]).status_code == 204
        assert on_disk(Upload.objects.get()) == FILES
        assert OutboxJob.objects.count() == 1

    def test_what_is_acknowledged_was_synced_before(self, client, url, monkeypatch):
        """The offset in the database moves after the last sync, never before."""
        events = []
        sync = os.fsync
        monkeypatch.setattr(
            staging.os, "fsync", lambda handle: (events.append(("sync", Upload.objects.get().received)), sync(handle))
        )
        patch(client, url, 0, STREAM[:10])
        assert {received for _, received in events} == {0}
        assert len(events) >= 3, "a whole file, half a file, and the folder"

    def test_an_import_that_cannot_start_acknowledges_nothing(self, client, url, monkeypatch):
        with monkeypatch.context() as broken:
            broken.setattr(imports, "start_import", _no_space)
            assert patch(client, url, 0, STREAM).status_code == 507
        assert head(client, url)["Upload-Offset"] == "0"
        assert not OutboxJob.objects.exists()


class BrokenBody(BytesIO):
    """A body of which only the beginning comes."""

    def __init__(self, content: bytes, error: OSError | None) -> None:
        super().__init__(content)
        self.error = error

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        if not piece and self.error is not None:
            raise self.error
        return piece


def _no_space(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


def _killed(*_):
    raise SystemExit


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_one_writes_and_the_other_is_told_to_wait(self, client, url):
        pk = Upload.objects.get().pk
        busy, done = threading.Event(), threading.Event()

        def hold():
            with try_lock(services.LOCK, pk) as alone:
                assert alone
                busy.set()
                done.wait(20)
            connection.close()

        holder = threading.Thread(target=hold)
        holder.start()
        try:
            assert busy.wait(20)
            answers = [patch(client, url, 0, STREAM), delete(client, url)]
            assert [(a.status_code, a.json()["code"]) for a in answers] == [(423, "locked")] * 2
            assert head(client, url)["Upload-Offset"] == "0"
            assert services.drop_abandoned(before=timezone.now()) == 0
        finally:
            done.set()
            holder.join()
        assert patch(client, url, 0, STREAM).status_code == 204
        assert on_disk(Upload.objects.get()) == FILES

    def test_a_writer_that_lost_its_lock_commits_nothing(self, manager, url):
        """Its connection to the database was lost, and another request went on meanwhile."""
        token = url.rsplit("/")[-1]

        def pieces():
            Upload.objects.update(received=2)
            yield STREAM[:6]

        with pytest.raises(services.Conflict):
            services.receive(user=manager, token=token, offset=0, pieces=pieces())
        assert Upload.objects.get().received == 2


def test_storage_full_says_what_to_do():
    with pytest.raises(StorageFull, match="ask whoever runs the server"), services._full_disk_in_words():
        _no_space()
