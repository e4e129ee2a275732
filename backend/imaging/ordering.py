"""The order of a volume's phases, put right by a manager, and put back as the headers had it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from django.db import transaction
from django.db.models import F

from backend.accounts.models import User
from backend.accounts.permissions import require
from backend.accounts.roles import Capability
from backend.audit.models import record
from backend.core.errors import Conflict, InvalidInput
from backend.imaging import pins
from backend.imaging.models import Phase, Registration, Volume

PRECONTRAST = "pre-contrast"
AWAY = 1000  # more than any number of phases: where they wait while others take their places


@transaction.atomic
def reorder_phases(*, user: User, volume: Volume, order: Sequence[int], reason: str) -> Volume:
    """Put the phases into another order: order[n] is the present index of what becomes phase n.

    Times count from the new first phase, and are dropped where they do not rise in the new order. What the import found
    is kept. Raises NotAllowed, InvalidInput when the order is no permutation or has no reason, Conflict when the
    phases cannot change.
    """
    locked, phases = locked_phases(user, volume)
    if sorted(order) != list(range(len(phases))):
        raise InvalidInput(f"order needs each of 0 to {len(phases) - 1} once, got {list(order)[:20]}.")
    if not reason.strip():
        raise InvalidInput("Say why the phases belong into this order; the reason is shown beside them.")
    if list(order) == list(range(len(phases))):
        raise Conflict("The phases are in this order already.")
    ordered = [phases[index] for index in order]
    labels, times = _labels(locked, phases), _times(ordered)
    for index, phase in enumerate(ordered):
        phase.found = phase.found or _as_found(phase)
        phase.label, phase.time_s = labels[index], times[index]
        phase.reason = f"number {index + 1} of {len(phases)}, put in order by a manager: {reason.strip()}"[:300]
    _write(locked, ordered)
    _tell(user, locked, "phases.reordered", order=list(order), reason=reason.strip()[:300])
    return locked


@transaction.atomic
def restore_order(*, user: User, volume: Volume) -> Volume:
    """Put the phases back as the import found them. Raises NotAllowed, or Conflict when they are or must stay."""
    locked, phases = locked_phases(user, volume)
    if not any(phase.found for phase in phases):
        raise Conflict("The phases are as the headers have them.")
    order = sorted(range(len(phases)), key=lambda index: phases[index].found["index"])
    ordered = [phases[index] for index in order]
    for phase in ordered:
        phase.label, phase.time_s, phase.reason = (phase.found[name] for name in ("label", "time_s", "reason"))
        phase.found = {}
    _write(locked, ordered)
    _tell(user, locked, "phases.restored", order=order)
    return locked


def why_fixed(volume: Volume) -> str:
    """Why the order cannot change, as a sentence; empty while it can."""
    if Registration.objects.filter(volume=volume, in_use=True).exists():
        return "A registration is in use: stop using it first, then change the order."
    return pins.why_pinned(volume)


def locked_phases(user: User, volume: Volume) -> tuple[Volume, list[Phase]]:
    """The volume and its phases, held until the transaction ends, for a manager who may change them."""
    rows = Volume.objects.select_for_update(of=("self",), no_key=True).select_related("study__patient__project")
    locked = rows.get(pk=volume.pk)
    require(user, locked.study.patient.project, Capability.MANAGE_CASES)
    fixed = why_fixed(locked)
    if fixed:
        raise Conflict(fixed)
    return locked, list(locked.phases.select_for_update().order_by("index"))


def _as_found(phase: Phase) -> dict[str, object]:
    return {"index": phase.index, "label": phase.label, "time_s": phase.time_s, "reason": phase.reason}


def _labels(volume: Volume, phases: Sequence[Phase]) -> list[str]:
    """Names by place: as many phases before contrast as there were."""
    if not volume.is_dce:
        return [f"time {index}" for index in range(len(phases))]
    before = max(1, sum(phase.label.startswith(PRECONTRAST) for phase in phases))
    first = [PRECONTRAST] if before == 1 else [f"{PRECONTRAST} {n + 1}" for n in range(before)]
    return first + [f"post-contrast {n + 1}" for n in range(len(phases) - before)]


def _times(ordered: Sequence[Phase]) -> list[float | None]:
    """Seconds after the new first phase; none at all when they contradict the new order."""
    times = [phase.time_s for phase in ordered]
    known = [time for time in times if time is not None]
    if len(known) < len(times) or any(b <= a for a, b in pairwise(known)):
        return [None] * len(times)
    return [round(time - known[0], 3) for time in known]


def _write(volume: Volume, ordered: Sequence[Phase]) -> None:
    """Write the phases in their new places; no two may have one index at any moment."""
    volume.phases.update(index=F("index") + AWAY)
    for index, phase in enumerate(ordered):
        phase.index = index
        phase.save(update_fields=["index", "label", "time_s", "reason", "found", "updated_at"])


def _tell(user: User, volume: Volume, action: str, **detail: object) -> None:
    record(actor=user, action=action, project_id=volume.study.patient.project_id, subject=volume, **detail)
