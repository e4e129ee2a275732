"""Which network inputs a project's cases have, and how they are made of phases. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.contracts import Channel


def channels_for(phase_counts: Iterable[int]) -> tuple[Channel, ...]:
    """Channels of a dataset from its volumes' numbers of phases: pre-contrast and, if any has it, the next phase."""
    return (Channel(0), Channel(1)) if max(phase_counts, default=0) >= 2 else (Channel(0),)


def phases_needed(channels: Iterable[Channel]) -> int:
    """Phases that a volume must have."""
    return max(channel.last_phase for channel in channels) + 1


def channel_array(channel: Channel, phases_zyx: Mapping[int, NDArray[np.float32]]) -> NDArray[np.float32]:
    """One network input (Z, Y, X) from phases by index."""
    if channel.minus is None:
        return phases_zyx[channel.phase]
    return phases_zyx[channel.phase] - phases_zyx[channel.minus]


def channels_from_json(value: Iterable[Mapping[str, Any]]) -> tuple[Channel, ...]:
    """Channels as they are stored beside a model. Raises TypeError for a field that a channel does not have."""
    return tuple(Channel(**item) for item in value)
