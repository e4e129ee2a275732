"""What networks run on, asked of torch in a process of its own: the web side never imports it."""

from __future__ import annotations

import subprocess
import sys

QUESTION = "import torch; print('cuda' if torch.cuda.is_available() else 'cpu')"


class DeviceQuestion:
    """Asked at the start, answered when needed: importing torch takes seconds."""

    def __init__(self) -> None:
        self._said = ""
        self._process = subprocess.Popen(
            [sys.executable, "-c", QUESTION],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def answer(self) -> str:
        """`cuda` or `cpu`; `cpu` too when torch cannot be imported, which training will report in full."""
        self._said = self._said or self._process.communicate()[0].decode().strip() or "cpu"
        return self._said if self._said == "cuda" else "cpu"

    def drop(self) -> None:
        """Stop asking."""
        if not self._said:
            self._process.kill()
            self._said = self._process.communicate()[0].decode().strip()
