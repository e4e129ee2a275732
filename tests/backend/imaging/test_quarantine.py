"""What cannot come in is kept, tried again, dropped, or resolved; it is never half in and never lost."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from backend.accounts.roles import Role
from backend.audit.models import AuditEvent
from backend.core import blobs
from backend.core.errors import Conflict, NotAllowed, StorageFull
from backend.core.models import OutboxJob
from backend.imaging import importer, jobs, services
from backend.imaging.models import (
    FoundMask,
    HeldStudy,
    ImportRun,
    Patient,
    PatientIdentity,
    Phase,
    Series,
    Study,
    Volume,
)
from backend.imaging.progress import Tracker
from backend.imaging.quarantine import keeping
from backend.imaging.quarantine.services import drop, drop_expired, retry
from backend.imaging.reading.reader import Reader
from backend.imaging.reaper import reap, sweep_folders, take_up_lost_imports
from tests.backend.imaging.dicom_files import StudyWriter, ramp

STORED = (Patient, Study, Series, Volume, Phase, FoundMask, PatientIdentity)


def counts() -> list[int]:
    return [model.objects.count() for model in STORED]


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


@pytest.fixture
def broken(study):
    """A dynamic study without one of its slices, whose path is returned with what it held."""
    path = study.add_dynamic()[1][2]
    content = path.read_bytes()
    path.unlink()
    return path, content


@pytest.fixture
def held(broken, import_it) -> HeldStudy:
    import_it()
    return HeldStudy.objects.get()


def uploaded(project, manager, folder: Path) -> ImportRun:
    """An import of a folder's files as an upload brings them: numbered."""
    run = services.open_import(user=manager, project=project, source="upload")
    Path(run.folder).mkdir(parents=True)
    for number, path in enumerate(sorted(path for path in folder.rglob("*") if path.is_file())):
        shutil.copy(path, Path(run.folder) / f"{number:06d}")
    return services.start_import(user=manager, run=run)


def run_again(run: ImportRun) -> ImportRun:
    services.run_import(import_id=run.pk)
    run.refresh_from_db()
    return run


def test_of_two_studies_the_refused_one_is_held_and_the_other_is_in(incoming, import_it):
    StudyWriter(incoming / "a", patient={"PatientID": "A"}).add_dynamic()[1][1].unlink()
    StudyWriter(incoming / "b", patient={"PatientID": "B"}).add_dynamic()
    run = import_it()
    assert run.state == ImportRun.State.DONE
    assert Study.objects.count() == 1
    held = HeldStudy.objects.get()
    assert (held.run, held.state, held.files) == (run, "held", 11)
    assert "is incomplete: 1 slice is missing" in held.reasons[0]["message"]
    assert held.reasons[0]["action"]
    assert run.report[-1]["message"] == "1 study is held in quarantine for 30 days."
    assert "study.held" in actions()


def test_its_files_lie_in_quarantine_under_numbers_with_their_names_beside(held, incoming):
    files = sorted(path for path in Path(held.folder).iterdir() if path.name != "names.json")
    assert [path.name for path in files] == [f"{n:06d}" for n in range(11)]
    originals = {path.read_bytes() for path in incoming.rglob("*") if path.is_file()}
    assert {path.read_bytes() for path in files} == originals
    assert len(originals) == 11


def test_a_folder_of_the_server_stays_as_it_is(held, incoming):
    drop(user=held.run.started_by, held=held)
    assert len([path for path in incoming.rglob("*") if path.is_file()]) == 11


def test_an_upload_leaves_its_files_in_quarantine_alone(project, manager, study, broken, settings):
    run = run_again(uploaded(project, manager, study.folder))
    assert run.state == ImportRun.State.FAILED
    assert not Path(run.folder).exists()
    held = HeldStudy.objects.get()
    assert Path(held.folder).parent == settings.QUARANTINE_DIR
    assert len(list(Path(held.folder).iterdir())) == 12


