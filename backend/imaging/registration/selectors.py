"""Reading registrations."""

from __future__ import annotations

from django.db.models import QuerySet

from backend.accounts.models import User
from backend.core.errors import NotFound
from backend.imaging.models import Registration, Volume
from backend.imaging.permissions import visible_volumes
from backend.imaging.selectors import NOT_THERE


def registrations_of(volume: Volume) -> QuerySet[Registration]:
    """Registrations of a volume, newest first; the caller has checked that it may be seen."""
    return _rows().filter(volume=volume)


def registration_for(user: User, registration_id: int) -> Registration:
    """One registration. Raises NotFound for one that the user may not see."""
    row = _rows().filter(pk=registration_id, volume__in=visible_volumes(user)).first()
    if row is None:
        raise NotFound(NOT_THERE)
    return row


def picture_for(user: User, registration_id: int, index: int, picture: str) -> str:
    """sha256 of a picture of one phase before or after. Raises NotFound when there is none."""
    digest = registration_for(user, registration_id).pictures.get(str(index), {}).get(picture)
    if digest is None:
        raise NotFound(NOT_THERE)
    return str(digest)


def _rows() -> QuerySet[Registration]:
    return Registration.objects.select_related("volume__study__patient__project", "started_by")
