"""Vectors of numbers as text: base64 of little-endian float32, a quarter of what JSON would take."""

from __future__ import annotations

import base64
import binascii

import numpy as np
from numpy.typing import NDArray

_KIND = "<f4"


def vector_to_text(vector: NDArray[np.floating]) -> str:
    """A vector (D) as text."""
    return base64.b64encode(np.ascontiguousarray(vector, _KIND).tobytes()).decode("ascii")


def vector_from_text(text: str) -> NDArray[np.float32]:
    """The vector (D) of `vector_to_text`. Raises ValueError for anything else, and for numbers that are not finite."""
    try:
        vector = np.frombuffer(base64.b64decode(text, validate=True), _KIND)
    except (ValueError, binascii.Error) as error:
        raise ValueError(f"this is no vector of float32 ({error})") from error
    if not np.isfinite(vector).all():
        raise ValueError("a vector needs finite numbers")
    return vector.astype(np.float32)