def test_no_row_names_a_file_or_a_person(held):
    row = str(HeldStudy.objects.values().get()).lower()
    for word in ("doe", "jane", "id-77", "series1", "incoming"):
        assert word not in row


def test_the_same_study_twice_is_one_row_with_what_came_last(held, import_it, incoming):
    before = held.folder
    again = import_it()
    row = HeldStudy.objects.get()
    assert (row.run, row.state) == (again, "held")
    assert row.folder != before
    assert Path(row.folder).is_dir()


def test_a_retry_without_mending_is_held_again_with_its_files(held, manager):
    run = run_again(retry(user=manager, held=held))
    held.refresh_from_db()
    assert (run.state, run.source) == ("failed", "quarantine")
    assert (held.state, held.run, held.resolved_by) == ("held", run, None)
    assert len(list(Path(held.folder).iterdir())) == 12
    assert counts() == [0] * len(STORED)
    second = run_again(retry(user=manager, held=held))
    held.refresh_from_db()
    assert (held.state, held.run) == ("held", second)


def test_a_retry_takes_in_what_the_program_can_read_by_now(study, import_it, manager, settings):
    """The cause was a limit, which the administrator has raised since."""
    study.add_dynamic()
    settings.MAX_VOLUME_VOXELS = 100
    import_it(partition="POOL")
    held = HeldStudy.objects.get()
    settings.MAX_VOLUME_VOXELS = 10_000
    run = retry(user=manager, held=held)
    held.refresh_from_db()
    assert (held.state, held.resolved_by) == ("retried", run)
    assert OutboxJob.objects.filter(name="imaging.run_import", arguments={"import_id": run.pk}).exists()
    run_again(run)
    held.refresh_from_db()
    assert run.state == ImportRun.State.DONE
    assert (held.state, held.resolved_by, held.folder) == ("resolved", run, "")
    assert Study.objects.count() == 1
    assert Patient.objects.get().partition == "POOL"
    assert list(settings.QUARANTINE_DIR.iterdir()) == []
    assert [a for a in actions() if "held" in a or "retried" in a] == [
        "study.held",
        "study.retried",
        "study.held_resolved",
    ]


@pytest.mark.django_db(transaction=True)
def test_the_mended_study_resolves_the_held_one(broken, import_it):
    import_it()
    held = HeldStudy.objects.get()
    folder = Path(held.folder)
    path, content = broken
    path.write_bytes(content)
    run = import_it()
    assert run.state == ImportRun.State.DONE
    held.refresh_from_db()
    assert (held.state, held.resolved_by) == ("resolved", run)
    assert not folder.exists()


@pytest.mark.django_db(transaction=True)
def test_dropping_removes_the_files_for_good(broken, import_it, manager):
    import_it()
    held = HeldStudy.objects.get()
    folder = Path(held.folder)
    drop(user=manager, held=held)
    held.refresh_from_db()
    assert (held.state, held.folder) == ("dropped", "")
    assert not folder.exists()
    assert actions()[-1] == "study.dropped"


@pytest.mark.parametrize("act", [retry, drop], ids=["retry", "drop"])
def test_what_is_not_held_any_more_can_neither_be_tried_nor_dropped(held, manager, act):
    for state in ("retried", "resolved", "dropped"):
        HeldStudy.objects.update(state=state)
        with pytest.raises(Conflict):
            act(user=manager, held=held)


@pytest.mark.parametrize("act", [retry, drop], ids=["retry", "drop"])
@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.RADIOLOGIST, Role.SCIENTIST])
def test_who_may_not_import_may_do_neither(held, member, act, role):
    with pytest.raises(NotAllowed):
        act(user=member(role), held=held)
    held.refresh_from_db()
    assert held.state == "held"


