"""Who has an account: added, changed and closed by an owner; the keyholder vouches for each row.

An account is never deleted, since audit lines name it: it is closed. Owners are made at the
console, where their slot is written with them.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import Connection

from contract import audit, canonical
from contract.audit import Act
from contract.digest import H
from contract.head import ID_BYTES
from contract.otp import SEED_BYTES
from lot.errors import Unwritable, WrongUsage
from server.access.ledger import Ledger
from server.access.roles import Role
from server.access.rows import SEEDS
from server.keys.holder import bodies, calls
from server.keys.holder.bodies import Account
from server.keys.holder.client import Keyholder
from server.keys.slots import Cost
from server.people.naming import check_name
from server.refusals import AlreadyThere, Changed, NotThere
from server.store import private_rows, vouched
from server.store.database import Database
from server.store.private_rows import PrivateRow
from server.store.tables import SERVER

PASSWORD_MIN, PASSWORD_MAX = 12, 1024
WITH_A_CODE = frozenset({Role.MANAGER, Role.AUDITOR})  # whoever exports types a code of their own


@dataclass(frozen=True, slots=True)
class Added:
    """A new account, and the seed for its authenticator, which is shown once."""

    account: Account
    seed: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class New:
    """Who is to be added."""

    name: str
    role: Role
    lots: tuple[bytes, ...]
    password: str | None = field(repr=False)  # None: a slot is made for them next


@dataclass(frozen=True, slots=True)
class People:
    """Keeps accounts."""

    database: Database
    keyholder: Keyholder
    ledger: Ledger
    pepper: Path

    def every(self) -> list[Account]:
        """Return all accounts, the closed ones too, by name."""
        with self.database.read() as read:
            return sorted(vouched.accounts_known(read), key=lambda one: one.name)

    def add(self, by: calls.Caller, new: New) -> Added:
        """Add somebody with a password; AlreadyThere where the name is taken."""
        check_name(new.name)
        with self.database.read() as read:
            if vouched.account_named(read, new.name) is not None:
                raise AlreadyThere("somebody has this name", then="choose another one")
        account = Account(
            id=secrets.token_bytes(ID_BYTES),
            version=1,
            name=new.name,
            role=new.role,
            lots=new.lots,
            password=None if new.password is None else self._password(by, new.password),
            code=new.password is not None and new.role in WITH_A_CODE,
            closed=False,
        )
        seed = os.urandom(SEED_BYTES) if account.code else None
        row = None if seed is None else self._seed_row(by, account.id, seed)
        self._keep(by, account, "user_added", lambda write: _put_seed(write, row))
        if row is not None:
            self._confirm(row.as_version)
        return Added(account, seed)

    def change(
        self,
        by: calls.Caller,
        id_: bytes,
        was: int,
        edit: Callable[[Account], Account],
        password: str | None = None,
    ) -> Account:
        """Keep what `edit` makes of an account; its sessions end. Changed where it is not at `was`.

        Whoever has a code of their own keeps it; another role than it was made for is added anew.
        Who is closed loses their slot: with a stolen card it would open the vault all the same.
        """
        with self.database.read() as read:
            row = vouched.found(read, "accounts", id_)
        if row is None:
            raise NotThere("there is no such account", then="look at the list again")
        known = bodies.account(row.body)
        if known.version != was:
            raise Changed("somebody changed it meanwhile", then="read it again")
        changed = replace(edit(known), version=was + 1)
        if password is not None:
            changed = replace(changed, password=self._password(by, password))
        kept = self._keep(by, changed, "user_changed", lambda _: None)
        if changed.closed:
            self.keyholder.forget_slot(by, id_, kept)
        return changed

    def _password(self, by: calls.Caller, password: str) -> bodies.Password:
        check_password(password)
        made = self.keyholder.password(calls.SetPassword(by, password, self._pepper()))
        return bodies.Password(made.salt, Cost(made.memory_kib, made.rounds), made.hash)

    def _pepper(self) -> bytes:
        try:
            return self.pepper.read_bytes()
        except OSError as error:
            raise Unwritable(
                f"no password can be kept: {self.pepper} cannot be read",
                then="run python -m server init, or put the file back",
            ) from error

    def _seed_row(self, by: calls.Caller, id_: bytes, seed: bytes) -> PrivateRow:
        content = canonical.encoded({"v": canonical.VERSION, "seed": seed})
        plain = calls.PlainRow(SEEDS, id_, 1, content)
        asked = calls.RowsSeal(by, None, (plain,))
        (sealed,) = self.keyholder.rows_seal(asked)
        return PrivateRow(SERVER, SEEDS, id_, 1, sealed.box)

    def _keep(
        self,
        by: calls.Caller,
        account: Account,
        act: Act,
        also: Callable[[Connection], list[audit.Row] | None],
    ) -> calls.Vouched:
        """Vouch, commit, confirm: a power cut between two of them leaves the older version good."""
        body = bodies.encoded(account)
        row = calls.Vouched(body, self.keyholder.vouch(calls.Vouch(by, "accounts", body)))
        actor = bodies.session(by.session.body).account
        detail = {
            "account": account.id,
            "name": account.name,
            "role": account.role.value,
            "lots": list(account.lots),
            "closed": account.closed,
        }

        def keep(write: Connection) -> None:
            if vouched.found(write, "accounts", account.id) == row:
                return  # a commit whose answer was lost
            if not vouched.put(write, "accounts", row):
                raise Changed("somebody changed it meanwhile", then="read it again")
            for line in also(write) or ():
                self.ledger.line(write, "row", line, actor=actor)
            self.ledger.line(write, act, detail, actor=actor)

        self.database.write(keep)
        self._confirm(calls.Version.of("accounts", account.id, account.version, body))
        return row

    def _confirm(self, version: calls.Version) -> None:
        self.keyholder.confirm_versions((version,))


def check_password(password: str) -> None:
    """Raise WrongUsage where a password is too short, also for whoever keeps accounts."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise WrongUsage(
            f"a password has from {PASSWORD_MIN} to {PASSWORD_MAX} characters",
            then="take another",
        )


def _put_seed(write: Connection, row: PrivateRow | None) -> list[audit.Row]:
    if row is None:
        return []
    private_rows.put(write, row)
    return [audit.Row(row.kind, row.id, row.version, H(row.box))]
