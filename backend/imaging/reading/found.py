"""The studies among the files of an import, as the platform knows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from backend.imaging.reading import protocol
from backend.imaging.reading.checking import NotPlausible, check_case, check_faults
from backend.imaging.reading.faults import FileRefusal
from backend.imaging.reading.messages import CaseSummary, Fault


@dataclass(frozen=True)
class FoundCases:
    """What the files are. refused: number of files for each reason; repeats: copies of images."""

    cases: tuple[CaseSummary, ...]
    refused: dict[FileRefusal, int]
    repeats: int

    @classmethod
    def checked(cls, answer: protocol.Answer, places: Sequence[int]) -> Self:
        """From the answer about the files at these places. Raises NotPlausible for what cannot be."""
        if not isinstance(answer, protocol.Surveyed):
            raise NotPlausible
        for number, case in enumerate(answer.cases):
            check_case(case, number=number, files=len(places))
        refused = Counter[FileRefusal]()
        for entry in answer.refused:
            check_faults([Fault(entry.refusal.one, entry.refusal.many, entry.refusal.action)])
            refused[entry.refusal] += entry.files
        cases = tuple(replace(case, files=tuple(places[n] for n in case.files)) for case in answer.cases)
        return cls(cases, dict(refused), answer.repeats)
