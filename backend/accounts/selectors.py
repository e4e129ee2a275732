"""Reading users, projects and memberships."""

from __future__ import annotations

from django.db.models import QuerySet

from backend.accounts.models import Membership, Project, User
from backend.accounts.permissions import require
from backend.accounts.roles import Capability
from backend.core.errors import NotFound


def memberships_of(user: User) -> QuerySet[Membership]:
    """The user's projects with the role in each, by name of the project."""
    return Membership.objects.filter(user=user).select_related("project").order_by("project__name", "pk")


def members_of(project: Project) -> QuerySet[Membership]:
    """Everybody in a project."""
    return Membership.objects.filter(project=project).select_related("user").order_by("pk")


def project_for(user: User, slug: str, capability: Capability) -> Project:
    """The project of that slug, for somebody who may do this in it.

    Raises NotFound when there is none or the user is not a member, NotAllowed when the role lacks the capability.
    """
    project = Project.objects.filter(slug=slug).first()
    if project is None:
        raise NotFound("There is no such thing, or you may not see it.")
    require(user, project, capability)
    return project
