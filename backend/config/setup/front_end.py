"""The front end: its packages, and the pages built from its sources."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from backend.config.env import ROOT
from backend.config.setup.commands import run
from backend.config.setup.steps import Step, digest_of_files

FRONTEND = ROOT / "frontend"
MODULES = FRONTEND / "node_modules"
NOT_SOURCES = {"node_modules", "dist", ".vite", "coverage", "test-results"}


def front_end_steps(npm: str) -> list[Step]:
    """Packages as locked, then the build."""
    return [
        Step(
            title="Front-end packages",
            inputs=lambda: digest_of_files([FRONTEND / "package.json", FRONTEND / "package-lock.json"]),
            stamp=MODULES / ".ninefold-packages",
            result=MODULES,
            work=partial(run, "Front-end packages", [npm, "ci", "--no-audit", "--no-fund"], folder=FRONTEND),
        ),
        Step(
            title="Front end",
            inputs=lambda: digest_of_files(sources()),
            stamp=MODULES / ".ninefold-build",
            result=FRONTEND / "dist" / "index.html",
            work=partial(run, "Front end", [npm, "run", "build"], folder=FRONTEND),
        ),
    ]


def sources() -> list[Path]:
    """Every file that the build may read."""
    found = []
    for entry in FRONTEND.iterdir():
        if entry.is_file():
            found.append(entry)
        elif entry.name not in NOT_SOURCES:
            found += [path for path in entry.rglob("*") if path.is_file()]
    return found
