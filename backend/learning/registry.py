"""What people do with models: take one in from elsewhere, promote, roll back, retire."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import transaction

from backend.accounts.models import Project, User
from backend.accounts.permissions import require
from backend.accounts.roles import Capability
from backend.audit.models import record
from backend.core.errors import Conflict, InvalidInput, TooLarge
from backend.core.files import aside
from backend.learning import adopting
from backend.learning.models import ModelVersion, Round
from backend.learning.selectors import active_model, channels_of, tasks_to_draft
from backend.learning.services import begin_run, check_none_runs, next_number
from backend.learning.states import ModelState, RoundKind, RoundState, RunKind

MOST_ARCHIVE_BYTES = 8 * 2**30
_PIECE_BYTES = 2**20


def adopt_model(
    *,
    project: Project,
    actor: User,
    file: IO[bytes],
    name: str,
    archive_sha256: str | None = None,
    configuration: str | None = None,
    channels: Sequence[Mapping[str, Any]],
    labels: Mapping[str, str] | None = None,
) -> Round:
    """Keep the file, and start a round that takes the model out of it, scores it, and promotes it or not.

    name: what the file is called. channels, labels: see `adopting`. Raises InvalidInput, TooLarge, Conflict while a
    round runs.
    """
    require(actor, project, Capability.MANAGE_ROUNDS)
    adopting.read_channels(channels)
    archive = _keep(file)
    try:
        return _begin_adoption(
            project,
            actor,
            {
                "name": name[:200],
                "archive": archive.name,
                "archive_sha256": archive_sha256,
                "configuration": configuration,
                "channels": [dict(channel) for channel in channels],
                "labels": dict(labels or {}),
            },
        )
    except BaseException:
        archive.unlink(missing_ok=True)
        raise


@transaction.atomic
def promote_model(*, model: ModelVersion, actor: User, reason: str) -> Round | None:
    """Let a model draft from now on, whatever the rule of promotion says; a round of drafting begins where cases wait.

    Raises InvalidInput without a reason; Conflict for the active model, and while a round runs.
    """
    project = _locked(model, actor)
    why = _reason(reason)
    check_none_runs(project)
    fresh = ModelVersion.objects.get(pk=model.pk)
    if fresh.state == ModelState.ACTIVE:
        raise Conflict(f"Model {fresh.number} is the active one already.")
    if fresh.state == ModelState.CANDIDATE:
        raise Conflict(f"Model {fresh.number} is still being judged: wait until its round ends.")
    before = active_model(project)
    if before is not None:
        _set_state(before, ModelState.RETIRED)
    was = fresh.state
    _set_state(fresh, ModelState.ACTIVE)
    record(
        actor=actor,
        action="model.promoted_by_hand",
        project_id=project.pk,
        subject=fresh,
        number=fresh.number,
        was=was,
        instead_of=before.number if before else None,
        reason=why,
    )
    if not tasks_to_draft(project, channels_of(fresh)).exists():
        return None
    return _begin_drafting(project, actor, fresh)


@transaction.atomic
def retire_model(*, model: ModelVersion, actor: User, reason: str) -> ModelVersion:
    """Take a model out of use; nothing drafts until another one is promoted.

    Raises InvalidInput without a reason; Conflict for a retired model, and while a round runs.
    """
    project = _locked(model, actor)
    why = _reason(reason)
    check_none_runs(project)
    fresh = ModelVersion.objects.get(pk=model.pk)
    if fresh.state == ModelState.RETIRED:
        raise Conflict(f"Model {fresh.number} is retired already.")
    was = fresh.state
    _set_state(fresh, ModelState.RETIRED)
    record(
        actor=actor,
        action="model.retired_by_hand",
        project_id=project.pk,
        subject=fresh,
        number=fresh.number,
        was=was,
        reason=why,
    )
    return fresh


@transaction.atomic
def record_download(*, model: ModelVersion, actor: User) -> None:
    """Note who took a model's file."""
    record(
        actor=actor,
        action="model.downloaded",
        project_id=model.project_id,
        subject=model,
        number=model.number,
        weights_sha256=model.weights_sha256,
    )


@transaction.atomic
def _begin_adoption(project: Project, actor: User, source: dict[str, Any]) -> Round:
    Project.objects.select_for_update().get(pk=project.pk)
    check_none_runs(project)
    turn = Round.objects.create(
        project=project,
        number=next_number(project),
        kind=RoundKind.ADOPT,
        state=RoundState.ADOPTING,
        source=source,
        started_by=actor,
    )
    record(
        actor=actor,
        action="model.adopt",
        project_id=project.pk,
        subject=turn,
        number=turn.number,
        name=source["name"],
        archive_sha256=source["archive_sha256"],
    )
    begin_run(turn, RunKind.ADOPT)
    return turn


def _begin_drafting(project: Project, actor: User, model: ModelVersion) -> Round:
    turn = Round.objects.create(
        project=project,
        number=next_number(project),
        kind=RoundKind.DRAFT,
        state=RoundState.DRAFTING,
        uses=model,
        started_by=actor,
        verdict=f"Model {model.number} was promoted by hand.",
    )
    record(actor=actor, action="round.start", project_id=project.pk, subject=turn, number=turn.number, kind=turn.kind)
    begin_run(turn, RunKind.DRAFT)
    return turn


def archive_path(turn: Round) -> Path:
    """Where the file of an adopted model lies."""
    return _archives() / str(turn.source["archive"])


def channel_names(turn: Round) -> tuple[str, ...]:
    """What the inputs of an adopted model are called here."""
    return tuple(channel.name for channel in adopting.read_channels(turn.source["channels"]))


def _archives() -> Path:
    return Path(settings.RUN_DIR) / "archives"


def _keep(file: IO[bytes]) -> Path:
    path, size = _archives() / f"{uuid.uuid4()}.zip", 0
    with aside(path) as part, part.open("wb") as out:
        while piece := file.read(_PIECE_BYTES):
            size += len(piece)
            if size > MOST_ARCHIVE_BYTES:
                raise TooLarge(f"A model's file may have up to {MOST_ARCHIVE_BYTES // 2**30} GiB.")
            out.write(piece)
    if size == 0:
        path.unlink()
        raise InvalidInput("The file is empty: send the zip that nnU-Net's export wrote.")
    return path


def _locked(model: ModelVersion, actor: User) -> Project:
    require(actor, model.project, Capability.MANAGE_ROUNDS)
    return Project.objects.select_for_update().get(pk=model.project_id)


def _reason(reason: str) -> str:
    if not reason.strip():
        raise InvalidInput("Say why: the reason is kept with the change.")
    return reason.strip()


def _set_state(model: ModelVersion, state: ModelState) -> None:
    model.state = state
    model.save(update_fields=["state", "updated_at"])
