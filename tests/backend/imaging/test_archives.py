"""Zips are opened under limits; one that breaks a rule is refused whole."""

from __future__ import annotations

import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from backend.imaging import archives, services
from backend.imaging.archives import unpack_all
from backend.imaging.models import ImportRun, Study


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


def refused(folder: Path, **limits) -> str:
    (line,) = unpack_all(folder, **limits)
    assert line.level == "error"
    assert line.action
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    return line.message


def test_members_lie_under_numbers_and_the_zip_is_gone(folder):
    zipped(folder, {"Doe Jane/a.dcm": b"one", "Doe Jane/b/c.dcm": b"two", "Doe Jane/b/": b""})
    assert unpack_all(folder) == []
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert [path.read_bytes() for path in files] == [b"one", b"two"]
    assert "Doe" not in " ".join(map(str, files))


def test_unpacking_again_after_a_crash_gives_the_same(folder):
    path = zipped(folder, {"a": b"one", "b": b"two"})
    half = path.with_name(f"{path.name}.members")
    half.mkdir()
    (half / "000009").write_text("half")
    assert unpack_all(folder) == []
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 2


@pytest.mark.parametrize("name", ["../outside", "a/../../outside", "/etc/outside", "C:\\outside", "a\\..\\..\\b"])
def test_a_path_that_leads_outside_is_refused(folder, name):
    zipped(folder, {"good": b"1", name: b"2"})
    assert refused(folder) == "The zip archive was refused: a path in it leads outside of it."
    assert not (folder.parent / "outside").exists()


def test_a_symbolic_link_is_refused(folder):
    with zipfile.ZipFile(folder / "0", "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert "symbolic link" in refused(folder)


def test_a_bomb_stops_at_the_limit(folder):
    zipped(folder, {"bomb": bytes(30 * 2**20)})
    assert "inflates to more than 5 MiB" in refused(folder, max_bytes=5 * 2**20)


def test_the_limit_counts_over_all_members_and_archives(folder):
    for n in range(2):
        with zipfile.ZipFile(folder / str(n), "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a", bytes(2**20))
            archive.writestr("b", bytes(2**20))
    assert len(unpack_all(folder, max_bytes=3 * 2**20)) == 1


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
    assert [line["level"] for line in run.report] == ["error", "ok"]
    assert Study.objects.count() == 1
