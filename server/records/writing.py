"""What people say and type in, and what was erased, written in the server's own name.

It needs no private key of the vault, so it goes on while that is locked. Each call is one
transaction, with the audit's line in it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from contract import event, sealing
from contract.audit import Low
from contract.canonical import Malformed
from contract.digest import H
from contract.event import Event
from contract.ids import RANDOM_BITS, uuid7
from contract.record import decoded
from lot.errors import WrongUsage
from server.records import statements
from server.records.own_chain import House, OwnChain, Said
from server.records.statements import CheckedOut, SaidKind, Saying, Settled, Statement
from server.retention.running import Gone
from server.store import audit_lines, records, settled, writers
from server.store.settled import Side

DESK = "desk"  # the camera of what a person typed in

_SURE = 1000  # thousandths: whoever typed a plate had it before their eyes
_STAMP_BYTES = 16


@dataclass(frozen=True, slots=True)
class Typed:
    """A car that no camera saw, or saw badly, as somebody at the desk types it in."""

    kind: SaidKind
    at: int  # µs UTC
    plate: str | None
    region: str | None = None
    photographs: Mapping[str, bytes] = field(default_factory=dict, repr=False)  # `vehicle`, …


class Writing:
    """Writes in the server's name; safe to share between threads, and beside other processes."""

    def __init__(self, house: House, key: Ed25519PrivateKey) -> None:
        self._house = house
        self._chain = OwnChain(house, key)

    @property
    def writer(self) -> bytes:
        return self._chain.writer

    def said(self, lot: bytes, by: bytes, says: Saying, *, reason: str | None = None) -> Statement:
        """Write down what an account says; the statement is kept when this returns."""
        now = self._now()
        told = Statement(_id(now), now, by, reason, says)
        self._house.database.write(lambda write: self._say(write, lot, told))
        return told

    def typed(self, lot: bytes, by: bytes, car: Typed) -> str:
        """Write an event that a person typed in; return its id. WrongUsage where it is none."""
        plain = self._plain(car)
        self._house.database.write(lambda write: self._type(write, lot, by, plain, car))
        return plain.id

    def erasures(self, write: Connection, gone: Sequence[Gone]) -> None:
        """Add the `erased` records and the audit's line to a transaction."""
        if self._signed_last(write, gone):
            return
        detail: dict[str, object] = {
            "keys": sum(len(one.erased.keys) for one in gone),
            "records": sum(one.erased.count or 0 for one in gone),
        }
        places = {one.lot for one in gone}
        turn = self._chain.turn(
            write, "erased", detail, lot=places.pop() if len(places) == 1 else None
        )
        for one in gone:
            now = self._now()
            turn.put(Said("erased", _id(now), one.lot, now, gone=one.erased))
        for writer in {one.erased.edge for one in gone} - {self.writer}:
            # What ingest remembers of the edge holds no more.
            if (edge := writers.found(write, writer)) is not None:
                writers.restamp(write, edge, secrets.token_bytes(_STAMP_BYTES))

    def low(self) -> None:
        """Write into the audit how far this chain goes: it is whole, being written here."""
        self._house.database.write(self._tell_low)

    def _tell_low(self, write: Connection) -> None:
        self._house.audit.line(write, "low", Low(self.writer, *self._chain.end(write)))

    def _say(self, write: Connection, lot: bytes, told: Statement) -> None:
        if records.of_ids(write, lot, self.writer, [told.id]):
            return  # the answer of a commit was lost, and all is done again
        detail = {"record": told.id, "what": statements.word(told.says)}
        turn = self._chain.turn(write, "statement", detail, lot=lot, actor=told.by)
        turn.put(Said("note", told.id, lot, told.at), {"note": statements.encoded(told)})
        for name, side in _settling(told.says):
            settled.put(write, lot, name, side, told.at)

    def _type(self, write: Connection, lot: bytes, by: bytes, plain: Event, car: Typed) -> None:
        if records.of_ids(write, lot, self.writer, [plain.id]):
            return
        turn = self._chain.turn(write, "typed", {"record": plain.id}, lot=lot, actor=by)
        whole = replace(plain, sequence=turn.next)
        contents = {sealing.picture(name): data for name, data in car.photographs.items()}
        turn.put(
            Said("event", whole.id, lot, whole.at, whole.camera, whole.kind),
            {"event": event.encoded(whole), **contents},
        )

    def _signed_last(self, read: Connection, gone: Sequence[Gone]) -> bool:
        """Say whether these erasures are the newest of the chain: the commit came about before."""
        places = sorted({one.lot for one in gone})
        last = records.last_of(read, places, self.writer)
        if last is None:
            return False
        first = last.sequence - len(gone) + 1
        signed = records.envelopes_from(read, places, self.writer, first)
        return [decoded(one).head.gone for one in signed] == [one.erased for one in gone]

    def _plain(self, car: Typed) -> Event:
        """Return the event but for its number, or say what is wrong with it."""
        try:
            for name, data in car.photographs.items():
                part = sealing.picture(name)
                sealing.check_size(part, sealing.sealed_size(part, len(data)))
            return self._event(car)
        except Malformed as fault:
            raise WrongUsage(f"this is no event: {fault}", then="type it in otherwise") from None

    def _event(self, car: Typed) -> Event:
        with self._house.database.read() as read:
            clock = self._house.clock.state(audit_lines.newest_time(read))
        return Event(
            id=_id(car.at),
            edge=self.writer.hex(),
            camera=DESK,
            lane=None,
            sequence=1,
            revision=1,
            final=True,
            kind=car.kind,
            kind_by=None if car.kind == "seen" else "person",
            refers=None,
            plate=car.plate,
            confidence=None if car.plate is None else _SURE,
            characters=(_SURE,) * len(car.plate or ""),
            alternatives=(),
            others=(),
            region=car.region,
            vehicle=None,
            direction=None,
            ways=(),
            first_seen=car.at,
            best_at=car.at,
            last_seen=car.at,
            frame=None,
            timecode=None,
            flags=(),
            reason=None,
            pictures={name: H(data).hex() for name, data in car.photographs.items()},
            models={},
            clock=event.Clock(clock, None),
        )

    def _now(self) -> int:
        return self._house.clock.now_us()


def _settling(says: Saying) -> Iterator[tuple[str, Side]]:
    """Yield where the car of an event is now, as far as edges are to know it."""
    if isinstance(says, Settled):
        yield says.event, says.side
    elif isinstance(says, CheckedOut):
        yield says.event, "out"


def _id(at: int) -> str:
    return uuid7(at, secrets.randbits(RANDOM_BITS))
