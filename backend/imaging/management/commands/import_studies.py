"""`manage.py import_studies FOLDER --project SLUG`: import a folder of this machine and say how it went."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from backend.accounts.models import Project, User
from backend.accounts.roles import Role
from backend.accounts.services import add_member, create_project
from backend.core.errors import DomainError
from backend.imaging import services
from backend.imaging.models import ImportRun, Partition
from backend.imaging.progress import Progress

MARKS = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "error": "[red]✗[/]"}
MANAGER = "manager"  # the user that becomes manager of a project made by --create, where there is one


class Command(BaseCommand):
    """See `help`."""

    help = "Import a folder of DICOM studies into a project. Exit status 1 when anything could not come in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--project", required=True, metavar="SLUG")
        parser.add_argument("--create", action="store_true", help="make the project when there is none")
        parser.add_argument("--partition", choices=Partition.values, default="", help="where new patients go")

    def handle(self, *_args: Any, folder: Path, project: str, create: bool, partition: str, **_options: Any) -> None:
        """Raises CommandError (exit status 1) with what to do."""
        self.stdout.ending = ""  # rich ends its own lines
        console = Console(file=self.stdout, highlight=False, soft_wrap=True)  # type: ignore[arg-type]
        began = time.monotonic()
        try:
            run = self._import(console, folder, _project(project, create=create), partition)
        except DomainError as error:
            raise CommandError(error.message) from error
        errors = sum(line["level"] == "error" for line in run.report)
        console.print(f"{run.files_total} files in {time.monotonic() - began:.1f} s.")
        if errors:
            rest = "The rest is in." if run.state == ImportRun.State.DONE else "Nothing came in."
            raise CommandError(f"{errors} of the lines above, marked ✗, tell what could not come in. {rest}")

    def _import(self, console: Console, folder: Path, project: Project, partition: str) -> ImportRun:
        columns = (TextColumn("files"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
        with Bar(*columns, console=console, transient=True) as bar:
            task = bar.add_task("files", total=None)

            def listen(progress: Progress) -> None:
                _show(console, bar, task, progress, folder)

            return services.import_folder(
                project=project,
                folder=folder,
                started_by=None,
                source="a folder on the server",
                partition=partition,
                progress=listen,
            )


def _show(console: Console, bar: Bar, task: TaskID, progress: Progress, folder: Path) -> None:
    """Move the bar; print a new line, with the folder it speaks of, which is shown here and stored nowhere."""
    bar.update(task, completed=progress.files_done, total=progress.files_total)
    line = progress.line
    if line is None:
        return
    console.print(f"{MARKS[line.level]} {escape(line.subject)}: {escape(line.message)}")
    if line.level == "error" and progress.place is not None:
        console.print(f"    in: {progress.place.relative_to(folder)}", markup=False)
    if line.action:
        console.print(f"    to do: {line.action}", markup=False)


def _project(slug: str, *, create: bool) -> Project:
    project = Project.objects.filter(slug=slug).first()
    if project is not None:
        return project
    if not create:
        raise CommandError(f"There is no project {slug!r}; add --create to make it.")
    project = create_project(name=slug.replace("-", " ").replace("_", " ").capitalize(), slug=slug)
    manager = User.objects.filter(username=MANAGER).first()
    if manager is not None:
        add_member(project=project, user=manager, role=Role.MANAGER)
    return project
