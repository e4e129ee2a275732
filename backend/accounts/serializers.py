"""Users and members as JSON."""

from __future__ import annotations

from rest_framework import serializers

from backend.accounts.models import Membership, User
from backend.accounts.roles import Role


class PersonSerializer(serializers.ModelSerializer[User]):
    """Somebody, as others see them."""

    display_name = serializers.CharField(read_only=True)

    class Meta:
        model = User
        fields = ("id", "display_name")
        read_only_fields = fields


class MemberSerializer(serializers.ModelSerializer[Membership]):
    """Who plays which part."""

    user = PersonSerializer(read_only=True)
    username = serializers.CharField(source="user.username", read_only=True)
    role = serializers.ChoiceField(choices=[(role.value, role.value) for role in Role], read_only=True)

    class Meta:
        model = Membership
        fields = ("id", "user", "username", "role", "created_at")
        read_only_fields = fields
