"""The audit of a project, for those who may see it."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView

from backend.accounts.permissions import signed_in
from backend.accounts.roles import Capability
from backend.accounts.selectors import project_for
from backend.audit.models import AuditEvent
from backend.audit.selectors import events_of
from backend.core.pagination import NewestFirst


class AuditEventSerializer(serializers.ModelSerializer[AuditEvent]):
    """Who did what, to what, when."""

    detail = serializers.DictField(read_only=True)

    class Meta:
        model = AuditEvent
        fields = ("id", "at", "actor_id", "actor_name", "action", "object_type", "object_id", "detail")
        read_only_fields = fields


ASKED = [
    OpenApiParameter("object_type", OpenApiTypes.STR, description="Only events on this kind of thing."),
    OpenApiParameter("object_id", OpenApiTypes.STR, description="Only events on this one."),
]


@extend_schema_view(get=extend_schema(operation_id="audit_list", parameters=ASKED))
class AuditList(ListAPIView[AuditEvent]):
    """What happened in a project, newest first."""

    serializer_class = AuditEventSerializer
    pagination_class = NewestFirst
    queryset = AuditEvent.objects.none()

    def get_queryset(self) -> QuerySet[AuditEvent]:
        project = project_for(signed_in(self.request), self.kwargs["slug"], Capability.VIEW_AUDIT)
        asked = self.request.query_params
        return events_of(project.pk, object_type=asked.get("object_type"), object_id=asked.get("object_id"))
