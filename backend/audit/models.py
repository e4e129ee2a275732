"""The append-only record of who did what."""

from __future__ import annotations

from typing import Any

from django.db import models


class AuditEvent(models.Model):
    """One change. No foreign keys: an event outlives what it speaks of. The database refuses update and delete."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=150)
    action = models.CharField(max_length=80)
    project_id = models.BigIntegerField(null=True, db_index=True)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=64)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["object_type", "object_id"])]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.action} {self.object_type} {self.object_id}"


def record(*, actor: Any, action: str, project_id: int | None, subject: models.Model, **detail: Any) -> AuditEvent:
    """Write one event in the running transaction. `actor` None means the platform itself."""
    return AuditEvent.objects.create(
        actor_id=getattr(actor, "pk", None),
        actor_name=getattr(actor, "username", "system"),
        action=action,
        project_id=project_id,
        object_type=subject._meta.model_name or "",
        object_id=str(subject.pk),
        detail=detail,
    )
