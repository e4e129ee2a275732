"""Changing projects and memberships, and signing in."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.contrib.auth import authenticate
from django.db import transaction
from django.utils import timezone

from backend.accounts.models import Membership, Project, SignInAttempt, User
from backend.accounts.roles import Role
from backend.audit.models import record
from backend.core.errors import Conflict, InvalidInput, TooManyAttempts

ATTEMPTS_PER_WINDOW = 10
WINDOW = timedelta(minutes=1)


@transaction.atomic
def create_project(*, name: str, slug: str, actor: User | None = None) -> Project:
    """A new project; a person who makes one becomes its manager. Raises Conflict when the slug is taken."""
    project, created = Project.objects.get_or_create(slug=slug, defaults={"name": name})
    if not created:
        raise Conflict(f"There is a project {slug!r} already; choose another slug.", slug=slug)
    record(actor=actor, action="project.created", project_id=project.pk, subject=project, slug=slug)
    if actor is not None:
        add_member(project=project, user=actor, role=Role.MANAGER, actor=actor)
    return project


@transaction.atomic
def add_member(*, project: Project, user: User, role: Role, actor: User | None = None) -> Membership:
    """Give a user a role in a project, or another one than before."""
    membership, created = Membership.objects.select_for_update().get_or_create(
        project=project, user=user, defaults={"role": role}
    )
    before = None if created else membership.role
    if before == role:
        return membership
    membership.role = role
    membership.save(update_fields=["role", "updated_at"])
    record(
        actor=actor,
        action="member.added" if created else "member.changed",
        project_id=project.pk,
        subject=membership,
        user_id=user.pk,
        before=before,
        role=role.value,
    )
    return membership


@transaction.atomic
def remove_member(*, project: Project, user: User, actor: User | None = None) -> None:
    """Take a user out of a project; what they drew stays. Raises InvalidInput for somebody who is not in it."""
    membership = Membership.objects.select_for_update().filter(project=project, user=user).first()
    if membership is None:
        raise InvalidInput(f"{user.username} is not a member of {project.slug}.")
    record(
        actor=actor,
        action="member.removed",
        project_id=project.pk,
        subject=membership,
        user_id=user.pk,
        role=membership.role,
    )
    membership.delete()


def check_credentials(*, username: str, password: str, address: str) -> User:
    """The user whose name and password these are.

    Raises TooManyAttempts after ten failures in a minute for one name from one network address, InvalidInput for a
    wrong name or password (the same sentence for both, so that names cannot be tried out).
    """
    key = hashlib.sha256(f"{address}\n{username.casefold()}".encode()).hexdigest()
    _count_attempt(key)
    user = authenticate(username=username, password=password)
    if not isinstance(user, User):
        raise InvalidInput("Wrong user name or password.")
    SignInAttempt.objects.filter(key=key).delete()
    return user


def _count_attempt(key: str) -> None:
    """Written before it is counted, so that attempts at the same moment cannot slip through together."""
    since = timezone.now() - WINDOW
    SignInAttempt.objects.filter(at__lt=since).delete()
    SignInAttempt.objects.create(key=key)
    if SignInAttempt.objects.filter(key=key, at__gte=since).count() > ATTEMPTS_PER_WINDOW:
        raise TooManyAttempts("Too many attempts to sign in; wait a minute.", retry_after_s=int(WINDOW.total_seconds()))
