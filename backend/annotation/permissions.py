"""Who may make which move: the workflow table applied to one person and one task."""

from __future__ import annotations

from dataclasses import dataclass

from backend.accounts.models import Membership, User
from backend.accounts.permissions import lacks
from backend.accounts.roles import Capability, capabilities_of
from backend.annotation.models import Revision, Task
from backend.annotation.workflow import MOVES, Action, Actor, Move, State, move
from backend.core.errors import Conflict, DomainError, NotAllowed, NotFound

VERBS: dict[Action, str] = {
    Action.CLAIM: "claimed",
    Action.RELEASE: "released",
    Action.SAVE: "saved",
    Action.SUBMIT: "submitted",
    Action.APPROVE: "approved",
    Action.RETURN: "returned",
    Action.REOPEN: "reopened",
    Action.WITHDRAW: "withdrawn",
    Action.ASK: "asked for other slices",
}
NEEDED: dict[Action, Capability] = {action: row.capability for (_, action), row in MOVES.items()}


@dataclass(frozen=True)
class Standing:
    """Someone's standing towards a task. drew: they are the author of one of its revisions."""

    role: str
    is_assignee: bool
    drew: bool


def refusal(state: str, action: Action, standing: Standing) -> DomainError | None:
    """Why somebody may not make a move, or None when they may."""
    if NEEDED[action] not in capabilities_of(standing.role):
        return lacks(standing.role, NEEDED[action])
    row = move(state, action)
    if row is None:
        where = State(state).value.replace("_", " ")
        return Conflict(f"The task is {where}; it cannot be {VERBS[action]} now. Reload to see it.", state=state)
    if row.actor is Actor.ASSIGNEE and not standing.is_assignee:
        return NotAllowed("Somebody else is drawing this case.")
    if row.actor is Actor.NOT_AUTHOR and standing.drew:
        return NotAllowed(f"You drew in this case; somebody else has to {action.value} it.")
    return None


def allowed_actions(state: str, standing: Standing) -> list[Action]:
    """Every move that somebody may make now, in the order of the table."""
    return [action for action in Action if refusal(state, action, standing) is None]


def check(user: User, task: Task, action: Action) -> Move:
    """The table's row for a move on a locked task.

    Raises NotFound for somebody outside the project, NotAllowed where role or authorship forbids the move,
    Conflict where the state has no such move.
    """
    refused = refusal(task.state, action, _standing(user, task, action))
    if refused is not None:
        raise refused
    return MOVES[State(task.state), action]


def role_in(user: User, task: Task) -> str:
    """The user's role in the task's project. Raises NotFound for somebody outside it."""
    role = Membership.objects.filter(user=user, project_id=task.project_id).values_list("role", flat=True).first()
    if role is None:
        raise NotFound("There is no such task, or you may not see it.")
    return role


def _standing(user: User, task: Task, action: Action) -> Standing:
    row = move(task.state, action)
    asks_for_author = row is not None and row.actor is Actor.NOT_AUTHOR
    return Standing(
        role=role_in(user, task),
        is_assignee=task.assignee_id == user.pk,
        drew=asks_for_author and Revision.objects.filter(task=task, author=user).exists(),
    )
