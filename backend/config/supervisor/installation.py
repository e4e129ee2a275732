"""From servers that answer to a sign-in page that answers."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from backend.config.demo.password import PASSWORD
from backend.config.supervisor.child import ChildSpec
from backend.config.supervisor.console import Console
from backend.config.supervisor.device import DeviceQuestion
from backend.config.supervisor.health import answers
from backend.config.supervisor.stack import PARTS, manage, stack
from backend.config.supervisor.watch import Watch

START_LIMIT_S = 90.0
WEB, *BEHIND = PARTS
SIGN_INS = ("annotator", "radiologist", "manager")


class NotReady(Exception):
    """A step before the start failed; the message says which and where to read more."""


class Installation:
    """One run of the whole stack."""

    def __init__(self, *, watch: Watch, console: Console, host: str, port: int) -> None:
        self._watch = watch
        self._console = console
        self._host = host
        self._port = port

    def run(self, *, seed: bool, import_folder: Path | None) -> None:
        """Prepare, start, and watch until stopped. Raises NotReady or GaveUp.

        The pages come before the demo's cases, which take minutes; the workers come after them, so that no job meets a
        half-made case.
        """
        if self._prepare() and self._start_web() and self._seed(wanted=seed):
            self._console.say(f"Workers and run supervisor, on {os.environ['NINEFOLD_DEVICE']}")
            self._watch.start(self._stack(*BEHIND))
            self._welcome(seed=seed)
            if import_folder:
                self._import(import_folder)
            self._watch.run_until(lambda: False)

    def run_part(self, names: Sequence[str]) -> None:
        """Run some of the processes on a database that is ready, until stopped. Raises GaveUp."""
        self._watch.start([replace(spec, to_console=True) for spec in self._stack(*names)])
        self._watch.run_until(lambda: False)

    def _stack(self, *names: str) -> list[ChildSpec]:
        specs = stack(host=self._host, port=self._port, processors=os.cpu_count() or 1)
        return [spec for spec in specs if spec.name in names]

    def _prepare(self) -> bool:
        question = None if os.environ.get("NINEFOLD_DEVICE") else DeviceQuestion()
        try:
            prepared = self._run("Database", "migrate", "migrate", "--verbosity", "0")
            if prepared and question:
                os.environ["NINEFOLD_DEVICE"] = question.answer()
        finally:
            if question:
                question.drop()
        return prepared

    def _seed(self, *, wanted: bool) -> bool:
        if not wanted:
            return True
        self._console.say(f"The pages answer at http://localhost:{self._port} while the demo's cases are being made")
        return self._run("Demo project", "seed-demo", "seed_demo", "--round")

    def _run(self, title: str, name: str, *words: str) -> bool:
        """One command of manage.py, its lines on the console; False when stopped meanwhile."""
        self._console.say(f"{title} …")
        began = time.monotonic()
        status = self._watch.run_once(ChildSpec(name, manage(*words), once=True, to_console=True))
        if status:
            raise NotReady(
                f"{title}: `manage.py {' '.join(words)}` failed with status {status}; the lines above say why"
            )
        if status == 0:
            self._console.say(f"{title}: ready ({time.monotonic() - began:.1f} s)")
        return status == 0

    def _start_web(self) -> bool:
        self._console.say("Web server …")
        self._watch.start(self._stack(WEB))
        deadline = time.monotonic() + START_LIMIT_S

        def done() -> bool:
            if time.monotonic() > deadline:
                raise NotReady(
                    f"The web server did not answer within {START_LIMIT_S:g} s: see web.log in the log folder"
                )
            return answers(self._host, self._port)

        return self._watch.run_until(done)

    def _welcome(self, *, seed: bool) -> None:
        self._console.say(f"Ninefold is ready: http://localhost:{self._port}")
        for user in SIGN_INS if seed else ():
            self._console.say(f"    sign in as {user:<12} password {PASSWORD}")
        self._console.say("Ctrl-C stops everything; nothing is lost.")

    def _import(self, folder: Path) -> None:
        words = ["import_studies", str(folder), "--project", "my-data", "--create"]
        self._console.say(f"Importing {folder} into the project my-data …")
        status = self._watch.run_once(ChildSpec("import", manage(*words), once=True, to_console=True))
        if status is not None:
            self._console.say("Import done" if status == 0 else "Import ended with errors: the lines above name them")
