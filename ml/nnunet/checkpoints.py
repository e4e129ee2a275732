"""Checkpoints of a training: only one that was read back and hashed counts, and the one before is kept.

nnU-Net 2.8 overwrites its only checkpoint in place and reads it with pickle; a run killed while saving loses both.
"""

from __future__ import annotations

import hashlib
import io
import logging
from pathlib import Path
from typing import Any

import torch

from ml.nnunet.files import aside, sha256_of, write_text

KEPT = 2

_log = logging.getLogger(__name__)


class Checkpoints:
    """Numbered checkpoints in a folder, each with the sha256 of the file that was read back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, state: dict[str, Any], *, step: int) -> Path:
        """Write a checkpoint, read it back, and only then let it count; drop all but the newest.

        step: rises with the training; orders the checkpoints. State: tensors, numbers, strings, lists and dicts.
        """
        path = self.folder / f"step_{step:09d}.pth"
        seal = path.with_suffix(".sha256")
        seal.unlink(missing_ok=True)
        with aside(path) as part:
            with part.open("wb") as stream:
                torch.save(state, stream)
            digest = sha256_of(part)
            _load(part.read_bytes())
        write_text(seal, digest)
        for old in self._newest_first()[KEPT:]:
            old.with_suffix(".sha256").unlink(missing_ok=True)
            old.unlink(missing_ok=True)
        return path

    def newest(self) -> dict[str, Any] | None:
        """State of the newest checkpoint that is what was read back when it was saved; None when there is none."""
        for path in self._newest_first():
            content = path.read_bytes()
            seal = path.with_suffix(".sha256")
            if seal.is_file() and seal.read_text(encoding="utf-8") == hashlib.sha256(content).hexdigest():
                return _load(content)
            _log.warning("Checkpoint %s is damaged; falling back to the one before.", path.name)
        return None

    def _newest_first(self) -> list[Path]:
        return sorted(self.folder.glob("step_*.pth"), reverse=True)


def _load(content: bytes) -> dict[str, Any]:
    state: dict[str, Any] = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    return state
