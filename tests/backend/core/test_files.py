import hashlib

import pytest

from backend.core.files import aside, folder_aside, sha256_of


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_whole_at_the_end(tmp_path):
    with aside(tmp_path / "deep" / "a.txt") as part:
        part.write_text("half")
        assert not (tmp_path / "deep" / "a.txt").exists()
        part.write_text("whole")
    assert (tmp_path / "deep" / "a.txt").read_text() == "whole"
    assert names(tmp_path / "deep") == ["a.txt"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(ZeroDivisionError), aside(tmp_path / "a.txt") as part:
        part.write_text(f"new {1 / 0}")
    assert (tmp_path / "a.txt").read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_a_folder_appears_whole_at_the_end(tmp_path):
    with folder_aside(tmp_path / "inputs") as part:
        (part / "one").write_text("1")
        assert not (tmp_path / "inputs").exists()
    assert names(tmp_path / "inputs") == ["one"]
    assert names(tmp_path) == ["inputs"]


def test_a_failed_folder_leaves_nothing(tmp_path):
    with pytest.raises(IsADirectoryError), folder_aside(tmp_path / "inputs") as part:
        part.write_text("a folder is no file")
    assert names(tmp_path) == []


def test_of_two_who_fill_a_folder_the_first_one_counts(tmp_path):
    with folder_aside(tmp_path / "inputs") as slow:
        (slow / "slow").write_text("")
        with folder_aside(tmp_path / "inputs") as fast:
            (fast / "fast").write_text("")
    assert names(tmp_path / "inputs") == ["fast"]
    assert names(tmp_path) == ["inputs"]


def test_the_hash_is_that_of_the_content(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 100_000)
    assert sha256_of(tmp_path / "a") == hashlib.sha256(b"x" * 100_000).hexdigest()