def test_what_is_held_for_too_long_is_dropped(held, settings):
    assert drop_expired() == 0
    HeldStudy.objects.update(updated_at=timezone.now() - timedelta(days=29))
    assert drop_expired() == 0
    HeldStudy.objects.update(updated_at=timezone.now() - timedelta(days=31))
    assert drop_expired() == 1
    held.refresh_from_db()
    assert held.state == "dropped"
    assert AuditEvent.objects.order_by("-pk").values_list("action", "actor_name").first() == ("study.dropped", "system")


def test_a_full_disk_refuses_the_study_leaves_no_row_and_keeps_its_files(
    project, manager, study, monkeypatch, settings
):
    study.add_dynamic()
    run = uploaded(project, manager, study.folder)

    def full(*_args, **_options):
        raise StorageFull("The server's disk is full; nothing was stored.")

    with monkeypatch.context() as patched:
        patched.setattr(blobs.Adoption, "take", full)
        run_again(run)
    assert run.state == ImportRun.State.FAILED
    assert run.report[0]["message"] == "Not imported: The server's disk is full; nothing was stored."
    assert counts() == [0] * len(STORED)
    again = run_again(retry(user=manager, held=HeldStudy.objects.get()))
    assert again.state == ImportRun.State.DONE
    assert Study.objects.count() == 1


@pytest.mark.parametrize("where", ["_phase", "_volume", "_series", "_patient"])
def test_a_failure_at_any_step_leaves_no_row_and_holds_the_study(study, import_it, monkeypatch, where):
    study.add_dynamic()

    def broken(*_args, **_options):
        raise ArithmeticError

    monkeypatch.setattr(importer, where, broken)
    import_it()
    assert counts() == [0] * len(STORED)
    assert HeldStudy.objects.get().state == "held"


class WorkerLost(BaseException):
    """Ends the import as a signal would, at once and without a word."""


@pytest.fixture
def lost_after(monkeypatch):
    """Lose the worker once it has said so many lines."""

    def arm(lines: int) -> None:
        said = Tracker.say
        count = 0

        def say(self, *args, **options):
            nonlocal count
            count += 1
            if count > lines:
                raise WorkerLost
            said(self, *args, **options)

        monkeypatch.setattr(Tracker, "say", say)

    yield arm
    monkeypatch.undo()


@pytest.mark.parametrize("lines", [0, 1, 2, 3, 5, 8, 13])
def test_a_lost_worker_costs_nothing_wherever_it_was(project, manager, incoming, lost_after, monkeypatch, lines):
    StudyWriter(incoming / "a", patient={"PatientID": "A", "StudyDate": "20200101"}).add_dynamic()
    StudyWriter(incoming / "b", patient={"PatientID": "B", "StudyDate": "20210101"}).add_dynamic()[0][0].unlink()
    StudyWriter(incoming / "c", patient={"PatientID": "C", "StudyDate": "20220101"}).add_dynamic()
    run = uploaded(project, manager, incoming)
    lost_after(lines)
    try:
        services.run_import(import_id=run.pk)
    except WorkerLost:
        assert counts()[1] <= 2
    monkeypatch.undo()
    ImportRun.objects.filter(state="running").update(updated_at=timezone.now() - timedelta(minutes=2))
    reap(stuck_after_s=60)
    run_again(run)
    assert run.state == ImportRun.State.DONE
    assert counts()[:5] == [2, 2, 6, 2, 6]
    assert HeldStudy.objects.count() == 1
    imported = [line["message"] for line in run.report if line["message"].startswith("Imported")]
    assert [text[:24] for text in imported] == ["Imported (study 1 of 3):", "Imported (study 3 of 3):"]
    assert actions().count("study.imported") == 2


