"""Members of a project."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView

from backend.accounts import selectors
from backend.accounts.models import Membership
from backend.accounts.permissions import signed_in
from backend.accounts.roles import Capability
from backend.accounts.serializers import MemberSerializer
from backend.core.pagination import OldestFirst


@extend_schema_view(get=extend_schema(operation_id="members_list"))
class MemberList(ListAPIView[Membership]):
    """Everybody in a project and the part they play."""

    serializer_class = MemberSerializer
    pagination_class = OldestFirst
    queryset = Membership.objects.none()

    def get_queryset(self) -> QuerySet[Membership]:
        project = selectors.project_for(signed_in(self.request), self.kwargs["slug"], Capability.VIEW_CASES)
        return selectors.members_of(project)
