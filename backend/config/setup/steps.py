"""Steps that are done once for the same inputs, and again from the start when they were not finished."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.config.embedded.locks import FileLock
from backend.config.env import var_dir


@dataclass(frozen=True)
class Step:
    """A piece of the set-up.

    stamp: file beside the result that keeps the hash of the inputs; it is written after success alone.
    result: what the step makes; when it is gone, the stamp counts for nothing.
    """

    title: str
    inputs: Callable[[], str]
    stamp: Path
    result: Path
    work: Callable[[], None]

    @property
    def done(self) -> bool:
        """Whether it was finished for these very inputs."""
        return self.result.exists() and self.stamp.exists() and self.stamp.read_text() == self.inputs()

    def run(self, position: str) -> bool:
        """Do it unless done. True when there was something to do."""
        if self.done:
            return False
        say(f"Set-up {position}: {self.title} …")
        began = time.monotonic()
        self.stamp.unlink(missing_ok=True)
        self.work()
        self.stamp.parent.mkdir(parents=True, exist_ok=True)
        self.stamp.write_text(self.inputs())
        say(f"{self.title}: done in {time.monotonic() - began:.0f} s")
        return True


@contextmanager
def alone() -> Iterator[None]:
    """Two set-ups of one checkout must not mix."""
    lock = FileLock(var_dir() / "setup.lock")
    if not lock.own(wait=False):
        say("Another set-up of this checkout is running; waiting for its end …")
        lock.own()
    try:
        yield
    finally:
        lock.release()


def say(line: str) -> None:
    """A line on the console, now."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def digest_of_files(paths: Iterable[Path]) -> str:
    """One hash over names and contents."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(f"{path}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def digest_of_words(*words: str) -> str:
    """One hash over words."""
    return hashlib.sha256("\0".join(words).encode()).hexdigest()
