"""An installation that can be hurt: its processes are found by what they do, and it can be started again."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import requests

from backend.config.env import ROOT
from tests.installation import Stack, environment, free_port, wait_for

PASSWORD = "a-word-for-tests"
COHORT = f"""
import json
from tests.backend.cohort import Cohort
cohort = Cohort()
cohort.manager.set_password({PASSWORD!r}); cohort.manager.save()
for _ in range(3): cohort.approved_case()
cohort.approved_case("BENCHMARK")
for _ in range(2): cohort.open_case()
"""
APPROVED = """
import json
from backend.annotation.masks import load_labels
from backend.annotation.models import Task
rows = Task.objects.filter(state="approved").order_by("pk").select_related("approved__mask__volume")
pins = [(task.pk, task.approved) for task in rows]
print("APPROVED", json.dumps([[pk, r.number, r.mask.sha256, int(load_labels(r.mask).sum())] for pk, r in pins]))
"""
COUNTS = """
import json
from backend.annotation.models import Proposal
from backend.learning.models import ModelVersion, Round, Run
runs = Run.objects.order_by("pk").select_related("round")
print("COUNTS", json.dumps({
    "rounds": Round.objects.count(),
    "models": ModelVersion.objects.count(),
    "active": ModelVersion.objects.filter(state="active").count(),
    "runs": [[run.round.number, run.kind, run.state, run.attempt, run.error] for run in runs],
    "proposals": Proposal.objects.count(),
}))
"""
WORDS = {
    "worker": ("celery", "-Q", "gpu"),
    "trainer": ("ml.cli",),
    "run-supervisor": ("run_supervisor",),
    "database": ("postgres", "-D"),
}
"""What the command line of each victim holds."""


@dataclass
class Installation:
    """A whole installation in a folder. Call `start` again after its supervisor was killed."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def var(self) -> Path:
        return self.folder / "var"

    def start(self) -> None:
        """Start it and wait until its pages answer."""
        command = [sys.executable, "-m", "backend.config.supervisor", "--port", str(self.port)]
        log = self.folder / "supervisor.log"
        with log.open("ab") as stream:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment(self.var), stdout=stream, stderr=stream)
        wait_for(self.url + "/health", self.process, log)

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=60)

    def say(self, code: str, word: str = "") -> object:
        """Run code in the installation's shell; the JSON after `word` in what it printed."""
        printed = Stack(self.url, self.var).manage("shell", "-v0", "-c", code)
        lines = [line.removeprefix(word) for line in printed.splitlines() if line.startswith(word)]
        return json.loads(lines[-1]) if word else None

    def victims(self, name: str) -> list[psutil.Process]:
        """Running processes of that kind that belong to this installation."""
        if name == "supervisor":
            return [psutil.Process(self.process.pid)] if self.process and self.process.poll() is None else []
        found = []
        for process in psutil.process_iter():
            try:
                command = process.cmdline()
                if _does(name, command) and self._is_ours(process, command):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def kill(self, name: str) -> bool:
        """SIGKILL what does this; a killed supervisor is started again. Whether there was anything to kill."""
        killed = False
        for process in self.victims(name):
            try:
                process.kill()
                killed = True
            except psutil.NoSuchProcess:
                continue
        if killed and name == "supervisor" and self.process is not None:
            self.process.wait()
            self.start()
        return killed

    def _is_ours(self, process: psutil.Process, command: list[str]) -> bool:
        if any(str(self.var) in word for word in command):
            return True
        return process.environ().get("NINEFOLD_VAR") == str(self.var)


class Manager:
    """The project's manager, who goes on asking while the server is away."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._session = requests.Session()

    def start_round(self) -> int:
        """Start a round; its id."""
        return int(self._ask("POST", "/api/projects/study/rounds", {"preset": "smoke"})["id"])

    def round(self, pk: int) -> dict[str, object]:
        """The round as it stands."""
        return self._ask("GET", f"/api/rounds/{pk}")

    def _ask(self, method: str, path: str, body: dict[str, str] | None = None) -> dict[str, object]:
        end = time.monotonic() + 120
        while True:
            try:
                answer = self._call(method, path, body)
                if answer.status_code < 500:
                    assert answer.ok, answer.text
                    found: dict[str, object] = answer.json()
                    return found
            except requests.RequestException:
                pass
            assert time.monotonic() < end, f"{path} did not answer for two minutes"
            time.sleep(0.5)

    def _call(self, method: str, path: str, body: dict[str, str] | None) -> requests.Response:
        url = self._installation.url
        answer = self._session.request(method, url + path, json=body, headers=self._token(), timeout=10)
        if answer.status_code in {401, 403} and "csrftoken" not in self._session.cookies:
            self._session.get(url + "/api/session", timeout=10)
            who = {"username": "study-manager", "password": PASSWORD}
            self._session.post(url + "/api/session", json=who, headers=self._token(), timeout=10)
            answer = self._session.request(method, url + path, json=body, headers=self._token(), timeout=10)
        return answer

    def _token(self) -> dict[str, str]:
        return {"X-CSRFToken": self._session.cookies.get("csrftoken", "")}


def _does(name: str, command: list[str]) -> bool:
    text = " ".join(command)
    return all(word in text for word in WORDS[name])
