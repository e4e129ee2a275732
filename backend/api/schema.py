"""What the generated OpenAPI schema cannot see by itself: every route may answer with the one shape of error."""

from __future__ import annotations

from typing import Any

from drf_spectacular.authentication import SessionScheme

from backend.accounts.roles import Capability, Role
from backend.annotation.workflow import Action, State
from backend.imaging.models import Partition
from backend.learning.states import ModelState, RoundKind, RoundState, RunKind, RunState
from backend.learning.steps import StepState

# Choice sets by the name that they get in the schema; the settings point here.
ROLES = list(Role)
CAPABILITIES = list(Capability)
TASK_STATES = list(State)
TASK_ACTIONS = list(Action)
PARTITIONS = Partition.values
ROUND_KINDS = list(RoundKind)
ROUND_STATES = list(RoundState)
RUN_STATES = list(RunState)
RUN_KINDS = list(RunKind)
MODEL_STATES = list(ModelState)
STEP_STATES = list(StepState)

ERROR = {
    "type": "object",
    "description": "The one shape of an error.",
    "properties": {
        "code": {"type": "string", "description": "Stable identifier for programs."},
        "message": {"type": "string", "description": "What is wrong and what to do, for people."},
        "detail": {"type": "object", "additionalProperties": {}, "description": "Values that a program may want."},
    },
    "required": ["code", "message", "detail"],
}


class SignedIn(SessionScheme):  # type: ignore[no-untyped-call]
    """Our session is Django's."""

    target_class = "backend.api.authentication.SessionAuthentication"
    priority = 1


def add_errors(result: dict[str, Any], **_given: Any) -> dict[str, Any]:
    """Give each operation a `default` answer of the shape `Error`."""
    result["components"].setdefault("schemas", {})["Error"] = ERROR
    answer = {
        "description": "An error.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = answer
    return result