def test_an_import_that_takes_too_long_for_one_job_goes_on_in_another(project, manager, incoming, monkeypatch):
    for name in "ab":
        StudyWriter(incoming / name, patient={"PatientID": name, "StudyDate": f"202{ord(name) % 9}0101"}).add_dynamic()
    run = uploaded(project, manager, incoming)
    OutboxJob.objects.all().delete()
    build, built = Reader.build, []

    def too_long(self, case, **options):
        if built:
            raise SoftTimeLimitExceeded
        built.append(case)
        return build(self, case, **options)

    with monkeypatch.context() as patched:
        patched.setattr(Reader, "build", too_long)
        jobs.run_import(import_id=run.pk)
    run.refresh_from_db()
    assert (run.state, Study.objects.count()) == ("running", 1)
    assert OutboxJob.objects.get().arguments == {"import_id": run.pk}
    run_again(run)
    assert (run.state, Study.objects.count()) == ("done", 2)
    assert not HeldStudy.objects.exists()


class TestReaper:
    @pytest.fixture
    def run(self, project, manager, study):
        study.add_dynamic()
        return uploaded(project, manager, study.folder)

    def age(self, seconds: float = 61, **fields) -> None:
        ImportRun.objects.update(updated_at=timezone.now() - timedelta(seconds=seconds), **fields)
        OutboxJob.objects.all().delete()

    @pytest.mark.parametrize("state", ["waiting", "running"])
    def test_an_import_without_a_worker_gets_its_job_again(self, run, state):
        self.age(state=state)
        assert take_up_lost_imports(older_than_s=60) == 1
        assert OutboxJob.objects.get().arguments == {"import_id": run.pk}
        assert take_up_lost_imports(older_than_s=60) == 0

    def test_one_that_moves_is_left_alone(self, run):
        self.age(seconds=30, state="running")
        assert take_up_lost_imports(older_than_s=60) == 0

    def test_one_that_waits_for_files_is_left_alone(self, run):
        self.age(asked_at=None)
        assert take_up_lost_imports(older_than_s=60) == 0

    @pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
    def test_one_that_ended_is_left_alone(self, run, state):
        self.age(state=state)
        assert take_up_lost_imports(older_than_s=60) == 0

    def test_one_of_the_command_line_ends_with_what_to_do(self, run):
        self.age(state="running", folder="")
        assert take_up_lost_imports(older_than_s=60) == 1
        run.refresh_from_db()
        assert run.state == "failed"
        assert run.report[-1]["action"] == "Import the folder again: what is in is left as it is."

    def test_files_that_nobody_comes_back_for_are_removed(self, run, settings):
        left = settings.BLOB_DIR / ".reading" / "lost"
        left.mkdir(parents=True)
        sweep_folders()
        assert left.exists()
        assert Path(run.folder).exists()
        import os

        os.utime(left, (0, 0))
        self.age(state="failed")
        sweep_folders()
        assert not left.exists()
        assert not Path(run.folder).exists()


