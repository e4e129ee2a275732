"""The platform's end of the reading process: asks, checks what comes back, and blames what broke it."""

from __future__ import annotations

import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from django.conf import settings

from backend.core import blobs
from backend.core.errors import StorageFull
from backend.imaging.dicom.deidentify import Key
from backend.imaging.reading import protocol
from backend.imaging.reading.checking import (
    NotPlausible,
    check_case,
    check_failure,
    check_faults,
    check_study,
    digests_of,
)
from backend.imaging.reading.faults import FileRefusal, StudyRefused
from backend.imaging.reading.limits import WRITTEN_FILE_BYTES, Limits, limits_for
from backend.imaging.reading.messages import BuiltStudy, CaseSummary, Fault, SourceFile
from backend.imaging.reading.process import Loss, ProcessLost, ReadingProcess

EXPORT_AGAIN = "Export it again from its source and import that; if it fails again, leave it out."
TELL = "Try again; if it fails again, send this line to the developers."
MAX_BLAMED = 50  # files that end the process one after the other; then the import is not tried further


class ReadingFailed(Exception):
    """Nothing can be read, whatever the files are. message: a sentence; action: what to do."""

    def __init__(self, message: str, action: str = TELL) -> None:
        super().__init__(message)
        self.message = message
        self.action = action


@dataclass(frozen=True)
class FoundCases:
    """What the files of an import are. refused: number of files for each reason; repeats: copies of images."""

    cases: tuple[CaseSummary, ...]
    refused: dict[FileRefusal, int]
    repeats: int


@dataclass(frozen=True)
class BuiltCase:
    """A study, and the folder in which its files lie until they are taken into the store."""

    study: BuiltStudy
    folder: Path

    def keep(self) -> None:
        """Take the files into the store. Raises StudyRefused when they are not what was told, StorageFull."""
        try:
            blobs.adopt(self.folder, digests_of(self.study), max_bytes=WRITTEN_FILE_BYTES)
        except ValueError:
            raise StudyRefused((_lost_study(Loss.NONSENSE),)) from None


