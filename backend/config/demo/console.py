"""What a command that tells its own progress keeps off the console."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def only_warnings() -> Iterator[None]:
    """Silence what is below a warning, also from loggers that are set up meanwhile."""
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
