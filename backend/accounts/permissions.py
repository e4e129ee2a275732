"""Who may do what in a project: a membership decides, nothing else does."""

from __future__ import annotations

from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from backend.accounts.models import Membership, Project, User
from backend.accounts.roles import ROLE_CAPABILITIES, Capability, capabilities_of
from backend.core.errors import NotAllowed, NotFound

PHRASES: dict[Capability, str] = {
    Capability.VIEW_CASES: "see the cases",
    Capability.DRAW: "draw",
    Capability.REVIEW: "review",
    Capability.MANAGE_CASES: "manage the cases",
    Capability.VIEW_ROUNDS: "see the rounds",
    Capability.MANAGE_ROUNDS: "start or stop rounds",
    Capability.EXPORT: "export datasets",
    Capability.VIEW_AUDIT: "see the audit",
    Capability.VIEW_IDENTITIES: "see who the patients are",
}


def signed_in(request: Request) -> User:
    """The user of a request. Raises NotAuthenticated (401) when nobody is signed in."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def require(user: User, project: Project, capability: Capability) -> Membership:
    """The user's membership in the project.

    Raises NotFound for somebody who is not a member (they may not even know that the project exists),
    and NotAllowed for a member whose role lacks the capability.
    """
    membership = Membership.objects.filter(user=user, project_id=project.pk).first()
    if membership is None:
        raise NotFound("There is no such thing, or you may not see it.")
    if capability not in capabilities_of(membership.role):
        raise lacks(membership.role, capability)
    return membership


def lacks(role: str, capability: Capability) -> NotAllowed:
    """The refusal for a role that lacks a capability."""
    return NotAllowed(
        f"As {role} you may not {PHRASES[capability]} in this project; ask a project manager.",
        capability=capability.value,
    )


def roles_with(capability: Capability) -> list[str]:
    """Stored names of the roles that hold a capability, for queries."""
    return [role.value for role, held in ROLE_CAPABILITIES.items() if capability in held]
