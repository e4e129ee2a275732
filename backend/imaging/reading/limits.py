"""What the reading process may use, held by the kernel. Read by both sides of the border."""

from __future__ import annotations

import os
import resource
import time
from dataclasses import dataclass

MIB = 2**20
# Data segments of the process with all libraries loaded, and threads: 110 to 170 MiB. Address space would be no
# measure: libraries and the arenas of threads reserve 650 MiB of it without using them.
SURVEY_BYTES = 512 * MIB
BUILD_BASE_BYTES = 512 * MIB
# Two phases at a time: as they come, as numbers of four bytes where slices have slopes of their own, and coded.
BUILD_BYTES_PER_VOXEL = 16
FILE_CPU_S = 5
STUDY_CPU_S = 900
ARCHIVE_CPU_S = 900
WRITTEN_FILE_BYTES = 512 * MIB
UNPACKED_FILE_BYTES = 4096 * MIB
OPEN_FILES = 256
# Without a word for so long, on a busy machine or a slow disk, the process counts as stuck.
FILE_SILENCE_S = 60.0
STUDY_SILENCE_S = 300.0
STUDY_S = 3600.0
IMPORT_S = 3600.0


@dataclass(frozen=True)
class Limits:
    """What one reading process may use.

    memory_bytes: the most over its life. Seconds: the longest silence while it opens a file or builds a study, and the
    longest time for a study and for the headers of a whole import.
    """

    memory_bytes: int
    file_silence_s: float = FILE_SILENCE_S
    study_silence_s: float = STUDY_SILENCE_S
    study_s: float = STUDY_S
    import_s: float = IMPORT_S


def limits_for(max_voxels: int) -> Limits:
    """Limits under which a volume of so many voxels can be read, if the machine can hold it at all."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Limits(min(build_bytes(max_voxels), machine * 3 // 4))


def build_bytes(max_voxels: int) -> int:
    """Memory for reading the pixels of a study."""
    return BUILD_BASE_BYTES + BUILD_BYTES_PER_VOXEL * max_voxels


def hold(memory_bytes: int) -> None:
    """Limits for the life of this process, which it cannot lift again."""
    for kind, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_FSIZE, UNPACKED_FILE_BYTES),
        (resource.RLIMIT_DATA, memory_bytes),
    ):
        resource.setrlimit(kind, (value, value))


def allow(*, memory_bytes: int, cpu_s: float, file_bytes: int = WRITTEN_FILE_BYTES) -> None:
    """Limits for what comes next: memory and size of a file in all, seconds of processor time from now on."""
    _soft(resource.RLIMIT_DATA, memory_bytes)
    _soft(resource.RLIMIT_FSIZE, file_bytes)
    allow_time(cpu_s)


def allow_time(cpu_s: float) -> None:
    """Seconds of processor time from now on; then the kernel ends the process."""
    _soft(resource.RLIMIT_CPU, int(time.process_time() + cpu_s) + 1)


def _soft(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))
