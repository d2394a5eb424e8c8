"""What the keyholder vouches for: accounts, devices and sessions, as the bytes under its mac.

The columns beside such a body in the database are copies to look things up by. What is decided
is decided by the body, its mac and its being the newest version.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from typing import ClassVar, Literal, get_args

from contract import canonical
from contract.canonical import CONTROLS, Fields, Malformed, at_most, matching, sized, within
from contract.digest import DIGEST_BYTES
from contract.head import ID_BYTES
from server.access.roles import Role
from server.keys.slots import SALT_BYTES, Cost

Table = Literal["accounts", "devices", "sessions"]

BODY_BYTES_MAX = 16 * 1024
LOTS_MAX = 128

_NAME = re.compile(rf"[^{CONTROLS}]{{1,64}}")
_ROLES = tuple(role.value for role in Role)
_PASSWORD_HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class Password:
    """How a password is recognised of who has no slot."""

    salt: bytes
    cost: Cost
    hash: bytes = field(repr=False)

    def __post_init__(self) -> None:
        sized("a password's salt", self.salt, SALT_BYTES)
        sized("a password's hash", self.hash, _PASSWORD_HASH_BYTES)


@dataclass(frozen=True, slots=True)
class Account:
    """A person: the id is also the slot's, the door's and the keeper's."""

    TABLE: ClassVar[Table] = "accounts"

    id: bytes
    version: int
    name: str
    role: Role
    lots: tuple[bytes, ...]  # none: every lot, also those to come
    password: Password | None  # None: who has a slot, or may not sign in yet
    code: bool  # has a one-time code of its own, whose seed is a private row of the same id
    closed: bool  # may not sign in any more

    def __post_init__(self) -> None:
        _identified(self.id, self.version)
        matching("an account's name", self.name, _NAME)
        at_most("lots", self.lots, LOTS_MAX)
        for lot in self.lots:
            sized("a lot", lot, ID_BYTES)


@dataclass(frozen=True, slots=True)
class Device:
    """A browser that was approved: the key in its cookie is kept as its hash."""

    TABLE: ClassVar[Table] = "devices"

    id: bytes
    version: int
    name: str
    key_hash: bytes
    approved_by: bytes
    made: int
    is_desk: bool  # may stay unlocked over a working day
    closed: bool

    def __post_init__(self) -> None:
        _identified(self.id, self.version)
        matching("a device's name", self.name, _NAME)
        sized("key_hash", self.key_hash, DIGEST_BYTES)
        sized("approved_by", self.approved_by, ID_BYTES)
        within("made", self.made, 0)


@dataclass(frozen=True, slots=True)
class Session:
    """That somebody signed in: the token itself is with the person only."""

    TABLE: ClassVar[Table] = "sessions"

    id: bytes  # the first half of the token's hash
    version: int
    token_hash: bytes
    account: bytes
    account_version: int  # a changed account signs in anew
    device: bytes | None  # None: the console
    made: int
    ends: int

    def __post_init__(self) -> None:
        _identified(self.id, self.version)
        sized("token_hash", self.token_hash, DIGEST_BYTES)
        sized("account", self.account, ID_BYTES)
        sized("device", self.device, ID_BYTES)
        for name in ("account_version", "made", "ends"):
            within(name, getattr(self, name), 0)
        if self.id != self.token_hash[:ID_BYTES]:
            raise Malformed("a session's id is not that of its token")


Body = Account | Device | Session


def encoded(body: Body) -> bytes:
    """Return the bytes that are vouched for."""
    said = _account(body) if isinstance(body, Account) else _flat(body)
    return canonical.encoded({"v": canonical.VERSION, **said})


@canonical.reading("an account's row")
def account(data: bytes) -> Account:
    """Return the account that bytes spell; Damaged for all others."""
    read = _fields(data, Account)
    return Account(
        id=read.octets("id"),
        version=read.whole("version"),
        name=read.text("name"),
        role=Role(read.word("role", _ROLES)),
        lots=read.entries("lots", canonical.octets),
        password=read.either("password", lambda name: _password(read, name)),
        code=read.truth("code"),
        closed=read.truth("closed"),
    )


@canonical.reading("a device's row")
def device(data: bytes) -> Device:
    """Return the device that bytes spell; Damaged for all others."""
    read = _fields(data, Device)
    return Device(
        id=read.octets("id"),
        version=read.whole("version"),
        name=read.text("name"),
        key_hash=read.octets("key_hash"),
        approved_by=read.octets("approved_by"),
        made=read.whole("made"),
        is_desk=read.truth("is_desk"),
        closed=read.truth("closed"),
    )


@canonical.reading("a session's row")
def session(data: bytes) -> Session:
    """Return the session that bytes spell; Damaged for all others."""
    read = _fields(data, Session)
    return Session(
        id=read.octets("id"),
        version=read.whole("version"),
        token_hash=read.octets("token_hash"),
        account=read.octets("account"),
        account_version=read.whole("account_version"),
        device=read.either("device", read.octets),
        made=read.whole("made"),
        ends=read.whole("ends"),
    )


def decoded(table: Table, data: bytes) -> Body:
    """Return what a row of a table says."""
    if table == "accounts":
        return account(data)
    return device(data) if table == "devices" else session(data)


def _identified(id_: bytes, version: int) -> None:
    sized("id", id_, ID_BYTES)
    within("version", version, 1)


def _fields(data: bytes, kind: type[Body]) -> Fields:
    read = Fields(
        canonical.decoded(data, bytes_max=BODY_BYTES_MAX),
        ("v", *(one.name for one in fields(kind))),
    )
    read.version()
    return read


def _password(outer: Fields, name: str) -> Password:
    read = outer.inside(name, ("salt", "m", "t", "hash"))
    cost = Cost(read.whole("m"), read.whole("t"))
    return Password(read.octets("salt"), cost, read.octets("hash"))


def _account(body: Account) -> dict[str, object]:
    said = {**_flat(body), "role": body.role.value}
    if body.password is not None:
        said["password"] = {
            "salt": body.password.salt,
            "m": body.password.cost.memory_kib,
            "t": body.password.cost.rounds,
            "hash": body.password.hash,
        }
    return said


def _flat(body: Body) -> dict[str, object]:
    return {one.name: getattr(body, one.name) for one in fields(body)}


TABLES: tuple[Table, ...] = get_args(Table)
