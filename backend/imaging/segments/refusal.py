"""Why a mask cannot be a starting point."""

from __future__ import annotations


class MaskRefused(Exception):
    """The mask does not belong on the volume, or cannot be read.

    message: what is wrong, with numbers, ready to follow the name of a series or file. action: what to do.
    """

    def __init__(self, message: str, action: str) -> None:
        super().__init__(message)
        self.message = message
        self.action = action
