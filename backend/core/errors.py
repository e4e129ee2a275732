"""What can go wrong in the domain. The API decides which HTTP status each kind gets."""

from __future__ import annotations

from typing import Any


class DomainError(Exception):
    """A refusal that a person can act on.

    message: what is wrong, and what to do, in plain words.
    code: stable identifier for programs.
    detail: values that a program may want.
    """

    code = "error"

    def __init__(self, message: str, **detail: Any) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail


class NotAllowed(DomainError):
    """The user may not do this."""

    code = "not_allowed"


class NotFound(DomainError):
    """There is no such thing, or the user may not see it."""

    code = "not_found"


class InvalidInput(DomainError):
    """The input breaks a rule."""

    code = "invalid"


class Conflict(DomainError):
    """The thing is in a state that does not admit the action."""

    code = "conflict"


class Locked(DomainError):
    """Another request is at work on the thing at this moment."""

    code = "locked"


class Stale(DomainError):
    """Somebody else changed the thing since it was read."""

    code = "stale"


class PreconditionRequired(DomainError):
    """The request must say which version it changes."""

    code = "precondition_required"


class TooLarge(DomainError):
    """The input is over a size limit."""

    code = "too_large"


class TooManyAttempts(DomainError):
    """The same was tried too often in too short a time."""

    code = "throttled"


class StorageFull(DomainError):
    """The disk has no room for what is to be stored."""

    code = "storage_full"
