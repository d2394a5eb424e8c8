"""The share keeper's messages: a second box gives its share of a key for a right code, once.

They hold by themselves, whoever carries them. Put and forget bear the vault's signature, so that
who stole the card cannot replace a seed; an ask bears the keyholder's, which lies on the card and
only says which box asks. A stranger's message is refused before it could cost anybody a miss.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from contract import canonical, signature
from contract.audit import SERVER_CLOCKS, ServerClock
from contract.canonical import Fields, Malformed, at_most, matching, sized, within
from contract.digest import DIGEST_BYTES, H
from contract.head import ID_BYTES
from contract.otp import CODE, RESULTS, SEED_BYTES, WAIT_MAX_S, Result, Typed

KEEPER = b"lot/keeper/1"
SHARE_BYTES = 32
BOX_KEY_BYTES = 32
MESSAGE_BYTES_MAX = 4 * 1024

Purpose = Literal["unlock", "rewrap", "confirm"]

_PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_HPKE_ADDS = 32 + 16  # the key drawn for it, and the tag
_PUT_SEALED_BYTES = SEED_BYTES + SHARE_BYTES + _HPKE_ADDS
_ANSWER_SEALED_BYTES = SHARE_BYTES + _HPKE_ADDS

_ADDRESSED = ("v", "type", "server", "keeper", "person")
_PUT_FIELDS = (*_ADDRESSED, "number", "sealed")
_FORGET_FIELDS = (*_ADDRESSED, "number")
_ASK_FIELDS = (*_ADDRESSED, "slot", "purpose", "eph", "code", "code2")
_ANSWER_FIELDS = ("v", "type", "ask", "result", "wait_s", "clock", "time", "sealed")


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a keeper keeps of one person: both always together."""

    seed: bytes = field(repr=False)
    share: bytes = field(repr=False)

    def __post_init__(self) -> None:
        sized("a seed", self.seed, SEED_BYTES)
        sized("a share", self.share, SHARE_BYTES)


@dataclass(frozen=True, slots=True)
class Parties:
    """Which server and which keeper speak of whom."""

    server: bytes
    keeper: bytes
    person: bytes

    def __post_init__(self) -> None:
        for name in ("server", "keeper", "person"):
            sized(name, getattr(self, name), ID_BYTES)


@dataclass(frozen=True, slots=True)
class Put:
    """Keep these secrets of a person that the keeper does not know yet."""

    parties: Parties
    number: int  # rises, so that none is played again
    sealed: bytes

    def __post_init__(self) -> None:
        within("number", self.number, 0)
        sized("sealed", self.sealed, _PUT_SEALED_BYTES)

    def message(self) -> dict[str, object]:
        return {**_put_clear(self.parties, self.number), "sealed": self.sealed}


@dataclass(frozen=True, slots=True)
class Forget:
    """Destroy a person's secrets, and with them the slot that needs the share."""

    parties: Parties
    number: int

    def __post_init__(self) -> None:
        within("number", self.number, 0)

    def message(self) -> dict[str, object]:
        return {**_addressed("forget", self.parties), "number": self.number}


@dataclass(frozen=True, slots=True)
class Ask:
    """A person typed a code: is it right, and what is the share?"""

    parties: Parties
    slot: bytes
    purpose: Purpose
    eph: bytes  # drawn for this ask alone: the share comes back under it
    typed: Typed

    def __post_init__(self) -> None:
        sized("slot", self.slot, ID_BYTES)
        sized("eph", self.eph, BOX_KEY_BYTES)

    def message(self) -> dict[str, object]:
        return {
            **_addressed("ask", self.parties),
            "slot": self.slot,
            "purpose": self.purpose,
            "eph": self.eph,
            "code": self.typed.code,
            "code2": self.typed.code2,
        }


Request = Put | Forget | Ask


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer says in clear."""

    result: Result
    wait_s: int
    clock: ServerClock
    time: int  # µs UTC, by the keeper's clock

    def __post_init__(self) -> None:
        within("wait_s", self.wait_s, 0, WAIT_MAX_S)
        within("time", self.time, 0)


@dataclass(frozen=True, slots=True)
class Answer:
    """The keeper's answer to one request; a share comes with a `yes` to an ask that needs it."""

    ask: bytes  # H of the request
    said: Said
    sealed: bytes | None

    def __post_init__(self) -> None:
        sized("ask", self.ask, DIGEST_BYTES)
        sized("sealed", self.sealed, _ANSWER_SEALED_BYTES)


@dataclass(frozen=True, slots=True)
class Pinned:
    """What a keeper pinned when it was paired."""

    server: bytes
    keeper: bytes
    vault_sign: bytes
    keyholder: bytes


def put_made(parties: Parties, number: int, secrets: Secrets, box: bytes) -> Put:
    """Return the message that brings a person's secrets to the keeper with this HPKE key."""
    clear = _put_clear(parties, number)
    return Put(parties, number, _sealed(secrets.seed + secrets.share, box, clear))


@canonical.reading("a put to this keeper")
def put_opened(put: Put, box: X25519PrivateKey) -> Secrets:
    """Return the secrets that a put brings."""
    plain = _unsealed(put.sealed, box, _put_clear(put.parties, put.number))
    return Secrets(plain[:SEED_BYTES], plain[SEED_BYTES:])


def request_signed(request: Request, key: Ed25519PrivateKey) -> bytes:
    """Return a message's bytes, signed by the vault, or by the keyholder where it is an ask."""
    return signature.signed(key, KEEPER, canonical.encoded(request.message()))


