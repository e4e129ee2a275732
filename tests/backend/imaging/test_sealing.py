"""What is sealed opens under its own key, in its own row, and not after a single bit has changed."""

from __future__ import annotations

import pytest

from backend.imaging.sealing import HEAD_BYTES, CannotOpen, Sealer, sealing_key

OLD, NEW = sealing_key("o" * 40), sealing_key("n" * 40)
WORDS = b'{"name": "Doe^Jane"}'


def test_what_is_sealed_opens_again_and_shows_nothing():
    sealed = Sealer([OLD]).seal(WORDS, "1/2/abc")
    assert Sealer([OLD]).open(sealed, "1/2/abc") == WORDS
    assert b"Doe" not in sealed
    assert Sealer([OLD]).seal(WORDS, "1/2/abc") != sealed, "each seal has a nonce of its own"


def test_it_opens_nowhere_else():
    sealed = Sealer([OLD]).seal(WORDS, "1/2/abc")
    for context in ("1/3/abc", "2/2/abc", "1/2/abd", ""):
        with pytest.raises(CannotOpen):
            Sealer([OLD]).open(sealed, context)


def test_another_key_cannot_open_it_and_an_added_key_can():
    sealed = Sealer([OLD]).seal(WORDS, "here")
    with pytest.raises(CannotOpen):
        Sealer([NEW]).open(sealed, "here")
    both = Sealer([NEW, OLD])
    assert both.open(sealed, "here") == WORDS
    assert not both.is_current(sealed)
    assert both.is_current(both.seal(WORDS, "here"))


def test_every_changed_byte_is_found():
    sealed = Sealer([OLD]).seal(WORDS, "here")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(CannotOpen):
            Sealer([OLD]).open(bytes(changed), "here")


@pytest.mark.parametrize("length", [0, 1, HEAD_BYTES, HEAD_BYTES + 3])
def test_what_is_cut_short_does_not_open(length):
    with pytest.raises(CannotOpen):
        Sealer([OLD]).open(Sealer([OLD]).seal(WORDS, "here")[:length], "here")


def test_without_a_key_there_is_no_sealer():
    with pytest.raises(ValueError, match="at least one key"):
        Sealer([])
