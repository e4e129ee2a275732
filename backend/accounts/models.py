"""Users, projects, and who plays which part where."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models

from backend.accounts.roles import Role
from backend.core.models import TimeStampedModel


class User(AbstractUser):
    """Somebody who signs in."""

    @property
    def display_name(self) -> str:
        """Full name, or the user name where none is given."""
        return self.get_full_name() or self.username


class Project(TimeStampedModel):
    """A body of work with its own patients, labels, members and models."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)

    def __str__(self) -> str:
        return self.slug


class Membership(TimeStampedModel):
    """A user's one role in a project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="membership_once_per_project"),
            models.CheckConstraint(condition=models.Q(role__in=[r.value for r in Role]), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} in {self.project}"


class SignInAttempt(models.Model):
    """A try to sign in that has not succeeded (yet). key: hash of the network address and the user name tried."""

    key = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        indexes = [models.Index(fields=["key", "at"])]

    def __str__(self) -> str:
        return f"attempt at {self.at}"
