"""What ends a run early, in words that name the cause and what to do."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

_FULL_BELOW_BYTES = 16 * 1024**2
_MEMORY_WORDS = (
    "out of memory",
    "can't allocate memory",
    "cannot allocate memory",
    "unable to allocate",
    "std::bad_alloc",
)


class RunError(Exception):
    """The run cannot go on; the message is one sentence for people."""


class Stopped(Exception):
    """The run was asked to stop and has put aside what it needs to go on later."""


def explain(error: Exception, out: Path) -> str:
    """One sentence on the cause of a failure and what to do about it. `out` is the run's output folder."""
    if isinstance(error, RunError):
        return str(error)
    if _is_out_of_memory(error):
        return "The memory ran out: choose a preset with a smaller patch or batch, or free memory, and start again."
    if _is_disk_full(error, out):
        return (
            f"The disk that holds {out} is full: free some space and start the run again; it goes on where it stopped."
        )
    if isinstance(error, PermissionError):
        return f"{error.filename or out} may not be read or written: give the run's user access and start it again."
    return f"{type(error).__name__}: {error}".rstrip(": ") + " (the traceback is in the run's log)."


def _is_out_of_memory(error: Exception) -> bool:
    if isinstance(error, MemoryError) or type(error).__name__ in {"OutOfMemoryError", "BrokenProcessPool"}:
        return True  # a worker process that vanishes was, in practice, killed for its memory
    return any(word in str(error).lower() for word in _MEMORY_WORDS)


def _is_disk_full(error: Exception, out: Path) -> bool:
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return True
    # torch and blosc2 report a failed write without its errno, so the disk itself is asked
    return (
        isinstance(error, RuntimeError | OSError) and out.is_dir() and shutil.disk_usage(out).free < _FULL_BELOW_BYTES
    )
