import errno
import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from backend.core import blobs
from backend.core.errors import NotFound, StorageFull
from tests.backend.adopting import adopted


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


def left(folder, content: bytes, name: str = "") -> str:
    digest = name or hashlib.sha256(content).hexdigest()
    folder.mkdir(exist_ok=True)
    (folder / digest).write_bytes(content)
    return digest


def test_files_left_in_a_folder_are_taken_over(store, tmp_path):
    folder = tmp_path / "left"
    contents = [os.urandom(n) for n in range(1, 40)]
    adopted(folder, [left(folder, content) for content in contents], max_bytes=40)
    assert sorted(blobs.get(hashlib.sha256(content).hexdigest()) for content in contents) == sorted(contents)
    assert list(folder.iterdir()) == []


def untrue(folder) -> str:
    return left(folder, b"others", hashlib.sha256(b"slices").hexdigest())


def linked(folder) -> str:
    digest = hashlib.sha256(b"slices").hexdigest()
    (folder.parent / "secret").write_bytes(b"slices")
    (folder / digest).symlink_to(folder.parent / "secret")
    return digest


def hard_linked(folder) -> str:
    digest = left(folder, b"slices")
    (folder.parent / "secret").hardlink_to(folder / digest)
    return digest


def too_large(folder) -> str:
    return left(folder, b"eleven byte")


def a_pipe(folder) -> str:
    os.mkfifo(folder / ("f" * 64))
    return "f" * 64


@pytest.mark.parametrize(
    "trick",
    [untrue, linked, hard_linked, too_large, a_pipe, lambda folder: "0" * 64],
    ids=["untrue", "link", "hard link", "too large", "pipe", "gone"],
)
def test_one_file_that_is_not_what_it_says_keeps_all_of_them_out(store, tmp_path, trick):
    folder = tmp_path / "left"
    good = left(folder, b"good")
    with pytest.raises(ValueError, match=r"need|holds something else"):
        adopted(folder, [good, trick(folder)], max_bytes=10)
    assert files(store) == []
    assert (folder / good).exists()


def test_names_that_are_no_sha256_lead_nowhere(store, tmp_path):
    (tmp_path / "left").mkdir()
    (tmp_path / "elsewhere").write_bytes(b"x")
    with pytest.raises(ValueError, match="sha256"):
        adopted(tmp_path / "left", ["../elsewhere"], max_bytes=10)
