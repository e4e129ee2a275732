"""One command after the other: what the reading process does, and how it ends when it cannot go on."""

from __future__ import annotations

import errno
import logging
import math
import warnings
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from backend.imaging.dicom.keys import Key
from backend.imaging.reading import protocol
from backend.imaging.reading.archives import ArchiveRefused, unpack
from backend.imaging.reading.cases import Case
from backend.imaging.reading.dicom_study import DicomCase
from backend.imaging.reading.faults import StudyRefused
from backend.imaging.reading.found_masks import mask_in
from backend.imaging.reading.limits import (
    ARCHIVE_CPU_S,
    STUDY_CPU_S,
    SURVEY_BYTES,
    UNPACKED_FILE_BYTES,
    allow,
    build_bytes,
)
from backend.imaging.reading.messages import Fault
from backend.imaging.reading.output import Output
from backend.imaging.reading.protocol import FULL_DISK
from backend.imaging.reading.survey import survey

PACK_AGAIN = "Pack the folder of images into a plain zip again, and upload that."
FULL = {errno.ENOSPC, errno.EDQUOT}
Say = Callable[[protocol.Event | protocol.Answer], None]


def serve(commands: Iterable[bytes], out: BinaryIO) -> None:
    """Answer each line. Whatever fails is told by kind and place, never by its text, which can quote a file."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    server = Server(lambda message: _write(out, message))
    for line in commands:
        try:
            answer = server.answer(protocol.command_of(line))
        except StudyRefused as refused:
            answer = protocol.Refused(refused.faults)
        except MemoryError:
            _write(out, protocol.Failed(MemoryError.__name__, ""))
            return  # what is left of the process is not to be relied on
        except OSError as error:
            answer = protocol.Failed(FULL_DISK if error.errno in FULL else type(error).__name__, _spot(error))
        except Exception as error:  # noqa: BLE001 - the border: one file must not end the others' import
            answer = protocol.Failed(type(error).__name__, _spot(error))
        _write(out, answer)


class Server:
    """Remembers the cases that were found last, and the key that makes their stand-ins."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._cases: list[Case] = []
        self._key = Key(b"")

    def answer(self, command: protocol.Command) -> protocol.Answer:
        """Do what is asked."""
        match command:
            case protocol.Survey():
                return self._survey(command)
            case protocol.Build():
                return self._build(command)
            case protocol.BuildMasks():
                return self._build_masks(command)
            case protocol.ReadMask():
                return _read_mask(command)
            case protocol.Unpack():
                return _unpack(command)

    def _survey(self, command: protocol.Survey) -> protocol.Surveyed:
        self._key = Key(bytes.fromhex(command.secret))
        self._cases, surveyed = survey(command.files, self._key, at=lambda place: self._say(protocol.At(place)))
        return surveyed

    def _build(self, command: protocol.Build) -> protocol.Built:
        allow(memory_bytes=build_bytes(command.max_voxels), cpu_s=STUDY_CPU_S)
        case = self._cases[command.case]
        if isinstance(case, DicomCase):  # the others tell no dates
            case = replace(case, dates_of=command.dates_of)
        return protocol.Built(
            case.build(
                key=self._key,
                out=Output(Path(command.folder)),
                max_voxels=command.max_voxels,
                step=lambda files: self._say(protocol.Step(files)),
            )
        )

    def _build_masks(self, command: protocol.BuildMasks) -> protocol.MasksBuilt:
        allow(memory_bytes=build_bytes(max(map(_voxels, command.volumes), default=0)), cpu_s=STUDY_CPU_S)
        case = self._cases[command.case]
        masks, series, faults = case.masks_on(command.volumes, key=self._key, out=Output(Path(command.folder)))
        return protocol.MasksBuilt(masks, series, faults)


def _voxels(volume: protocol.StoredGrid) -> int:
    return math.prod(volume.geometry.shape_zyx)


def _read_mask(command: protocol.ReadMask) -> protocol.MasksBuilt:
    allow(memory_bytes=build_bytes(_voxels(command.volume)), cpu_s=STUDY_CPU_S)
    key, out = Key(bytes.fromhex(command.secret)), Output(Path(command.folder))
    mask = mask_in(Path(command.path), command.name, command.volume, key=key, out=out)
    return protocol.MasksBuilt((mask,), (), ())


def _unpack(command: protocol.Unpack) -> protocol.Unpacked | protocol.Refused:
    allow(memory_bytes=SURVEY_BYTES, cpu_s=ARCHIVE_CPU_S, file_bytes=UNPACKED_FILE_BYTES)
    try:
        return protocol.Unpacked(unpack(Path(command.path), Path(command.folder), max_bytes=command.max_bytes))
    except ArchiveRefused as refused:
        return protocol.Refused((Fault("The zip archive", f"was refused: {refused.sentence}", PACK_AGAIN),))


def _write(out: BinaryIO, message: protocol.Event | protocol.Answer) -> None:
    left = memoryview(protocol.encode(message))
    while left:
        left = left[out.write(left) :]


def _spot(error: Exception) -> str:
    """File and line of the program where it failed."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}" if frame else ""
