"""Slots, as in disk encryption: any one of them opens the vault key, which opens the rest.

A passphrase, a phone or a keeper is replaced by writing a slot anew, without touching a record.
Nothing else on the machine confirms a passphrase: signing in is opening the slot.
"""

import os
from dataclasses import dataclass, field
from typing import Literal, get_args

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from contract import canonical
from contract.canonical import Fields, Malformed, sized, within
from contract.codes import RECOVERY_BYTES
from contract.head import ID_BYTES
from contract.keeper import SHARE_BYTES
from contract.otp import SEED_BYTES
from lot.errors import Refused

Kind = Literal["pass", "pass+share", "recovery"]

VAULT_KEY_BYTES = 32
SALT_BYTES = 16
NONCE_BYTES = 12
TAG_BYTES = 16
SLOT_BYTES_MAX = 4 * 1024

# So that an altered slot can neither weaken nor stall: 19 MiB is the least that OWASP takes,
# and 256 MiB is what a Pi 3 has left beside the rest.
MEMORY_KIB_MIN = 19 * 1024
MEMORY_KIB_MAX = 256 * 1024
ROUNDS_MAX = 10
_LANES = 1  # a Pi's other cores serve the lot meanwhile, and every machine makes the same key

_KINDS: tuple[Kind, ...] = get_args(Kind)
_FIELDS = ("v", "id", "kind", "person", "salt", "m", "t", "keeper", "made", "box")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess at a passphrase costs."""

    memory_kib: int = 64 * 1024  # with three rounds about two seconds on a Pi 3
    rounds: int = 3

    def __post_init__(self) -> None:
        within("m", self.memory_kib, MEMORY_KIB_MIN, MEMORY_KIB_MAX)
        within("t", self.rounds, 1, ROUNDS_MAX)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a slot says in clear, bound to what it holds."""

    id: bytes
    kind: Kind
    person: bytes | None
    salt: bytes
    cost: Cost | None
    keeper: bytes | None
    made: int  # µs UTC

    def __post_init__(self) -> None:
        for name in ("id", "person", "keeper"):
            sized(name, getattr(self, name), ID_BYTES)
        sized("salt", self.salt, SALT_BYTES)
        within("made", self.made, 0)
        is_recovery = self.kind == "recovery"
        if (self.person is None) != is_recovery or (self.cost is None) != is_recovery:
            raise Malformed("person, m and t are null in a recovery slot, and there alone")
        if (self.keeper is not None) != (self.kind == "pass+share"):
            raise Malformed("keeper is for a slot with a share")


@dataclass(frozen=True, slots=True)
class Slot:
    """One way to the vault key."""

    terms: Terms
    box: bytes

    def __post_init__(self) -> None:
        held = VAULT_KEY_BYTES + (SEED_BYTES if self.terms.kind == "pass" else 0)
        sized("box", self.box, NONCE_BYTES + held + TAG_BYTES)


@dataclass(frozen=True, slots=True)
class Held:
    """What a slot holds; the seed lies in it in local mode only."""

    vault_key: bytes = field(repr=False)
    seed: bytes | None = field(default=None, repr=False)


def terms_drawn(
    kind: Kind, *, made: int, person: bytes | None, cost: Cost | None, keeper: bytes | None
) -> Terms:
    """Return the terms of a new slot, with an id and a salt of its own."""
    return Terms(os.urandom(ID_BYTES), kind, person, os.urandom(SALT_BYTES), cost, keeper, made)


def kek_of_passphrase(terms: Terms, passphrase: bytes, share: bytes | None = None) -> bytes:
    """Return the key of a slot from a passphrase's bytes and, where it has a keeper, the share.

    This is the dear step: seconds on a Pi, and the memory that the terms name.
    """
    if terms.cost is None:
        raise Refused("a passphrase opens no recovery slot", then="type the recovery code")
    sized("the share", share, SHARE_BYTES)
    if (share is None) != (terms.keeper is None):
        raise Refused("the slot and the share do not belong together", then="ask the keeper again")
    return _kek(terms, stretched(passphrase, terms.salt, terms.cost) + (share or b""))


def stretched(secret: bytes, salt: bytes, cost: Cost) -> bytes:
    """Return 32 bytes of what a person remembers, as dear to guess as `cost` says."""
    return Argon2id(
        salt=salt,
        length=32,
        iterations=cost.rounds,
        lanes=_LANES,
        memory_cost=cost.memory_kib,
    ).derive(secret)


def kek_of_recovery(terms: Terms, code: bytes) -> bytes:
    """Return the key of a recovery slot from the 20 bytes on the sheet."""
    sized("the recovery code", code, RECOVERY_BYTES)
    if terms.kind != "recovery":
        raise Refused("a recovery code opens no such slot", then="type the passphrase")
    return _kek(terms, code)


def sealed(terms: Terms, kek: bytes, held: Held) -> Slot:
    """Return the slot that holds the vault key, and in local mode the seed."""
    if (held.seed is not None) != (terms.kind == "pass"):
        raise Malformed("a seed lies in a slot of kind pass, and there alone")
    nonce = os.urandom(NONCE_BYTES)
    plain = held.vault_key + (held.seed or b"")
    return Slot(terms, nonce + AESGCM(kek).encrypt(nonce, plain, _bound(terms)))


def opened(slot: Slot, kek: bytes) -> Held:
    """Return what a slot holds; Refused where its key is another one.

    A wrong passphrase, a wrong share and an altered slot cannot be told apart, nor should they be.
    """
    nonce, ciphertext = slot.box[:NONCE_BYTES], slot.box[NONCE_BYTES:]
    try:
        plain = AESGCM(kek).decrypt(nonce, ciphertext, _bound(slot.terms))
    except InvalidTag:
        raise Refused("this does not open the vault", then="try again") from None
    return Held(plain[:VAULT_KEY_BYTES], plain[VAULT_KEY_BYTES:] or None)


def encoded(slot: Slot) -> bytes:
    """Return the file of a slot."""
    return canonical.encoded({**_clear(slot.terms), "box": slot.box})


@canonical.reading("a slot")
def decoded(data: bytes) -> Slot:
    """Return the slot of a file; Damaged for all other bytes."""
    read = Fields(canonical.decoded(data, bytes_max=SLOT_BYTES_MAX), _FIELDS)
    read.version()
    memory_kib, rounds = read.either("m", read.whole), read.either("t", read.whole)
    if (memory_kib is None) != (rounds is None):
        raise Malformed("m and t are not known together")
    terms = Terms(
        id=read.octets("id"),
        kind=read.word("kind", _KINDS),
        person=read.either("person", read.octets),
        salt=read.octets("salt"),
        cost=None if memory_kib is None or rounds is None else Cost(memory_kib, rounds),
        keeper=read.either("keeper", read.octets),
        made=read.whole("made"),
    )
    return Slot(terms, read.octets("box"))


def _kek(terms: Terms, secret: bytes) -> bytes:
    info = b"lot/kek/1" + terms.kind.encode()
    return HKDF(SHA256(), length=32, salt=terms.salt, info=info).derive(secret)


def _bound(terms: Terms) -> bytes:
    return b"lot/slot/1" + canonical.encoded(_clear(terms))


def _clear(terms: Terms) -> dict[str, object]:
    return {
        "v": canonical.VERSION,
        "id": terms.id,
        "kind": terms.kind,
        "person": terms.person,
        "salt": terms.salt,
        "m": terms.cost and terms.cost.memory_kib,
        "t": terms.cost and terms.cost.rounds,
        "keeper": terms.keeper,
        "made": terms.made,
    }
