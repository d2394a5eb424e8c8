"""Signing in and out, and shutting the vault: the keyholder decides, this keeps the session's row.

A wrong name is answered like a wrong passphrase, and both are written down: an owner shall see who
tried.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from contract.audit import Act, ServerClock
from contract.otp import Typed
from lot.errors import Refused
from server.access.ledger import Ledger
from server.access.refusing import Refusal, Refusals
from server.access.rows import SEEDS
from server.keys.holder import bodies, calls
from server.keys.holder.client import Keyholder
from server.keys.holder.refusals import Closed, MustWait, NotThem
from server.store import private_rows, vouched
from server.store.database import Database
from server.store.tables import SERVER

HERE = "console"
Answer = TypeVar("Answer", calls.Admission, calls.Granted)


class Carrier(Protocol):
    """Brings a message to the share keeper and its answer back."""

    def carried(self, asked: calls.AskKeeper) -> bytes:
        """Return the keeper's answer."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody typed."""

    name: str
    secret: str
    typed: Typed | None


@dataclass(frozen=True, slots=True)
class Door:
    """The way in."""

    database: Database
    keyholder: Keyholder
    ledger: Ledger
    carrier: Carrier
    pepper: Path
    clock: Callable[[], ServerClock]
    opened: Callable[[calls.Caller], None]  # by whom, when the vault was shut before
    refusals: Refusals

    def sign_in(self, attempt: Attempt, via: calls.Via, address: str = HERE) -> calls.Admission:
        """Let somebody in, whose session's row is then kept; refused as the keyholder refuses."""
        with self.database.read() as connection:
            account = vouched.account_named(connection, attempt.name)
        if account is None:
            self._refused(None, "unknown", address)
            raise NotThem("this is not right", then="type name, passphrase and code again")
        said = bodies.account(account.body)
        try:
            admission = self._asked(said, account, attempt, via)
        except Refused as error:
            self._refused(said.id, _why(error), address)
            raise
        self.database.write(lambda connection: self._admitted(connection, admission))
        self._went_in(admission, account, via)
        return admission

    def recover(self, account: calls.Vouched, code: str, via: calls.Via) -> calls.Admission:
        """Open the vault with the recovery sheet, as the owner whose account this is."""
        try:
            admission = self.keyholder.recover(calls.Recover(account, code, via))
        except Refused as error:
            self._refused(bodies.account(account.body).id, _why(error), HERE)
            raise
        self.database.write(lambda connection: self._admitted(connection, admission, "recover"))
        self._went_in(admission, account, via)
        return admission

    def confirm(
        self, by: calls.Caller, purpose: calls.GrantPurpose, range_: calls.Range, typed: Typed
    ) -> calls.Granted:
        """Take a fresh code for one purpose and one range."""
        account = bodies.account(by.account.body)
        asked = calls.Confirm(by, typed, purpose, range_, self._seed(account), self.clock())
        found = self.keyholder.confirm(asked)
        if isinstance(found, calls.AskKeeper):
            found = self._gone_on(found, calls.Granted)
        detail = {"purpose": purpose, "first": range_.first, "last": range_.last}
        self.database.write(
            lambda connection: self.ledger.line(
                connection, "confirm", detail, lot=range_.lot, actor=account.id
            )
        )
        return found

    def sign_out(self, by: calls.Caller) -> None:
        """End a session; a copy of its row that is put back does not bring it back."""
        session = bodies.session(by.session.body)

        def end(connection: Connection) -> None:
            vouched.drop(connection, "sessions", session.id)
            self.ledger.line(connection, "sign_out", actor=session.account)

        self.keyholder.sign_out(by)
        self.database.write(end)

    def lock(self, by: calls.Caller | calls.Console, account: bytes | None) -> None:
        """Shut the vault; sessions stay, and are told that it is locked."""
        self.database.write(lambda connection: self.ledger.line(connection, "lock", actor=account))
        self.keyholder.lock(by)

    def _asked(
        self, said: bodies.Account, account: calls.Vouched, attempt: Attempt, via: calls.Via
    ) -> calls.Admission:
        if said.password is None:
            if attempt.typed is None:
                raise NotThem("this is not right", then="type passphrase and code")
            unlock = calls.Unlock(account, attempt.secret, attempt.typed, via, self.clock())
            found = self.keyholder.unlock(unlock)
            if isinstance(found, calls.AskKeeper):
                return self._gone_on(found, calls.Admission)
            return found
        pepper = self.pepper.read_bytes()
        seed = self._seed(said)
        return self.keyholder.sign_in(
            calls.SignIn(account, attempt.secret, pepper, attempt.typed, seed, via, self.clock())
        )

    def _gone_on(self, asked: calls.AskKeeper, kind: type[Answer]) -> Answer:
        answer = self.carrier.carried(asked)
        found = self.keyholder.go_on(calls.GoOn(asked.ticket, answer))
        assert isinstance(found, kind)
        return found

    def _seed(self, said: bodies.Account) -> calls.SealedRow | None:
        if not said.code:
            return None
        with self.database.read() as connection:
            row = private_rows.found(connection, SERVER, SEEDS, said.id)
        return None if row is None else calls.SealedRow(SEEDS, said.id, row.version, row.box)

    def _admitted(
        self, connection: Connection, admission: calls.Admission, how: Act = "sign_in"
    ) -> None:
        vouched.drop_ended(connection, bodies.session(admission.session.body).made)
        vouched.put(connection, "sessions", admission.session)
        act: Act = "unlock" if admission.opened_vault and how == "sign_in" else how
        self.ledger.line(connection, act, actor=admission.identity.account)

    def _went_in(self, admission: calls.Admission, account: calls.Vouched, via: calls.Via) -> None:
        if admission.opened_vault:
            device = via if isinstance(via, calls.Device) else None
            self.opened(calls.Caller(admission.token, admission.session, account, device))

    def _refused(self, account: bytes | None, why: str, address: str) -> None:
        refusal = Refusal("sign_in_refused", "sign_in", why, address, account, None)
        self.refusals.note(refusal)


def _why(error: Refused) -> str:
    """Return a word for the audit; a wrong passphrase and a wrong code are one."""
    return {NotThem: "wrong", MustWait: "waits", Closed: "closed"}.get(type(error), "refused")