class TestCancel:
    def test_the_rest_stays_out_and_what_is_in_stays_in(self, project, manager, incoming, monkeypatch):
        for name in "abc":
            StudyWriter(incoming / name, patient={"PatientID": name}).add_dynamic()
        run = uploaded(project, manager, incoming)
        said = Tracker.say

        def say(self, line, **options):
            said(self, line, **options)
            if line.message.startswith("Imported"):
                services.cancel_import(user=manager, run=run)

        monkeypatch.setattr(Tracker, "say", say)
        run_again(run)
        assert run.state == ImportRun.State.CANCELLED
        assert Study.objects.count() == 1
        assert run.report[-1]["message"] == (
            "The import was cancelled; 1 study that was in stays, the rest did not come in."
        )
        assert (run.files_done, run.files_total) == (12, 36)
        assert not Path(run.folder).exists()
        assert actions().count("import.cancelled") == 1

    def test_before_a_worker_began_nothing_comes_in(self, project, manager, study):
        study.add_dynamic()
        run = uploaded(project, manager, study.folder)
        services.cancel_import(user=manager, run=run)
        run_again(run)
        assert run.state == ImportRun.State.CANCELLED
        assert counts() == [0] * len(STORED)

    def test_a_retry_that_is_cancelled_stays_held(self, held, manager):
        run = retry(user=manager, held=held)
        services.cancel_import(user=manager, run=run)
        run_again(run)
        held.refresh_from_db()
        assert (run.state, held.state) == ("cancelled", "held")
        assert len(list(Path(held.folder).iterdir())) == 12

    def test_in_the_middle_of_a_study_it_ends_there(self, project, manager, study, monkeypatch):
        for n in range(3):
            study.add(ramp((4, 8, 6)), ScanningSequence="SE", EchoTime=str(20 + n))
        run = uploaded(project, manager, study.folder)
        monkeypatch.setattr("backend.imaging.progress.LOOK_EVERY_S", 0)
        step = Tracker.step

        def cancelling(self, files=1):
            if files == 4:
                services.cancel_import(user=manager, run=run)
            step(self, files)

        monkeypatch.setattr(Tracker, "step", cancelling)
        run_again(run)
        assert run.state == ImportRun.State.CANCELLED
        assert counts() == [0] * len(STORED)
        assert not HeldStudy.objects.exists()

    def test_one_that_ended_cannot_be_cancelled(self, project, manager, study):
        study.add_dynamic()
        run = run_again(uploaded(project, manager, study.folder))
        with pytest.raises(Conflict, match="has ended"):
            services.cancel_import(user=manager, run=run)

    def test_one_that_waits_for_files_says_what_to_do(self, project, manager):
        run = services.open_import(user=manager, project=project, source="upload")
        with pytest.raises(Conflict, match="cancel the upload"):
            services.cancel_import(user=manager, run=run)

    @pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.RADIOLOGIST, Role.SCIENTIST])
    def test_who_may_not_import_may_not_cancel(self, project, manager, member, study, role):
        study.add_dynamic()
        run = uploaded(project, manager, study.folder)
        with pytest.raises(NotAllowed):
            services.cancel_import(user=member(role), run=run)


def test_files_that_cannot_be_linked_are_copied(held, import_it, monkeypatch):
    import errno

    def no_link(*_args, **_options):
        raise OSError(errno.EXDEV, "other disk")

    monkeypatch.setattr(keeping.os, "link", no_link)
    import_it()
    row = HeldStudy.objects.get()
    assert len(list(Path(row.folder).iterdir())) == 12


def test_without_room_for_its_files_the_reasons_are_kept_and_a_retry_says_so(broken, import_it, manager, monkeypatch):
    import errno

    def full(*_args, **_options):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(keeping, "_link", full)
    import_it()
    held = HeldStudy.objects.get()
    assert (held.folder, held.state) == ("", "held")
    with pytest.raises(Conflict, match="could not be kept"):
        retry(user=manager, held=held)


def test_the_quarantine_is_listed_by_page_for_the_project(held, signed_in, manager, outsider, project):
    client = signed_in(manager)
    (row,) = client.get(f"/api/projects/{project.slug}/held-studies").json()["results"]
    assert (row["id"], row["state"], row["files"], row["can_retry"]) == (held.pk, "held", 11, True)
    assert "folder" not in row
    assert client.get(f"/api/projects/{project.slug}/held-studies?state=dropped").json()["results"] == []
    assert client.get(f"/api/projects/{project.slug}/held-studies?state=x").status_code == 400
    assert signed_in(outsider).get(f"/api/held-studies/{held.pk}").status_code == 404


def test_a_retry_and_a_drop_over_http(held, signed_in, manager):
    client = signed_in(manager)
    answer = client.post(f"/api/held-studies/{held.pk}/retry")
    assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
    assert client.post(f"/api/held-studies/{held.pk}/retry").status_code == 409
    run_again(ImportRun.objects.get(pk=answer.json()["id"]))
    assert client.delete(f"/api/held-studies/{held.pk}").json()["state"] == "dropped"
    assert client.delete(f"/api/held-studies/{held.pk}").status_code == 409
