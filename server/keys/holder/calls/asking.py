"""Who asks: a session with the rows that vouch for it; and the answer that says nothing."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Vouched:
    """A row as the database keeps it: its bytes, and the keyholder's mac over them."""

    body: bytes
    mac: bytes


@dataclass(frozen=True, slots=True)
class Device:
    """The browser that somebody sits at: its row, and the key out of its cookie."""

    row: Vouched
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Console:
    """Somebody at the machine itself; only a command says so, never a request from the network."""


Via = Device | Console


@dataclass(frozen=True, slots=True)
class Caller:
    """A session: its token, and the rows that say whose it is."""

    token: str = field(repr=False)
    session: Vouched
    account: Vouched
    device: Device | None = None  # None: it was made at the console


@dataclass(frozen=True, slots=True)
class Done:
    """It is done, and there is nothing to say."""
