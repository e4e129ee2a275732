"""Reading the quarantine."""

from __future__ import annotations

from django.db.models import QuerySet

from backend.accounts.models import Project, User
from backend.accounts.permissions import require
from backend.accounts.roles import Capability
from backend.core.errors import NotFound
from backend.imaging.models import HeldStudy
from backend.imaging.permissions import visible_imports


def held_studies_of(project: Project, *, state: str = "") -> QuerySet[HeldStudy]:
    """What was ever held in a project; the caller has checked that it may be seen."""
    rows = HeldStudy.objects.filter(run__project=project)
    return rows.filter(state=state) if state else rows


def held_study_for(user: User, held_id: int) -> HeldStudy:
    """One of them. Raises NotFound outside of the user's projects, NotAllowed for a member who may not import."""
    row = HeldStudy.objects.filter(run__in=visible_imports(user), pk=held_id).select_related("run__project").first()
    if row is None:
        raise NotFound("There is no such thing, or you may not see it.")
    require(user, row.run.project, Capability.MANAGE_CASES)
    return row
