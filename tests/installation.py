"""The whole product, started as a user starts it, for tests and benchmarks that need it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

from backend.config.env import ROOT

START_LIMIT_S = 120
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


class DidNotStart(Exception):
    """The installation ended or gave no answer; its last words."""


@dataclass(frozen=True)
class Stack:
    """A running installation of its own."""

    url: str
    var: Path

    def manage(self, *arguments: str) -> str:
        """Run a management command against it and give what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment(self.var), capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command} failed:\n{done.stdout}\n{done.stderr}"
        return done.stdout


@contextmanager
def running_stack() -> Iterator[Stack]:
    """Every process of an installation, in a folder that is thrown away. Raises DidNotStart."""
    with tempfile.TemporaryDirectory(prefix="ninefold-e2e-", ignore_cleanup_errors=True) as folder:
        var, port = Path(folder) / "var", free_port()
        command = [sys.executable, "-m", "backend.config.supervisor", "--port", str(port)]
        log = (Path(folder) / "supervisor.log").open("wb")
        process = subprocess.Popen(command, cwd=ROOT, env=environment(var), stdout=log, stderr=log)
        running = Stack(f"http://127.0.0.1:{port}", var)
        try:
            wait_for(running.url + "/health", process, Path(log.name))
            yield running
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
            log.close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the address answers. Raises DidNotStart with the end of the log when the process ends before."""
    end = time.monotonic() + START_LIMIT_S
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise DidNotStart(log.read_text()[-3000:])


def environment(var: Path) -> dict[str, str]:
    """This process's environment without its servers: the stack brings its own."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "BROKER_URL"}}
    return kept | {"NINEFOLD_VAR": str(var)}
