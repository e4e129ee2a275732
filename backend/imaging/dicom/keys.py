"""Keyed stand-ins: what an identifier, a UID or a patient's days are replaced by. Pure, given the secret."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

SHIFT_DAYS = (30, 1095)


@dataclass(frozen=True)
class Key:
    """Secret of one project. The same value gives the same stand-in in it, and another in any other project."""

    secret: bytes

    def digest(self, purpose: str, *values: str) -> str:
        """Hex of a keyed hash; values are separated, so that ("ab", "c") differs from ("a", "bc")."""
        message = "\x1f".join((purpose, *values)).encode()
        return hmac.new(self.secret, message, hashlib.sha256).hexdigest()

    def uid(self, value: str) -> str:
        """Stand-in for a UID, under 2.25 (DICOM PS3.5 B.2)."""
        return f"2.25.{int(self.digest('uid', value)[:32], 16)}" if value else ""

    def shift_days(self, source_key: str) -> int:
        """Days by which every date of a patient moves back."""
        low, high = SHIFT_DAYS
        return low + int(self.digest("shift", source_key)[:8], 16) % (high - low)
