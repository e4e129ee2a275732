"""Signing in and out, and what the page needs to know about the person who did."""

from __future__ import annotations

from django.contrib.auth import login, logout
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import ensure_csrf_cookie
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import Membership, User
from backend.accounts.permissions import signed_in
from backend.accounts.roles import Capability, Role, capabilities_of
from backend.accounts.selectors import memberships_of
from backend.accounts.services import check_credentials
from backend.annotation.labels import Label
from backend.annotation.selectors import labels_of
from backend.api.authentication import SessionAuthentication
from backend.audit.models import record

CAPABILITIES = [(capability.value, capability.value) for capability in Capability]


class CredentialsSerializer(serializers.Serializer[User]):
    """What a person types to sign in."""

    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=500, trim_whitespace=False)


class LabelSerializer(serializers.Serializer[Label]):
    """A structure with its voxel value, name and colour."""

    value = serializers.IntegerField()
    name = serializers.CharField()
    colour = serializers.CharField()


class SessionUserSerializer(serializers.ModelSerializer[User]):
    """Who is signed in."""

    display_name = serializers.CharField(read_only=True)

    class Meta:
        model = User
        fields = ("id", "username", "display_name")
        read_only_fields = fields


class SessionProjectSerializer(serializers.Serializer[Membership]):
    """A project with what the user may do in it."""

    id = serializers.IntegerField(source="project.pk")
    slug = serializers.CharField(source="project.slug")
    name = serializers.CharField(source="project.name")
    role = serializers.ChoiceField(choices=[(role.value, role.value) for role in Role])
    capabilities = serializers.ListField(child=serializers.ChoiceField(choices=CAPABILITIES))
    labels = LabelSerializer(many=True)

    def to_representation(self, instance: Membership) -> dict[str, object]:
        return {
            "id": instance.project_id,
            "slug": instance.project.slug,
            "name": instance.project.name,
            "role": instance.role,
            "capabilities": sorted(capabilities_of(instance.role)),
            "labels": [label.to_json() for label in labels_of(instance.project)],
        }


class SessionSerializer(serializers.Serializer[dict[str, object]]):
    """The user and their projects."""

    user = SessionUserSerializer()
    projects = SessionProjectSerializer(many=True)


@method_decorator(ensure_csrf_cookie, name="dispatch")
class SessionView(APIView):
    """The session of this browser. Every answer sets the cookie that later requests must repeat as X-CSRFToken."""

    permission_classes = (AllowAny,)

    @extend_schema(operation_id="session_retrieve", responses=SessionSerializer)
    def get(self, request: Request) -> Response:
        return Response(_session(signed_in(request)))

    @extend_schema(operation_id="session_create", request=CredentialsSerializer, responses=SessionSerializer)
    def post(self, request: Request) -> Response:
        SessionAuthentication().enforce_csrf(request)  # nobody is signed in yet, so nothing else has checked it
        given = CredentialsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        user = check_credentials(
            username=given.validated_data["username"],
            password=given.validated_data["password"],
            address=request.META.get("REMOTE_ADDR", ""),
        )
        login(request._request, user)
        record(actor=user, action="session.opened", project_id=None, subject=user)
        return Response(_session(user))

    @extend_schema(operation_id="session_destroy", request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        logout(request._request)
        return Response(status=204)


def _session(user: User) -> dict[str, object]:
    memberships = memberships_of(user).select_related("project__label_set")
    return dict(SessionSerializer({"user": user, "projects": list(memberships)}).data)
