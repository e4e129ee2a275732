"""`manage.py seed_demo [--round]`: the demo project with its phantom patients."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.config.demo.console import only_warnings
from backend.config.demo.password import PASSWORD
from backend.config.demo.people import PEOPLE, Team
from backend.config.demo.seeding import SLUG, seed_demo
from backend.core.errors import DomainError
from backend.learning.models import Round
from backend.learning.services import start_round


class Command(BaseCommand):
    """Demo data."""

    help = "Fill the project `demo` with 24 phantom patients: 8 approved, 4 in the benchmark, 12 waiting."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--round", action="store_true", help="start the first round where none was started yet")
        parser.add_argument("--preset", default="demo", help="what that round trains (default: demo)")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            with only_warnings():
                team = seed_demo(self._say)
            if options["round"]:
                self._start_first_round(team, options["preset"])
        except DomainError as error:
            raise CommandError(error.message) from error
        names = ", ".join(person.username for person in PEOPLE if person.signs_in)
        self._say(f"Project {SLUG!r} is ready; sign in as {names} with {PASSWORD}")

    def _start_first_round(self, team: Team, preset: str) -> None:
        if Round.objects.filter(project=team.project).exists():
            return
        start_round(project=team.project, actor=team.manager, preset=preset)
        self._say("The first round is on its way: a model trains on the 8 approved cases and drafts the other 12.")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
