"""Roles and what each may do: the one table that permissions, API and screen read."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """A member's part in a project."""

    ANNOTATOR = "annotator"
    RADIOLOGIST = "radiologist"
    MANAGER = "manager"
    SCIENTIST = "scientist"


class Capability(StrEnum):
    """One thing that a member may do."""

    VIEW_CASES = "view_cases"  # worklist, studies, images, masks
    DRAW = "draw"  # claim, save, submit
    REVIEW = "review"  # approve, return
    MANAGE_CASES = "manage_cases"  # import, assign partitions, create, reopen and withdraw tasks
    VIEW_ROUNDS = "view_rounds"  # rounds, runs, models, benchmark scores
    MANAGE_ROUNDS = "manage_rounds"  # start and cancel rounds
    EXPORT = "export"  # freeze snapshots, download datasets
    VIEW_AUDIT = "view_audit"
    VIEW_IDENTITIES = "view_identities"  # see which person a pseudonym is; each look is recorded


ROLE_CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.ANNOTATOR: frozenset({Capability.VIEW_CASES, Capability.DRAW}),
    Role.RADIOLOGIST: frozenset({Capability.VIEW_CASES, Capability.DRAW, Capability.REVIEW, Capability.VIEW_ROUNDS}),
    Role.MANAGER: frozenset(Capability) - {Capability.DRAW, Capability.REVIEW},
    Role.SCIENTIST: frozenset({Capability.VIEW_CASES, Capability.VIEW_ROUNDS, Capability.EXPORT}),
}


def capabilities_of(role: str) -> frozenset[Capability]:
    """Capabilities of a role by its stored name."""
    return ROLE_CAPABILITIES[Role(role)]
