"""Reading derived channels: a row that was made of other phases than the volume has now does not count."""

from __future__ import annotations

from dataclasses import dataclass

from backend.accounts.models import User
from backend.core.errors import InvalidInput, NotFound
from backend.imaging.derived.recipes import name_of, parameters_of, remark_of, unit_of, usual_keys
from backend.imaging.models import DerivedChannel, JobState, Phase, Volume
from backend.imaging.permissions import visible_volumes
from backend.imaging.selectors import NOT_THERE


@dataclass(frozen=True)
class Offer:
    """A channel that a volume can have, and its row where somebody asked for it."""

    volume: Volume
    key: str
    name: str
    unit: str
    remark: str
    row: DerivedChannel | None


def volume_with_phases(user: User, volume_id: int) -> tuple[Volume, list[Phase]]:
    """A volume and its phases in order. Raises NotFound for one that the user may not see."""
    volume = visible_volumes(user).select_related("study__patient__project").filter(pk=volume_id).first()
    if volume is None:
        raise NotFound(NOT_THERE)
    return volume, list(volume.phases.order_by("index"))


def offers_for(user: User, volume_id: int) -> list[Offer]:
    """The usual channels of a volume, and whatever else was asked for. Raises NotFound as `volume_with_phases`."""
    volume, phases = volume_with_phases(user, volume_id)
    rows = {row.key: row for row in volume.derived.all() if is_current(row, phases)}
    usual = usual_keys(phases)
    keys = usual + sorted(set(rows) - set(usual))
    return [offer(volume, phases, key, rows.get(key)) for key in keys]


def offer_for(user: User, volume_id: int, key: str) -> Offer:
    """One channel, made or not. Raises NotFound for one that the volume cannot have."""
    volume, phases = volume_with_phases(user, volume_id)
    try:
        wanted = parameters_of(phases, key)
    except InvalidInput as error:
        raise NotFound(error.message) from error
    row = volume.derived.filter(key=key, parameters=wanted).first()
    return offer(volume, phases, key, row)


def offer(volume: Volume, phases: list[Phase], key: str, row: DerivedChannel | None) -> Offer:
    """What is said of a channel."""
    return Offer(volume, key, name_of(phases, key), unit_of(phases, key), remark_of(phases, key), row)


def is_current(row: DerivedChannel, phases: list[Phase]) -> bool:
    """True for a row made of the phases as they are now."""
    try:
        return bool(row.parameters == parameters_of(phases, row.key))
    except InvalidInput:
        return False


def ready_row(user: User, volume_id: int, key: str) -> DerivedChannel:
    """A finished channel. Raises NotFound when there is none, or it is out of date."""
    row = offer_for(user, volume_id, key).row
    if row is None or row.state != JobState.READY:
        raise NotFound("This channel is not made yet: ask for it first.")
    return row


def chunk_for(user: User, volume_id: int, key: str, number: int) -> str:
    """sha256 of one block of a finished channel. Raises NotFound when there is none."""
    chunks = ready_row(user, volume_id, key).chunks
    if number >= len(chunks):
        raise NotFound(NOT_THERE)
    return str(chunks[number])


def projection_for(user: User, volume_id: int, key: str, plane: str) -> str:
    """sha256 of a finished channel's projection. Raises NotFound when there is none."""
    digest = ready_row(user, volume_id, key).projections.get(plane)
    if digest is None:
        raise NotFound("There is no such plane: need axial, coronal or sagittal.")
    return str(digest)
