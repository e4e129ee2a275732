"""The processes of an installation on one machine."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from backend.config.env import ROOT
from backend.config.supervisor.child import ChildSpec

PARTS = ("web", "worker-cpu", "worker-gpu", "run-supervisor")
MANAGE = str(ROOT / "manage.py")


def stack(*, host: str, port: int, processors: int) -> list[ChildSpec]:
    """Web server, a worker for each queue, and the owner of the GPU."""
    return [
        ChildSpec("web", _web(host, port, processors), stops=((signal.SIGTERM, 12.0),)),
        _worker("cpu", max(1, processors // 2)),
        _worker("gpu", 1),
        ChildSpec("run-supervisor", manage("run_supervisor"), stops=((signal.SIGTERM, 20.0),)),
    ]


def manage(*words: str) -> list[str]:
    """A command of manage.py."""
    return [sys.executable, MANAGE, *words]


def _web(host: str, port: int, processors: int) -> list[str]:
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "backend.config.wsgi",
        "--bind",
        f"{host}:{port}",
        "--no-control-socket",
    ]
    command += ["--worker-class", "gthread", "--workers", str(min(4, processors)), "--threads", "8"]
    command += ["--timeout", "120", "--graceful-timeout", "10"]
    memory = Path("/dev/shm")  # noqa: S108 - the heartbeat of workers must not wait for a busy disk
    return [*command, "--worker-tmp-dir", str(memory)] if memory.is_dir() else command


def _worker(queue: str, concurrency: int) -> ChildSpec:
    """SIGTERM lets it finish its jobs; SIGQUIT makes it put the unfinished ones back into the queue."""
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "backend.config.celery",
        "worker",
        "-Q",
        queue,
        "-c",
        str(concurrency),
    ]
    command += ["-n", f"{queue}@%h", "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    return ChildSpec(f"worker-{queue}", command, stops=((signal.SIGTERM, 8.0), (signal.SIGQUIT, 6.0)))
