"""What a model from elsewhere means here: its inputs as channels of ours, its labels as labels of the project. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from backend.annotation.labels import Label
from backend.core.errors import Conflict, InvalidInput
from backend.exports.channels import channels_from_json
from ml.contracts import AdoptResult, Channel

Pairs = list[list[int]]
"""[value of the model, value of the project], the project's 0 for what it has no label for."""


def read_channels(given: Iterable[Mapping[str, Any]]) -> tuple[Channel, ...]:
    """Channels as a person names them. Raises InvalidInput."""
    try:
        channels = channels_from_json(given)
    except (TypeError, ValueError) as error:
        raise InvalidInput(
            f'Each input needs a phase, and perhaps the phase that is subtracted, such as {{"phase": 1, "minus": 0}} '
            f"({error})."
        ) from error
    if not channels:
        raise InvalidInput("Name at least one input of the model.")
    return channels


def channels_for(result: AdoptResult, given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The model's inputs. Raises Conflict when there are more or fewer than were named."""
    channels = read_channels(given)
    if len(channels) != len(result.channels):
        raise Conflict(
            f"The model takes {len(result.channels)} inputs ({', '.join(result.channels)}), {len(channels)} were "
            "named: send it again and name as many phases."
        )
    return [asdict(channel) for channel in channels]


def label_map(result: AdoptResult, labels: Iterable[Label], given: Mapping[str, str] | None) -> Pairs:
    """The project's value for each of the model's; empty where they are the same.

    given: the project's label name, or an empty word for background, by the model's name; what is left out goes by
    equal names. Raises Conflict for a label of the model that the project does not have.
    """
    by_name = {plain(label.name): label.value for label in labels}
    wanted = {plain(name): plain(ours) for name, ours in (given or {}).items()}
    pairs, unknown = dict[int, int](), []
    for name, value in result.labels.items():
        ours = wanted.get(plain(name), plain(name))
        if ours and ours not in by_name:
            unknown.append(name)
        pairs[value] = by_name.get(ours, 0)
    if unknown:
        raise Conflict(
            f"The project has no label for the model's {', '.join(unknown)}: send the model again and say which label "
            "each one is, or that it is left out."
        )
    same = all(value == ours for value, ours in pairs.items()) and len(pairs) == len(by_name)
    return [] if same else [[value, ours] for value, ours in sorted(pairs.items())]


def plain(name: str) -> str:
    """A label's name without case and with spaces alone between words."""
    return " ".join(name.replace("_", " ").replace("-", " ").casefold().split())
