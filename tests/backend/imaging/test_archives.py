"""Zips are opened under limits; one that breaks a rule is refused whole."""

from __future__ import annotations

import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from backend.imaging import services
from backend.imaging.models import ImportRun, Study
from backend.imaging.reading import archives
from backend.imaging.reading.archives import ArchiveRefused, unpack
from backend.imaging.sources import files_below
from backend.imaging.uploads.manifest import Manifest
from backend.imaging.uploads.staging import begin


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "upload"
    folder.mkdir()
    return folder


def zipped(folder: Path, members: dict[str, bytes]) -> Path:
    path = folder / "000000"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def opened(folder: Path, *, max_bytes: int = 2**30) -> tuple[str, ...]:
    return unpack(folder / "000000", folder / "members", max_bytes=max_bytes)


def refused(folder: Path, **limits) -> str:
    with pytest.raises(ArchiveRefused) as error:
        opened(folder, **limits)
    assert sorted(path.name for path in folder.iterdir()) == ["000000"]
    return error.value.sentence


def test_members_lie_under_numbers_with_their_names_told(folder):
    zipped(folder, {"Doe Jane/a.dcm": b"one", "Doe Jane/b/c.dcm": b"two", "Doe Jane/b/": b""})
    assert opened(folder) == ("Doe Jane/a.dcm", "Doe Jane/b/c.dcm")
    files = sorted((folder / "members").iterdir())
    assert [path.name for path in files] == ["000000", "000001"]
    assert [path.read_bytes() for path in files] == [b"one", b"two"]


def test_unpacking_again_after_a_crash_gives_the_same(folder):
    zipped(folder, {"a": b"one", "b": b"two"})
    (folder / "members").mkdir()
    (folder / "members" / "000009").write_text("half")
    opened(folder)
    assert len(list((folder / "members").iterdir())) == 2


@pytest.mark.parametrize("name", ["../outside", "a/../../outside", "/etc/outside", "C:\\outside", "a\\..\\..\\b"])
def test_a_path_that_leads_outside_is_refused(folder, name):
    zipped(folder, {"good": b"1", name: b"2"})
    assert refused(folder) == "a path in it leads outside of it"
    assert not (folder.parent / "outside").exists()


def test_a_symbolic_link_is_refused(folder):
    with zipfile.ZipFile(folder / "000000", "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert "symbolic link" in refused(folder)


def test_a_bomb_stops_at_the_limit(folder):
    zipped(folder, {"bomb": bytes(30 * 2**20)})
    assert "inflates to more than 5 MiB" in refused(folder, max_bytes=5 * 2**20)


def test_the_limit_counts_over_all_members(folder):
    zipped(folder, {"a": bytes(2**20), "b": bytes(2**20)})
    assert "inflates to more than 1 MiB" in refused(folder, max_bytes=2**20 + 1)


def test_a_bomb_stops_at_a_hundred_times_its_size(folder, monkeypatch):
    monkeypatch.setattr(archives, "GROWTH_COUNTS_FROM", 2**20)
    zipped(folder, {"bomb": bytes(30 * 2**20)})
    assert refused(folder) == "it inflates to more than 100 times its size"


def test_archives_whose_members_overlap_are_told_by_their_size(folder, monkeypatch):
    """Every entry of the directory points at the same bytes, so that no single one looks large."""
    monkeypatch.setattr(archives, "GROWTH_COUNTS_FROM", 2**20)
    path = zipped(folder, {"a": bytes(2**20)})
    content = path.read_bytes()
    start = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    entry, count = content[start:end], 40
    tail = bytearray(content[end:])
    tail[8:10] = tail[10:12] = count.to_bytes(2, "little")
    tail[12:16] = (len(entry) * count).to_bytes(4, "little")
    path.write_bytes(content[:start] + entry * count + bytes(tail))
    assert "overlap" in refused(folder) or "times its size" in refused(folder)


def test_too_many_members_are_refused(folder, monkeypatch):
    monkeypatch.setattr(archives, "MAX_MEMBERS", 3)
    zipped(folder, {str(n): b"" for n in range(4)})
    assert "holds 4 files; the limit is 3" in refused(folder)


def test_a_damaged_zip_is_refused(folder):
    path = zipped(folder, {"a": bytes(range(256)) * 50})
    content = bytearray(path.read_bytes())
    content[60:90] = bytes(30)
    path.write_bytes(content)
    assert "damaged" in refused(folder)


def test_a_zip_with_a_password_is_refused(folder):
    path = zipped(folder, {"a": b"1"})
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert "password" in refused(folder)


def test_a_study_in_a_zip_comes_in(project, manager, study):
    run = services.open_import(user=manager, project=project, source="upload")
    study.add_dynamic()
    Path(run.folder).mkdir(parents=True)
    shutil.make_archive(str(study.folder.parent / "packed"), "zip", study.folder)
    shutil.move(study.folder.parent / "packed.zip", Path(run.folder) / "000000")
    services.run_import(import_id=run.pk)
    run.refresh_from_db()
    assert run.state == ImportRun.State.DONE
    assert Study.objects.count() == 1


def test_a_refused_zip_is_told_and_other_files_come_in(project, manager, study):
    run = services.open_import(user=manager, project=project, source="upload")
    study.add_dynamic()
    shutil.copytree(study.folder, run.folder)
    zipped(Path(run.folder), {"../outside": b"2"})
    services.run_import(import_id=run.pk)
    run.refresh_from_db()
    assert run.report[0]["message"] == "The zip archive was refused: a path in it leads outside of it."
    assert [line["level"] for line in run.report][:2] == ["error", "ok"]
    assert run.report[0]["action"]
    assert Study.objects.count() == 1
    assert not Path(run.folder).exists()


def test_a_zip_inside_of_a_zip_is_named_and_not_opened(project, manager, study, folder):
    run = services.open_import(user=manager, project=project, source="upload")
    study.add_dynamic()
    shutil.copytree(study.folder, run.folder)
    inner = zipped(folder, {"a": b"1"}).read_bytes()
    zipped(Path(run.folder), {"inner.zip": inner})
    services.run_import(import_id=run.pk)
    run.refresh_from_db()
    assert run.report[0]["message"] == "1 file is a zip archive inside of the folder and was not opened."
    assert Study.objects.count() == 1


def test_members_keep_the_name_they_came_with_below_that_of_the_zip(project, manager, folder):
    from backend.imaging.keys import key_of
    from backend.imaging.reading.reader import Reader
    from backend.imaging.unpacking import unpack_all

    begin(folder, Manifest(("Doe/case.zip", "b.nii"), (1, 1), (0, 0)))
    zipped(folder, {"t1/a.nii": b"1", "t1/c.nii": b"2"})
    (folder / "000001").write_bytes(b"3")
    with Reader(key_of(project)) as reader:
        assert unpack_all(reader, folder) == ([], frozenset())
    files, links = files_below(folder, numbered=True)
    assert {file.name: file.path.read_bytes() for file in files} == {
        "Doe/case/t1/a.nii": b"1",
        "Doe/case/t1/c.nii": b"2",
        "b.nii": b"3",
    }
    assert links == 0
