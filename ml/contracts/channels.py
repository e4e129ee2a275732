"""Network input channels, made from the phases of a DCE volume."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Channel:
    """One network input: a phase, or the difference of two phases.

    phase: index of the phase (0 = pre-contrast).
    minus: index of the phase subtracted from it; None takes the phase as it is.
    """

    phase: int
    minus: int | None = None

    def __post_init__(self) -> None:
        if self.phase < 0 or (self.minus is not None and self.minus < 0):
            raise ValueError(f"phases count from 0, got phase={self.phase} minus={self.minus}")

    @property
    def name(self) -> str:
        """Short name, as written into dataset.json: `phase1`, `phase1-phase0`."""
        return f"phase{self.phase}" if self.minus is None else f"phase{self.phase}-phase{self.minus}"

    @property
    def last_phase(self) -> int:
        """Highest phase index that the channel needs."""
        return max(self.phase, self.minus or 0)
