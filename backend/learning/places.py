"""Where a run's files lie. One folder per run, named by its id."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

LOG_TAIL_BYTES = 64 * 1024


def run_folder(run_id: int) -> Path:
    """Folder of a run: inputs/, spec.json, out/ and log.txt."""
    return Path(settings.RUN_DIR) / str(run_id)


def model_folder(folder: str) -> Path:
    """Where a model's files lie; folder: as its row names it."""
    return Path(settings.RUN_DIR) / folder


def spec_path(run_id: int) -> Path:
    """The run's order."""
    return run_folder(run_id) / "spec.json"


def out_folder(run_id: int) -> Path:
    """What the run writes; the same folder resumes it."""
    return run_folder(run_id) / "out"


def log_path(run_id: int) -> Path:
    """Everything that the run says besides its progress."""
    return run_folder(run_id) / "log.txt"


def log_tail(run_id: int) -> str:
    """The last 64 KiB of the log, from a whole line on; empty before there is one."""
    path = log_path(run_id)
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - LOG_TAIL_BYTES))
        tail = file.read()
    if size > LOG_TAIL_BYTES:
        tail = tail.partition(b"\n")[2]
    return tail.decode("utf-8", errors="replace")
