"""What the reading process may not ask of the kernel: sockets, other programs, other processes' memory.

A seccomp filter (linux/seccomp.h) that this process and its threads keep for good. Calls that it lists fail with EPERM.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD_WORD, JUMP_IF_EQUAL, JUMP_IF_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06  # linux/bpf_common.h
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x80000000
NUMBER_AT, MACHINE_AT = 0, 4  # in struct seccomp_data
OTHER_ABI = 0x40000000  # x32 calls on x86-64 have numbers of their own
# Numbers of asm/unistd.h. io_uring would open sockets past the filter.
REFUSED = {
    "x86_64": {
        "socket": 41,
        "connect": 42,
        "socketpair": 53,
        "execve": 59,
        "ptrace": 101,
        "keyctl": 250,
        "process_vm_readv": 310,
        "process_vm_writev": 311,
        "bpf": 321,
        "execveat": 322,
        "io_uring_setup": 425,
        "pidfd_getfd": 438,
    },
    "aarch64": {
        "ptrace": 117,
        "socket": 198,
        "socketpair": 199,
        "connect": 203,
        "keyctl": 219,
        "execve": 221,
        "process_vm_readv": 270,
        "process_vm_writev": 271,
        "bpf": 280,
        "execveat": 281,
        "io_uring_setup": 425,
        "pidfd_getfd": 438,
    },
}
MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # linux/audit.h


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def confine() -> bool:
    """Give the calls up, for good. False where the system or machine has no such filter."""
    machine = platform.machine()
    if sys.platform != "linux" or machine not in REFUSED:
        return False
    program = _program(machine)
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    if prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    filled = _Program(len(program) // 8, program)
    return bool(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(filled), 0, 0) == 0)


def _program(machine: str) -> bytes:
    """Instructions of 8 bytes: code, jump when true, jump when false, operand."""
    numbers = sorted(REFUSED[machine].values())
    steps = [
        (LOAD_WORD, 0, 0, MACHINE_AT),
        (JUMP_IF_EQUAL, 1, 0, MACHINES[machine]),
        (RETURN, 0, 0, KILL),
        (LOAD_WORD, 0, 0, NUMBER_AT),
        (JUMP_IF_AT_LEAST, len(numbers) + 1, 0, OTHER_ABI),
        *((JUMP_IF_EQUAL, len(numbers) - n, 0, number) for n, number in enumerate(numbers)),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, REFUSE),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)
