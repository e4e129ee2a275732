"""`manage.py procedure_tables docs/deidentification.md`: bring the page's tables in step with the procedure file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from backend.imaging.dicom.procedure import procedure
from backend.imaging.dicom.procedure_tables import with_tables


class Command(BaseCommand):
    """See `help`."""

    help = "Write the tables of the de-identification procedure into a page, between its marks."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's own form

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("page", type=Path)

    def handle(self, *_args: Any, page: Path, **_options: Any) -> None:
        page.write_text(with_tables(page.read_text(encoding="utf-8"), procedure()), encoding="utf-8")
