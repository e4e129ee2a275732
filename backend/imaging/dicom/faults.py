"""The two ways in which a series is not a volume."""

from __future__ import annotations


class Defect(Exception):
    """Images that should form a volume do not. The study is refused, so that nothing of it is half there.

    message: what is wrong, with numbers, ready to follow the name of a series. action: what to do.
    """

    def __init__(self, message: str, action: str) -> None:
        super().__init__(message)
        self.message = message
        self.action = action


class NotDrawnOn(Exception):
    """The series is by its nature no volume to draw on; it is listed, and the study goes on."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
