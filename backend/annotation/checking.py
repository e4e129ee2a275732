"""A project's checks, what they find in a revision, and whether that lets it go to review."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from backend.accounts.models import Project, User
from backend.accounts.permissions import require
from backend.accounts.roles import Capability
from backend.annotation import masks, selectors
from backend.annotation.checks import Drawing, Finding, Rule, Severity, check, default_rules, read_rules
from backend.annotation.models import LabelSet, Mask, Revision, Task
from backend.audit.models import record
from backend.core.errors import Conflict, InvalidInput
from ml.geometry import Geometry
from ml.labelmaps import LabelArray

KEPT_REPORTS = 64


class EveryWarning:
    """Stands for a tick at every warning, for programs that hand in what nobody looks at; no request can ask for it."""

    def __contains__(self, key: object) -> bool:
        return True


EVERY_WARNING = EveryWarning()


@dataclass(frozen=True)
class Report:
    """What the rules find in a mask. key: of mask, rules and slices asked for; the same key has the same findings."""

    key: str
    findings: tuple[Finding, ...]


def rules_of(project: Project) -> tuple[Rule, ...]:
    """The project's rules; those by default until a manager changes them."""
    labels = selectors.labels_of(project)
    stored = _stored(project)
    if stored is None:
        return default_rules(labels)
    return read_rules(stored, values=[label.value for label in labels])


def has_own_rules(project: Project) -> bool:
    """True once a manager has changed the rules."""
    return _stored(project) is not None


@transaction.atomic
def set_rules(*, user: User, project: Project, rules: Sequence[Mapping[str, Any]] | None) -> tuple[Rule, ...]:
    """Give a project its own rules, or those by default with None.

    Raises NotAllowed without the capability, InvalidInput with the entry that breaks a rule.
    """
    require(user, project, Capability.MANAGE_CASES)
    labels = selectors.labels_of(project)
    try:
        read = None if rules is None else read_rules(rules, values=[label.value for label in labels])
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"The checks cannot be read: {error}.") from error
    stored = None if read is None else [rule.to_json() for rule in read]
    kept, _ = LabelSet.objects.select_for_update().get_or_create(
        project=project, defaults={"labels": [label.to_json() for label in labels]}
    )
    kept.checks = stored
    kept.save(update_fields=["checks", "updated_at"])
    record(actor=user, action="checks.set", project_id=project.pk, subject=kept, checks=stored)
    return default_rules(labels) if read is None else read


def key_of(task: Task, mask: Mask | None) -> str:
    """The key of the report on a mask of a task, as the rules are now; no mask is an empty one."""
    rules = [rule.to_json() for rule in rules_of(task.project)]
    content = [mask.sha256 if mask else None, rules, task.slices]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def report_on(task: Task, revision: Revision | None) -> Report:
    """What the rules find in a revision of a task; None is the empty drawing before the first.

    Reads the whole mask: not to be called while the task's row is locked. The last reports are kept in memory.
    """
    mask = revision.mask if revision else None
    names = tuple((label.value, label.name) for label in selectors.labels_of(task.project))
    asked = None if task.slices is None else frozenset(task.slices)
    findings = _findings(
        mask.pk if mask else None,
        mask.sha256 if mask else None,
        task.volume.geometry,
        rules_of(task.project),
        names,
        asked,
    )
    return Report(key_of(task, mask), findings)


def report_to_submit(task: Task, number: int | None) -> Report | None:
    """The report on the revision that somebody wants to submit; None where the task has no such revision."""
    if number is None:
        return None
    revision = Revision.objects.filter(task=task, number=number).select_related("mask__volume").first()
    if revision is None:
        return None
    fresh = Task.objects.select_related("volume", "project__label_set").get(pk=task.pk)
    return report_on(fresh, revision)


def pass_checks(task: Task, head: Revision, report: Report | None, accepted: Container[str]) -> list[dict[str, Any]]:
    """The warnings that were ticked, as JSON, where the report lets the head go to review.

    Raises Conflict, with the findings as `detail`, for an error and for a warning without a tick; and where the report
    is not that of the head by the rules of this moment.
    """
    if report is None or report.key != key_of(task, head.mask):
        raise Conflict("The checks of this project have changed just now. Look at the findings again.", reason="checks")
    errors = [finding for finding in report.findings if finding.severity == Severity.ERROR]
    open_warnings = [f for f in report.findings if f.severity == Severity.WARNING and f.key not in accepted]
    if errors or open_warnings:
        raise Conflict(
            _refusal(errors, open_warnings),
            reason="checks",
            findings=[finding.to_json() for finding in report.findings],
        )
    return [finding.to_json() for finding in report.findings]


def _refusal(errors: list[Finding], warnings: list[Finding]) -> str:
    if errors:
        return f"The case cannot be submitted yet: {errors[0].text} {errors[0].advice}"
    more = f" And {len(warnings) - 1} more." if len(warnings) > 1 else ""
    return f"Mend this, or tick it to submit nevertheless: {warnings[0].text}{more}"


@lru_cache(maxsize=KEPT_REPORTS)
def _findings(
    mask_id: int | None,
    mask_sha256: str | None,  # noqa: ARG001 - part of the key: a mask is known by its hash
    geometry: Geometry,
    rules: tuple[Rule, ...],
    names: tuple[tuple[int, str], ...],
    asked: frozenset[int] | None,
) -> tuple[Finding, ...]:
    mask = None if mask_id is None else Mask.objects.select_related("volume").get(pk=mask_id)
    labels: LabelArray = np.zeros(geometry.shape_zyx, np.uint8) if mask is None else masks.load_labels(mask)
    return check(Drawing(labels, geometry, dict(names), asked), rules)


def _stored(project: Project) -> list[dict[str, Any]] | None:
    try:
        stored: list[dict[str, Any]] | None = project.label_set.checks
    except ObjectDoesNotExist:
        return None
    return stored