@canonical.reading("a message to this keeper")
def request_opened(data: bytes, pinned: Pinned) -> Request:
    """Return a message to this keeper whose type agrees with who signed it."""
    at_most("it", data, MESSAGE_BYTES_MAX)
    said, is_vault = _signed_by(data, pinned)
    request = _request(canonical.decoded(said, bytes_max=MESSAGE_BYTES_MAX))
    if is_vault == isinstance(request, Ask):
        raise Malformed("its type is not one that its signer may send")
    if (request.parties.server, request.parties.keeper) != (pinned.server, pinned.keeper):
        raise Malformed("it is for another keeper")
    return request


def answer_signed(
    request: Request, said: Said, share: bytes | None, key: Ed25519PrivateKey
) -> bytes:
    """Return the keeper's answer; the share goes in where the request and `yes` ask for it."""
    clear = _answer_clear(hashed(request), said)
    sealed = None
    if _bears_share(request, said.result):
        if share is None or not isinstance(request, Ask):
            raise ValueError("a yes to this ask bears the share")
        sealed = _sealed(share, request.eph, clear)
    return signature.signed(key, KEEPER, canonical.encoded({**clear, "sealed": sealed}))


@canonical.reading("an answer of the paired keeper")
def answer_opened(data: bytes, keeper_sign: bytes, request: Request) -> Answer:
    """Return the keeper's answer to our own request."""
    at_most("it", data, MESSAGE_BYTES_MAX)
    said = signature.unsigned(keeper_sign, data, KEEPER)
    read = Fields(canonical.decoded(said, bytes_max=MESSAGE_BYTES_MAX), _ANSWER_FIELDS)
    read.version()
    read.word("type", ("answer",))
    answer = Answer(
        ask=read.octets("ask"),
        said=Said(
            result=read.word("result", RESULTS),
            wait_s=read.whole("wait_s"),
            clock=read.word("clock", SERVER_CLOCKS),
            time=read.whole("time"),
        ),
        sealed=read.either("sealed", read.octets),
    )
    if answer.ask != hashed(request):
        raise Malformed("it answers another message")
    if (answer.sealed is not None) != _bears_share(request, answer.said.result):
        raise Malformed("it bears a share where none belongs, or none where one does")
    return answer


@canonical.reading("a share for this ask")
def share_opened(answer: Answer, eph: X25519PrivateKey) -> bytes | None:
    """Return the share that an answer bears, None where it bears none."""
    if answer.sealed is None:
        return None
    return _unsealed(answer.sealed, eph, _answer_clear(answer.ask, answer.said))


def hashed(request: Request) -> bytes:
    """Return what an answer calls the message that it answers."""
    return H(canonical.encoded(request.message()))


def box_half(key: X25519PrivateKey) -> bytes:
    """Return the public half of a key for HPKE."""
    return key.public_key().public_bytes_raw()


def _signed_by(data: bytes, pinned: Pinned) -> tuple[bytes, bool]:
    """Return the signed message, and whether the vault signed it and not the keyholder."""
    try:
        return signature.unsigned(pinned.vault_sign, data, KEEPER), True
    except Malformed:
        return signature.unsigned(pinned.keyholder, data, KEEPER), False


def _request(value: Mapping[str, object]) -> Request:
    kind = value.get("type")
    if kind == "put":
        read = Fields(value, _PUT_FIELDS)
        return Put(_parties(read), read.whole("number"), read.octets("sealed"))
    if kind == "forget":
        read = Fields(value, _FORGET_FIELDS)
        return Forget(_parties(read), read.whole("number"))
    if kind == "ask":
        return _ask(Fields(value, _ASK_FIELDS))
    raise Malformed("its type is unknown")


def _ask(read: Fields) -> Ask:
    code, code2 = read.text("code"), read.either("code2", read.text)
    matching("code", code, CODE)
    matching("code2", code2, CODE)
    return Ask(
        _parties(read),
        slot=read.octets("slot"),
        purpose=read.word("purpose", _PURPOSES),
        eph=read.octets("eph"),
        typed=Typed(code, code2),
    )


def _parties(read: Fields) -> Parties:
    read.version()
    return Parties(read.octets("server"), read.octets("keeper"), read.octets("person"))


def _bears_share(request: Request, result: Result) -> bool:
    return isinstance(request, Ask) and request.purpose != "confirm" and result == "yes"


def _addressed(kind: str, parties: Parties) -> dict[str, object]:
    return {
        "v": canonical.VERSION,
        "type": kind,
        "server": parties.server,
        "keeper": parties.keeper,
        "person": parties.person,
    }


def _put_clear(parties: Parties, number: int) -> dict[str, object]:
    return {**_addressed("put", parties), "number": number}


def _answer_clear(ask: bytes, said: Said) -> dict[str, object]:
    return {
        "v": canonical.VERSION,
        "type": "answer",
        "ask": ask,
        "result": said.result,
        "wait_s": said.wait_s,
        "clock": said.clock,
        "time": said.time,
    }


def _sealed(plain: bytes, box: bytes, clear: Mapping[str, object]) -> bytes:
    """Seal for a key, bound to the message around it; Malformed for a key of small order."""
    try:
        key = X25519PublicKey.from_public_bytes(box)
        return _SUITE.encrypt(plain, key, info=_info(clear))
    except ValueError:
        raise Malformed("nothing can be sealed for its key") from None


def _unsealed(sealed: bytes, box: X25519PrivateKey, clear: Mapping[str, object]) -> bytes:
    try:
        return _SUITE.decrypt(sealed, box, info=_info(clear))
    except (InvalidTag, ValueError):
        raise Malformed("what it seals was altered, or is for another key") from None


def _info(clear: Mapping[str, object]) -> bytes:
    return b"lot/share/1" + H(canonical.encoded(clear))
