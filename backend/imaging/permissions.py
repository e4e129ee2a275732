"""Who may see and manage patients: what they may list is what they may open."""

from __future__ import annotations

from django.db.models import QuerySet

from backend.accounts.models import Membership, User
from backend.accounts.permissions import roles_with
from backend.accounts.roles import Capability
from backend.imaging.models import ImportRun, Patient, Volume


def visible_patients(user: User) -> QuerySet[Patient]:
    """Patients of projects in which the user may see cases."""
    return Patient.objects.filter(project__memberships__in=_seats(user, Capability.VIEW_CASES))


def visible_volumes(user: User) -> QuerySet[Volume]:
    """Volumes of the same patients."""
    return Volume.objects.filter(study__patient__project__memberships__in=_seats(user, Capability.VIEW_CASES))


def visible_imports(user: User) -> QuerySet[ImportRun]:
    """Imports of projects in which the user is a member at all; `require` tells who may look into them."""
    return ImportRun.objects.filter(project__memberships__user=user)


def _seats(user: User, capability: Capability) -> QuerySet[Membership]:
    return Membership.objects.filter(user=user, role__in=roles_with(capability))
