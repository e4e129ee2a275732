"""Reading the audit."""

from __future__ import annotations

from django.db.models import QuerySet

from backend.audit.models import AuditEvent


def events_of(project_id: int, *, object_type: str | None = None, object_id: str | None = None) -> QuerySet[AuditEvent]:
    """Events of a project, of one kind of thing or of one thing where asked."""
    events = AuditEvent.objects.filter(project_id=project_id)
    if object_type:
        events = events.filter(object_type=object_type)
    if object_id:
        events = events.filter(object_id=object_id)
    return events
