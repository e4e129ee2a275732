"""Whether a first set-up fits on the disk."""

from __future__ import annotations

import shutil
from pathlib import Path

from backend.config.setup.errors import SetupError

GB = 1_000_000_000
NEED_GB = {"": 10, "cpu": 6}  # the default PyTorch for Linux brings its CUDA libraries


def need_space(folder: Path, torch: str) -> None:
    """Raises SetupError when `folder`'s disk has less free than a first set-up takes."""
    need_gb, free_gb = NEED_GB[torch], shutil.disk_usage(folder).free / GB
    if free_gb < need_gb:
        smaller = "" if torch == "cpu" else f" With TORCH=cpu it takes {NEED_GB['cpu']} GB."
        raise SetupError(
            f"Only {free_gb:.1f} GB are free in {folder}, and a first set-up needs {need_gb} GB.{smaller} "
            "Free some space (`df -h` shows how much each disk has), or put Ninefold on a larger disk."
        )
