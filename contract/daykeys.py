"""The day keys of one writer: one a class, drawn anew when its day or its room ends.

They are never written down. A process that starts or forks draws its own, so no two processes
seal under one key, whose nonces are a counter.
"""

import os
import secrets
import threading
from collections.abc import Hashable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from contract.sealing import DAY_KEY_BYTES, DayKey, KeyClass, Spent, class_of
from contract.wrap import Wrap, rsa_id, wrapped


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed part, and the wrap that must be kept wherever the part is."""

    part: bytes
    wrap: Wrap


@dataclass(frozen=True, slots=True)
class _Living:
    day: Hashable
    wrap: Wrap
    key: DayKey


class DayKeys:
    """Seals a writer's parts, drawing a day key whenever the last may no longer be used."""

    def __init__(self, writer: bytes) -> None:
        self._writer = writer
        self._begin()

    def sealed(
        self,
        content: bytes,
        *,
        head_hash: bytes,
        name: str,
        under: RSAPublicKey,
        day: Hashable,
        now: int,
    ) -> Sealed:
        """Seal at once; `day` is the lot's own, another one begins at its midnight."""
        if self._process != os.getpid():
            self._begin()  # a lock that another thread held at the fork is never let go
        with self._lock:
            living = self._living.get(class_of(name))
            if living is None or living.day != day or living.wrap.rsa != rsa_id(under):
                living = self._drawn(name, under, day, now)
            try:
                part = living.key.sealed(content, head_hash=head_hash, name=name)
            except Spent:
                living = self._drawn(name, under, day, now)
                part = living.key.sealed(content, head_hash=head_hash, name=name)
        return Sealed(part, living.wrap)

    def _begin(self) -> None:
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._living: dict[KeyClass, _Living] = {}

    def _drawn(self, name: str, under: RSAPublicKey, day: Hashable, now: int) -> _Living:
        secret, key_class = secrets.token_bytes(DAY_KEY_BYTES), class_of(name)
        wrap = wrapped(secret, under, writer=self._writer, key_class=key_class, made=now)
        living = _Living(day, wrap, DayKey(wrap.key_id, key_class, secret))
        self._living[key_class] = living
        return living
