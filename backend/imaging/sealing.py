"""Encryption of identities: AES-256-GCM under keys derived from the installation's secrets. Pure, given the secrets."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = b"\x01"
NAME_BYTES = 4
NONCE_BYTES = 12
HEAD_BYTES = len(VERSION) + NAME_BYTES + NONCE_BYTES


class CannotOpen(Exception):
    """Sealed under a key that is not here, damaged, or moved to another row."""


@dataclass(frozen=True)
class SealingKey:
    """name: tells under which key something is sealed, without telling the key."""

    name: bytes
    cipher: AESGCM


def sealing_key(secret: str) -> SealingKey:
    """The key that belongs to a secret (of much entropy: it is not stretched)."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"ninefold identities 1").derive(secret.encode())
    return SealingKey(hashlib.sha256(b"name" + derived).digest()[:NAME_BYTES], AESGCM(derived))


class Sealer:
    """Seals under the first key, opens under any."""

    def __init__(self, keys: Sequence[SealingKey]) -> None:
        if not keys:
            raise ValueError("need at least one key, got none")
        self.first = keys[0]
        self.by_name = {key.name: key for key in reversed(keys)}

    def seal(self, content: bytes, context: str) -> bytes:
        """Version, name of the key, nonce, and the encrypted content; it opens only with the same context."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        head = VERSION + self.first.name + nonce
        return head + self.first.cipher.encrypt(nonce, content, head[: -len(nonce)] + context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """The content. Raises CannotOpen."""
        head, key = sealed[:HEAD_BYTES], self.by_name.get(sealed[len(VERSION) : len(VERSION) + NAME_BYTES])
        if key is None or not head.startswith(VERSION):
            raise CannotOpen
        nonce = head[-NONCE_BYTES:]
        try:
            return key.cipher.decrypt(nonce, sealed[HEAD_BYTES:], head[:-NONCE_BYTES] + context.encode())
        except (InvalidTag, ValueError):
            raise CannotOpen from None

    def is_current(self, sealed: bytes) -> bool:
        """True when it is sealed under the first key."""
        return sealed.startswith(VERSION + self.first.name)
