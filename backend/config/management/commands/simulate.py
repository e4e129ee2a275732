"""`manage.py simulate`: rounds without people, to see that the loop learns."""

from __future__ import annotations

import os
import platform
import secrets
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from backend.accounts.models import Project
from backend.annotation.selectors import labels_of
from backend.config.demo.console import only_warnings
from backend.config.demo.people import ensure_team
from backend.config.demo.phantoms import scans
from backend.config.demo.simulation import Plan, bring_in_patients, first_batch, in_hindsight, turns
from backend.config.demo.tables import Grid, dice_grid, effort_grid, hindsight_grid
from backend.core.errors import Conflict, DomainError
from backend.core.files import aside


class Command(BaseCommand):
    """Simulation."""

    help = (
        "Run several rounds unattended in a project of their own: simulated annotators take the phantoms' truth, with "
        "a share of mistakes, through the services that people use. Needs no workers."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rounds", type=int, default=4, help="rounds to run (default: 4)")
        parser.add_argument("--batch", type=int, default=4, help="cases that are corrected after each (default: 4)")
        parser.add_argument("--errors", type=float, default=0.1, help="share of slices drawn wrongly (default: 0.1)")
        parser.add_argument("--preset", default="demo", help="what a round trains (default: demo)")
        parser.add_argument("--seed", type=int, default=1, help="of patients and mistakes (default: 1)")
        parser.add_argument("--project", default="", help="name of a new project (default: sim- and a random word)")
        parser.add_argument("--markdown", type=Path, help="also write the tables to this file")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            plan = Plan(options["rounds"], options["batch"], options["errors"], options["preset"], options["seed"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        try:
            with only_warnings():
                self._simulate(plan, options["project"] or f"sim-{secrets.token_hex(3)}", options["markdown"])
        except DomainError as error:
            raise CommandError(error.message) from error

    def _simulate(self, plan: Plan, slug: str, markdown: Path | None) -> None:
        began = time.monotonic()
        if Project.objects.filter(slug=slug).exists():
            raise Conflict(f"There is a project {slug!r} already; a simulation starts from nothing: choose another.")
        team = ensure_team(slug, f"Simulation {slug}")
        random = np.random.default_rng(plan.seed)
        folder = settings.VAR_DIR / f"phantoms-{slug}"
        with scans(plan.phantom_seeds, folder) as made:
            study = bring_in_patients(plan, team, made, self._say)
        folder.rmdir()
        first = first_batch(plan, study, random)
        done = []
        for turn in turns(plan, study, random, self._say):
            done.append(turn)
            self._say(
                f"round {turn.number}: {turn.seconds:.0f} s, {turn.corrected.voxels_per_case:.0f} voxels per case"
            )
        labels = labels_of(team.project)
        hindsight = hindsight_grid(in_hindsight(plan, study), labels)
        grids = [dice_grid(done, labels), effort_grid(first, done, labels), hindsight]
        facts = (
            f"{plan.rounds} rounds with batches of {plan.batch}, {plan.errors:.0%} of the slices drawn wrongly, preset "
            f"{plan.preset}, seed {plan.seed}; {os.cpu_count()} cores ({platform.machine()}), device "
            f"{settings.DEVICE}; {time.monotonic() - began:.0f} s in all."
        )
        self._show(grids, facts, markdown)

    def _show(self, grids: list[Grid], facts: str, markdown: Path | None) -> None:
        console = Console(width=180)
        for grid in grids:
            console.print(grid.to_rich())
        console.print(facts)
        if markdown is not None:
            with aside(markdown) as part:
                text = "\n".join([*(grid.to_markdown() for grid in grids), f"{facts}\n"])
                part.write_text(text, encoding="utf-8")
            self._say(f"Written to {markdown}")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
