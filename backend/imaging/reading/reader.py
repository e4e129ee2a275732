"""The platform's end of the reading process: asks, checks what comes back, and blames what broke it."""

from __future__ import annotations

import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Self

from django.conf import settings

from backend.core.blobs import Adoption
from backend.core.errors import StorageFull
from backend.imaging.dicom.keys import Key
from backend.imaging.reading import checking, protocol
from backend.imaging.reading.archives import MAX_MEMBERS
from backend.imaging.reading.blame import PACK_AGAIN, TELL, Blamed, ReadingFailed, blamed_file, failed, lost_study
from backend.imaging.reading.built import BuiltCase, BuiltMasks
from backend.imaging.reading.checking import NotPlausible
from backend.imaging.reading.faults import FileRefusal, StudyRefused
from backend.imaging.reading.found import FoundCases
from backend.imaging.reading.limits import WRITTEN_FILE_BYTES, Limits, limits_for
from backend.imaging.reading.messages import CaseSummary, Fault, SourceFile
from backend.imaging.reading.process import Loss, ProcessLost, ReadingProcess
from backend.imaging.reading.protocol import StoredGrid

MAX_BLAMED = 50  # files that end the process one after the other; then the import is not tried further
ARCHIVE, MASK = "The zip archive", "The file"


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

    def survey(self, files: Sequence[SourceFile], *, at: Callable[[int], None] = lambda place: None) -> FoundCases:  # noqa: ARG005
        """Find the cases; `at` is told the place of each file that is opened.

        A file that ends the process is left out. Raises ReadingFailed when it ends without a file to blame, or again
        and again.
        """
        self._files = files
        left, blamed = list(range(len(files))), Counter[FileRefusal]()
        while True:
            try:
                found = self._survey(left, at)
            except Blamed as blame:
                del left[blame.place]
                blamed[blamed_file(blame.loss)] += 1
            else:
                return replace(found, refused={**found.refused, **blamed})
            if blamed.total() > MAX_BLAMED:
                raise ReadingFailed(f"More than {MAX_BLAMED} files end the program that reads them; nothing came in.")

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
        limit = settings.MAX_VOLUME_VOXELS
        with self._output(lost_study) as files:
            command = protocol.Build(self._number(case), str(files.folder), dates_of, limit)
            answer = self._ask(
                command, lambda event: step(max(event.files, 0)) if isinstance(event, protocol.Step) else None
            )
            if not isinstance(answer, protocol.Built):
                raise refusal_in(answer)
            checking.check_study(answer.study, case, max_voxels=limit)
            return BuiltCase(files, answer.study)

    def build_masks(self, case: CaseSummary, volumes: Sequence[StoredGrid]) -> BuiltMasks:
        """Read the segmentations of a case onto volumes that are stored already. Raises StudyRefused, StorageFull."""
        with self._output(lost_study) as files:
            command = protocol.BuildMasks(self._number(case), str(files.folder), tuple(volumes))
            return self._masks(command, files, volumes=len(volumes))

    def read_mask(self, file: SourceFile, volume: StoredGrid) -> BuiltMasks:
        """Read one file that somebody added to a volume. Raises StudyRefused with why not, StorageFull."""
        with self._output(lambda loss: Fault(MASK, f"cannot be read: the program that opens it {loss}", TELL)) as files:
            command = protocol.ReadMask(self._key.secret.hex(), str(file.path), file.name, str(files.folder), volume)
            return self._masks(command, files, volumes=1)

    def unpack(self, path: Path, folder: Path, *, max_bytes: int) -> tuple[str, ...]:
        """Unpack a zip archive into a new folder, its files numbered; their names are returned in that order.

        Raises StudyRefused with why it cannot be, StorageFull.
        """
        with self._blaming(lambda loss: Fault(ARCHIVE, f"was refused: the program that opens it {loss}", PACK_AGAIN)):
            answer = self._ask(protocol.Unpack(str(path), str(folder), max_bytes))
            if not isinstance(answer, protocol.Unpacked):
                raise refusal_in(answer)
            if len(answer.names) > MAX_MEMBERS:
                raise NotPlausible
            return answer.names

    def _survey(self, places: Sequence[int], at: Callable[[int], None]) -> FoundCases:
        """Cases among the files at these places of the list, which become the process's own. Raises Blamed."""
        opened = -1

        def heard(event: protocol.Event) -> None:
            nonlocal opened
            if isinstance(event, protocol.At) and 0 <= event.place <= len(places):
                opened = event.place
                if opened < len(places):
                    at(places[opened])

        files = tuple((str(self._files[place].path), self._files[place].name) for place in places)
        try:
            answer = self._ask(protocol.Survey(self._key.secret.hex(), files), heard)
            if isinstance(answer, protocol.Failed):
                raise ReadingFailed(f"The program that finds the studies {failed(answer)}.")
            found = FoundCases.checked(answer, places)
        except (ProcessLost, NotPlausible) as lost:
            self._end()
            loss = getattr(lost, "loss", Loss.NONSENSE)
            if opened < 0:
                raise ReadingFailed("The program that reads files could not be started.") from None
            if opened == len(places):
                raise ReadingFailed(f"The program that tells the studies apart {loss}.") from None
            raise Blamed(opened, loss) from None
        self._numbers = {case.number: case.number for case in found.cases}
        return found

    def _number(self, case: CaseSummary) -> int:
        """Number of a case in the process at work; a new one has to look at its files again."""
        if case.number not in self._numbers:
            found = self._survey(case.files, lambda place: None)  # noqa: ARG005
            wanted = (case.study_uid, case.source_key)
            same = [other.number for other in found.cases if (other.study_uid, other.source_key) == wanted]
            if len(same) != 1:
                raise NotPlausible
            self._numbers = {case.number: same[0]}
        return self._numbers[case.number]

    def _masks(self, command: protocol.BuildMasks | protocol.ReadMask, files: Adoption, *, volumes: int) -> BuiltMasks:
        answer = self._ask(command)
        if not isinstance(answer, protocol.MasksBuilt):
            raise refusal_in(answer)
        checking.check_added_masks(answer.masks, answer.series, answer.faults, volumes=volumes)
        return BuiltMasks(files, answer.masks, answer.series, answer.faults)

    def _ask(
        self,
        command: protocol.Command,
        heard: Callable[[protocol.Event], None] = lambda event: None,  # noqa: ARG005
    ) -> protocol.Answer:
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

    @contextmanager
    def _output(self, fault: Callable[[Loss], Fault]) -> Iterator[Adoption]:
        """A new folder for the process to write to, removed when it fails. Raises StudyRefused."""
        folder = self._folder / secrets.token_hex(8)
        folder.mkdir()
        files = Adoption(folder, max_bytes=WRITTEN_FILE_BYTES)
        try:
            with self._blaming(fault):
                yield files
        except BaseException:
            files.close()
            shutil.rmtree(folder, ignore_errors=True)
            raise

    @contextmanager
    def _blaming(self, fault: Callable[[Loss], Fault]) -> Iterator[None]:
        """Turn the loss of the process, or nonsense, into the refusal of what was at work."""
        try:
            yield
        except (ProcessLost, Blamed) as lost:
            raise StudyRefused((fault(lost.loss),)) from None
        except NotPlausible:
            self._end()
            raise StudyRefused((fault(Loss.NONSENSE),)) from None
        except ReadingFailed as error:
            raise StudyRefused(
                (Fault("the study", f"cannot be read. {error.message.removesuffix('.')}", error.action),)
            ) from None

    def _at_work(self) -> ReadingProcess:
        if self._process is None:
            self._process = ReadingProcess(self._folder, memory_bytes=self._limits.memory_bytes, command=self._command)
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.close()
        self._process, self._numbers = None, {}


def refusal_in(answer: protocol.Answer) -> Exception:
    """What to raise for an answer that is not the one that was asked for."""
    match answer:
        case protocol.Refused(faults) if faults:
            checking.check_faults(faults)
            return StudyRefused(faults)
        case protocol.Failed(error) if error == protocol.FULL_DISK:
            return StorageFull("The server's disk is full; nothing was stored. Free some space, then try again.")
        case protocol.Failed():
            return StudyRefused((Fault("the program that reads it", failed(answer), TELL),))
        case _:
            return NotPlausible()
