import errno
import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from backend.core import blobs
from backend.core.errors import NotFound, StorageFull


@pytest.fixture(autouse=True)
def store(own_folders, settings):
    return settings.BLOB_DIR


def files(store):
    return [path for path in store.rglob("*") if path.is_file()]


def test_a_blob_is_named_by_what_it_holds(store):
    digest = blobs.put(b"slices")
    assert digest == hashlib.sha256(b"slices").hexdigest()
    assert blobs.get(digest) == b"slices"
    assert files(store) == [store / digest[:2] / digest]


def test_the_same_bytes_are_stored_once(store):
    first = blobs.path_of(blobs.put(b"slices")).stat()
    again = blobs.path_of(blobs.put(b"slices")).stat()
    assert (first.st_ino, first.st_mtime_ns) == (again.st_ino, again.st_mtime_ns)


def test_many_who_store_the_same_at_once_leave_one_whole_file(store):
    content = os.urandom(200_000)
    with ThreadPoolExecutor(8) as pool:
        digests = set(pool.map(blobs.put, [content] * 32))
    assert len(digests) == 1
    assert [path.read_bytes() == content for path in files(store)] == [True]


def test_a_blob_that_is_not_there_is_missed_by_name():
    with pytest.raises(NotFound, match="missing from the store"):
        blobs.get("0" * 64)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_and_leaves_nothing_half_written(store, monkeypatch, number):
    def no_room(self, content):
        with self.open("wb") as file:
            file.write(content[:3])
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", no_room)
        with pytest.raises(StorageFull, match="disk is full"):
            blobs.put(b"slices")
    assert files(store) == []
    assert blobs.get(blobs.put(b"slices")) == b"slices"


def test_another_failure_of_the_disk_is_not_taken_for_a_full_one(monkeypatch):
    def broken(self, content):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Path, "write_bytes", broken)
    with pytest.raises(OSError, match="Input/output"):
        blobs.put(b"slices")