class Reader:
    """Reads the files of one import, in a new process whenever one is lost. Use as a context."""

    def __init__(self, key: Key, *, limits: Limits | None = None, command: tuple[str, ...] = ()) -> None:
        self._key = key
        self._limits = limits or limits_for(settings.MAX_VOLUME_VOXELS)
        self._command = command
        self._folder = Path(settings.BLOB_DIR) / ".reading" / secrets.token_hex(8)  # on the disk of the store
        self._files: Sequence[SourceFile] = ()
        self._numbers: dict[int, int] = {}  # of cases: ours → that of the process at work
        self._process: ReadingProcess | None = None

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True)
        self._at_work()  # loads its libraries while the platform looks for files
        return self

    def __exit__(self, *_exception: object) -> None:
        self._end()
        shutil.rmtree(self._folder, ignore_errors=True)

    def survey(
        self,
        files: Sequence[SourceFile],
        *,
        at: Callable[[int], None] = lambda place: None,  # noqa: ARG005
    ) -> FoundCases:
        """Find the cases; `at` is told the place of each file that is opened.

        A file that ends the process is left out. Raises ReadingFailed when it ends without a file to blame, or again
        and again.
        """
        self._files = files
        left, blamed = list(range(len(files))), Counter[FileRefusal]()
        while True:
            try:
                found = self._survey(left, at)
            except _Blamed as blame:
                del left[blame.place]
                blamed[_refusal(blame.loss)] += 1
            else:
                return replace(found, refused=found.refused | blamed)
            if blamed.total() > MAX_BLAMED:
                raise ReadingFailed(f"More than {MAX_BLAMED} files cannot be read without harm; nothing was imported.")

    def build(
        self,
        case: CaseSummary,
        *,
        dates_of: str,
        step: Callable[[int], None] = lambda files: None,  # noqa: ARG005
    ) -> BuiltCase:
        """Read the pixels of a case; `step` is told how many files are done.

        dates_of: source key by which its dates are shifted. Raises StudyRefused, StorageFull.
        """
        folder = self._folder / secrets.token_hex(8)
        folder.mkdir()
        try:
            number = self._numbers[case.number] if case.number in self._numbers else self._find_again(case)
            answer = self._ask(
                protocol.Build(number, str(folder), dates_of, settings.MAX_VOLUME_VOXELS),
                lambda event: step(max(event.files, 0)) if isinstance(event, protocol.Step) else None,
            )
            return BuiltCase(self._built(answer, case), folder)
        except (ProcessLost, _Blamed) as lost:
            raise StudyRefused((_lost_study(lost.loss),)) from None
        except NotPlausible:
            self._end()
            raise StudyRefused((_lost_study(Loss.NONSENSE),)) from None

    def _survey(self, places: Sequence[int], at: Callable[[int], None]) -> FoundCases:
        """Cases among the files at these places of the list, which become the process's own."""
        opened = -1

        def heard(event: protocol.Event) -> None:
            nonlocal opened
            if isinstance(event, protocol.At) and 0 <= event.place < len(places):
                opened = event.place
                at(places[opened])

        files = tuple((str(self._files[place].path), self._files[place].name) for place in places)
        self._numbers = {}
        try:
            answer = self._ask(protocol.Survey(self._key.secret.hex(), files), heard)
            return self._found(answer, places)
        except (ProcessLost, NotPlausible) as lost:
            self._end()
            if opened < 0:
                raise ReadingFailed("The program that reads files could not be started.") from None
            raise _Blamed(opened, getattr(lost, "loss", Loss.NONSENSE)) from None

    def _found(self, answer: protocol.Answer, places: Sequence[int]) -> FoundCases:
        if isinstance(answer, protocol.Failed):
            raise ReadingFailed(f"The program that finds the studies failed{_where(answer)}.")
        if not isinstance(answer, protocol.Surveyed):
            raise NotPlausible
        for number, case in enumerate(answer.cases):
            check_case(case, number=number, files=len(places))
        self._numbers = {case.number: case.number for case in answer.cases}
        cases = tuple(replace(case, files=tuple(places[n] for n in case.files)) for case in answer.cases)
        refused = Counter[FileRefusal]()
        for entry in answer.refused:
            check_faults([Fault(entry.refusal.one, entry.refusal.many, entry.refusal.action)])
            refused[entry.refusal] += entry.files
        return FoundCases(cases, refused, answer.repeats)

    def _find_again(self, case: CaseSummary) -> int:
        """Number of a case in a new process, which has to look at its files again."""
        found = self._survey(case.files, lambda place: None)  # noqa: ARG005
        same = [c.number for c in found.cases if (c.study_uid, c.source_key) == (case.study_uid, case.source_key)]
        if len(same) != 1:
            raise NotPlausible
        self._numbers = {case.number: same[0]}
        return same[0]

    def _built(self, answer: protocol.Answer, case: CaseSummary) -> BuiltStudy:
        match answer:
            case protocol.Built(study):
                check_study(study, case, max_voxels=settings.MAX_VOLUME_VOXELS)
                return study
            case protocol.Refused(faults) if faults:
                check_faults(faults)
                raise StudyRefused(faults)
            case protocol.Failed(error) if error == protocol.FULL_DISK:
                raise StorageFull("The server's disk is full; nothing was stored. Free some space, then try again.")
            case protocol.Failed():
                raise StudyRefused((Fault("the program that reads it", f"failed{_where(answer)}", TELL),))
            case _:
                raise NotPlausible

    def _ask(self, command: protocol.Command, heard: Callable[[protocol.Event], None]) -> protocol.Answer:
        """Raises ProcessLost, after which the next question goes to a new process."""
        survey = isinstance(command, protocol.Survey)
        try:
            return self._at_work().ask(
                command,
                silence_s=self._limits.file_silence_s if survey else self._limits.study_silence_s,
                limit_s=self._limits.import_s if survey else self._limits.study_s,
                heard=heard,
            )
        except BaseException:  # whatever it was, half an answer may be on its way
            self._end()
            raise

    def _at_work(self) -> ReadingProcess:
        if self._process is None:
            self._process = ReadingProcess(self._folder, memory_bytes=self._limits.memory_bytes, command=self._command)
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.close()
        self._process, self._numbers = None, {}


class _Blamed(Exception):
    """The process was lost over the file at this place of what it was given."""

    def __init__(self, place: int, loss: Loss) -> None:
        super().__init__(loss.value)
        self.place = place
        self.loss = loss


def _refusal(loss: Loss) -> FileRefusal:
    what = f"the program that reads them {loss}"
    return FileRefusal("error", f"was left out: {what}", f"were left out: {what}", EXPORT_AGAIN)


def _lost_study(loss: Loss) -> Fault:
    return Fault("the program that reads it", str(loss), EXPORT_AGAIN)


def _where(failed: protocol.Failed) -> str:
    check_failure(failed.error, failed.spot)
    return f" ({failed.error} at {failed.spot})" if failed.spot else f" ({failed.error})"
