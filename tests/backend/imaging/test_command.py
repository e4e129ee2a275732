"""`import_studies` says how each study went, and its exit status says whether all came in."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from backend.accounts.models import Membership, Project, User
from backend.imaging.models import Study
from tests.backend.imaging.dicom_files import StudyWriter


def run(*args: str) -> str:
    out = StringIO()
    call_command("import_studies", *args, stdout=out)
    return out.getvalue()


def test_a_line_for_each_study(project, incoming):
    for name in "ab":
        StudyWriter(incoming / name, patient={"PatientID": name}).add_dynamic()
    out = run(str(incoming), "--project", project.slug, "--partition", "POOL").splitlines()
    assert [line for line in out if "Imported" in line] == [
        "✓ P0001: Imported (study 1 of 2): DCE volume 4×8×6, 3 phases.",
        "✓ P0002: Imported (study 2 of 2): DCE volume 4×8×6, 3 phases.",
    ]
    assert sum("De-identified by procedure" in line for line in out) == 2
    assert any(line.startswith("24 files in ") for line in out)


def test_what_failed_is_told_with_its_folder_and_what_to_do(project, incoming):
    StudyWriter(incoming / "whole", patient={"PatientID": "A"}).add_dynamic()
    StudyWriter(incoming / "broken", patient={"PatientID": "B"}).add_dynamic()[0][1].unlink()
    out = StringIO()
    with pytest.raises(CommandError, match="1 of the lines above") as error:
        call_command("import_studies", str(incoming), "--project", project.slug, stdout=out)
    assert error.value.returncode == 1
    assert "is incomplete: 1 slice is missing" in out.getvalue()
    assert "in: broken/series1" in out.getvalue()
    assert "to do: Export the series again" in out.getvalue()
    assert Study.objects.count() == 1


def test_an_unknown_project_is_named(db, incoming):
    with pytest.raises(CommandError, match="no project 'new'; add --create"):
        run(str(incoming), "--project", "new")


def test_create_makes_the_project_and_seats_the_manager(db, incoming):
    User.objects.create_user(username="manager", password="-")
    StudyWriter(incoming).add_dynamic()
    run(str(incoming), "--project", "lab-one", "--create")
    project = Project.objects.get(slug="lab-one")
    assert project.name == "Lab one"
    membership = Membership.objects.get(project=project)
    assert (membership.user.username, membership.role) == ("manager", "manager")


def test_a_folder_that_is_not_there(project, tmp_path):
    with pytest.raises(CommandError, match="no such folder"):
        run(str(tmp_path / "no"), "--project", project.slug)
