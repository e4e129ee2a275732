"""A process of its own that uses the embedded servers until its standard input closes."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

from backend.config.env import ROOT

PROGRAM = """
import os, sys
from backend.config.embedded import EmbeddedError, ensure_services
try:
    ensure_services(durable="--fast" not in sys.argv)
except EmbeddedError as error:
    sys.exit(str(error))
print(os.environ["DATABASE_URL"], os.environ["BROKER_URL"], flush=True)
sys.stdin.read()
"""


@dataclass
class User:
    process: subprocess.Popen[str]
    database_url: str
    broker_url: str

    def leave(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(30) == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def clean_environment(var: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "BROKER_URL"}}
    return {**kept, "NINEFOLD_VAR": str(var), "PYTHONPATH": str(ROOT), **more}


def use(var: Path, *, command: tuple[str, ...] = (sys.executable,), fast: bool = True, **environment: str) -> User:
    """Start a user and wait until it has its servers."""
    process = subprocess.Popen(
        [*command, "-c", PROGRAM, *(["--fast"] if fast else [])],
        env=clean_environment(var, **environment),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    urls = process.stdout.readline().split()
    if len(urls) != 2:
        raise RuntimeError(process.stderr.read().strip())
    return User(process, *urls)


def processes_below(folder: Path) -> list[psutil.Process]:
    """Every process that works in `folder` or names it in its arguments: servers and guards."""
    found = []
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
            inside = Path(process.cwd()).is_relative_to(folder)
        except psutil.Error:
            continue
        if process.pid != os.getpid() and (inside or any(str(folder) in word for word in words)):
            found.append(process)
    return found
