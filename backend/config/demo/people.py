"""A project with its people."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from backend.accounts import services as accounts
from backend.accounts.models import Project, User
from backend.accounts.roles import Role
from backend.annotation.services import ensure_label_set
from backend.config.demo.password import PASSWORD


@dataclass(frozen=True)
class Person:
    """Somebody of the demo. signs_in: a visitor may play them."""

    username: str
    role: Role
    name: str
    signs_in: bool = True


PEOPLE = (
    Person("annotator", Role.ANNOTATOR, "Demo annotator"),
    Person("radiologist", Role.RADIOLOGIST, "Demo radiologist"),
    Person("manager", Role.MANAGER, "Demo manager"),
    Person("scientist", Role.SCIENTIST, "Demo scientist"),
    Person("annotator2", Role.ANNOTATOR, "Simulated annotator", signs_in=False),
)


@dataclass(frozen=True)
class Team:
    """Who does what in a project without a person: draws, approves, manages."""

    project: Project
    annotator: User
    radiologist: User
    manager: User


@transaction.atomic
def ensure_team(slug: str, name: str) -> Team:
    """The project and its people, made where they are missing."""
    project = Project.objects.filter(slug=slug).first() or accounts.create_project(name=name, slug=slug)
    ensure_label_set(project)
    users = {person.username: _ensure_person(project, person) for person in PEOPLE}
    return Team(project, users["annotator2"], users["radiologist"], users["manager"])


def _ensure_person(project: Project, person: Person) -> User:
    user = User.objects.filter(username=person.username).first()
    if user is None:
        first, _, last = person.name.partition(" ")
        password = PASSWORD if person.signs_in else None
        user = User.objects.create_user(person.username, password=password, first_name=first, last_name=last)
    if not user.memberships.filter(project=project).exists():
        accounts.add_member(project=project, user=user, role=person.role)
    return user
