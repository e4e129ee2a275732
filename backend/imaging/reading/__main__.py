"""`python -m backend.imaging.reading BYTES`: read untrusted files at the platform's word, within limits.

Commands come on standard input and answers leave on what was standard output; prints of libraries go to the errors.
"""

from __future__ import annotations

import os
import signal
import sys

from backend.core.processes import die_with_parent
from backend.imaging.reading.confinement import confine
from backend.imaging.reading.limits import hold


def main() -> None:
    """Serve until standard input ends."""
    answers = os.dup(1)
    os.dup2(2, 1)
    hold(int(sys.argv[1]))
    follow = die_with_parent(signal.SIGKILL)
    if follow is not None:
        follow()
    confine()
    sys.modules["requests"] = None  # type: ignore[assignment]  # pydicom would load it to fetch examples
    from backend.imaging.reading.serving import serve  # noqa: PLC0415 - slow to load, and only within limits

    with os.fdopen(answers, "wb", buffering=0) as out:
        serve(sys.stdin.buffer, out)


main()
