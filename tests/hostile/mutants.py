"""Sound files spoilt by chance: what a broken disk, a broken writer or a clumsy attacker makes of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Mutation = Callable[[np.random.Generator, bytearray], bytearray]

# Lengths, counts and signs at which parsers trip.
EDGES = (0, 1, 2, 7, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
HEAD = 2048  # most of a header lies here, where a spoilt byte says more than in the pixels


def flip_bits(rng: np.random.Generator, content: bytearray) -> bytearray:
    """One to sixteen bits."""
    for _ in range(rng.integers(1, 17)):
        content[_place(rng, content)] ^= 1 << int(rng.integers(8))
    return content


def overwrite(rng: np.random.Generator, content: bytearray) -> bytearray:
    """A run of up to 64 bytes of noise."""
    start = _place(rng, content)
    size = min(int(rng.integers(1, 65)), len(content) - start)
    content[start : start + size] = rng.bytes(size)
    return content


def cut(rng: np.random.Generator, content: bytearray) -> bytearray:
    """The end is missing."""
    return content[: int(rng.integers(0, len(content)))]


def remove(rng: np.random.Generator, content: bytearray) -> bytearray:
    """A piece is missing."""
    start = _place(rng, content)
    del content[start : start + int(rng.integers(1, 65))]
    return content


def repeat(rng: np.random.Generator, content: bytearray) -> bytearray:
    """A piece comes twice."""
    start = _place(rng, content)
    piece = content[start : start + int(rng.integers(1, 257))]
    content[start:start] = piece
    return content


def insert(rng: np.random.Generator, content: bytearray) -> bytearray:
    """Noise in between."""
    start = _place(rng, content)
    content[start:start] = rng.bytes(int(rng.integers(1, 65)))
    return content


def edge_value(rng: np.random.Generator, content: bytearray) -> bytearray:
    """A number at the edge of its type, where a length may be."""
    value, width = int(rng.choice(EDGES)), int(rng.choice([2, 4, 8]))
    start = _place(rng, content) & ~1
    written = (value & (2 ** (8 * width) - 1)).to_bytes(width, "little" if rng.integers(2) else "big")
    content[start : start + width] = written
    return content


def swap(rng: np.random.Generator, content: bytearray) -> bytearray:
    """Two pieces change places."""
    size = int(rng.integers(2, 33))
    a, b = sorted((_place(rng, content), _place(rng, content)))
    if b + size <= len(content) and a + size <= b:
        content[a : a + size], content[b : b + size] = content[b : b + size], content[a : a + size]
    return content


def digits(rng: np.random.Generator, content: bytearray) -> bytearray:
    """A written number becomes another: 9s, a sign, an exponent, nan."""
    places = [n for n in range(min(len(content), HEAD)) if 0x30 <= content[n] <= 0x39]
    if places:
        start = int(rng.choice(places))
        word = rng.choice([b"99999999", b"-1", b"1e308", b"nan", b"0", b"-0.0", b"inf"])
        content[start : start + len(word)] = word
    return content


MUTATIONS: tuple[Mutation, ...] = (
    flip_bits,
    overwrite,
    cut,
    remove,
    repeat,
    insert,
    edge_value,
    edge_value,
    swap,
    digits,
)


def mutant(rng: np.random.Generator, content: bytes) -> bytes:
    """The content after one to three mutations."""
    spoilt = bytearray(content)
    for _ in range(rng.integers(1, 4)):
        if spoilt:
            spoilt = MUTATIONS[rng.integers(len(MUTATIONS))](rng, spoilt)
    return bytes(spoilt)


def _place(rng: np.random.Generator, content: bytearray) -> int:
    """Three times out of four in the head of the file."""
    end = min(len(content), HEAD) if rng.integers(4) else len(content)
    return int(rng.integers(0, max(1, end)))
