"""The life of a task: one table that models, permissions, API and screen read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from backend.accounts.roles import Capability


class State(StrEnum):
    """Where a task stands."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    """What can be done with a task."""

    CLAIM = "claim"
    RELEASE = "release"
    SAVE = "save"
    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    ASK = "ask"  # for all slices, or for some


class Actor(StrEnum):
    """Who, besides holding the capability, may act."""

    ANY = "any"
    ASSIGNEE = "assignee"
    NOT_AUTHOR = "not_author"  # did not draw in this task


@dataclass(frozen=True)
class Move:
    """One row of the table."""

    to: State
    capability: Capability
    actor: Actor = Actor.ANY


MOVES: dict[tuple[State, Action], Move] = {
    (State.OPEN, Action.CLAIM): Move(State.IN_PROGRESS, Capability.DRAW),
    (State.OPEN, Action.WITHDRAW): Move(State.WITHDRAWN, Capability.MANAGE_CASES),
    (State.IN_PROGRESS, Action.SAVE): Move(State.IN_PROGRESS, Capability.DRAW, Actor.ASSIGNEE),
    (State.IN_PROGRESS, Action.SUBMIT): Move(State.SUBMITTED, Capability.DRAW, Actor.ASSIGNEE),
    (State.IN_PROGRESS, Action.RELEASE): Move(State.OPEN, Capability.DRAW, Actor.ASSIGNEE),
    (State.IN_PROGRESS, Action.WITHDRAW): Move(State.WITHDRAWN, Capability.MANAGE_CASES),
    (State.OPEN, Action.ASK): Move(State.OPEN, Capability.MANAGE_CASES),
    (State.IN_PROGRESS, Action.ASK): Move(State.IN_PROGRESS, Capability.MANAGE_CASES),
    (State.SUBMITTED, Action.APPROVE): Move(State.APPROVED, Capability.REVIEW, Actor.NOT_AUTHOR),
    (State.SUBMITTED, Action.RETURN): Move(State.IN_PROGRESS, Capability.REVIEW, Actor.NOT_AUTHOR),
    (State.SUBMITTED, Action.WITHDRAW): Move(State.WITHDRAWN, Capability.MANAGE_CASES),
    (State.APPROVED, Action.REOPEN): Move(State.IN_PROGRESS, Capability.MANAGE_CASES),
    (State.WITHDRAWN, Action.REOPEN): Move(State.OPEN, Capability.MANAGE_CASES),
}


def move(state: str, action: str) -> Move | None:
    """The row for an action in a state, or None where the table has none."""
    return MOVES.get((State(state), Action(action)))
