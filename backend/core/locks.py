"""Locks that PostgreSQL holds for as long as the connection lives: for work that is too long for a transaction."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def try_lock(name: str, number: int) -> Iterator[bool]:
    """Yield True while this connection holds the lock, False when another one does. A lost process loses it too."""
    space = zlib.crc32(name.encode()) - 2**31  # the two keys of an advisory lock are signed 32-bit integers
    key = (number + 2**31) % 2**32 - 2**31
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [space, key])
        (held,) = cursor.fetchone()
    try:
        yield held
    finally:
        if held:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [space, key])
