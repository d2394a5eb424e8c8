"""Who asks, and what they may: judged by rows the keyholder vouched for, never by columns."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock

from contract.digest import H
from contract.head import ID_BYTES
from lot.clock import now_us
from lot.errors import RolledBack
from server.access.roles import Limit, Right, limit
from server.keys.holder import bodies, calls
from server.keys.holder.bodies import Account, Session
from server.keys.holder.calls import (
    GONE,
    Caller,
    Console,
    GrantPurpose,
    Range,
    Version,
    Via,
    Vouched,
)
from server.keys.holder.newest import Newest
from server.keys.holder.refusals import NeedsCode, NotAllowed, SignedOut
from server.keys.holder.vouching import Voucher

SESSION_S_MAX = 12 * 3600
GRANT_S = 10 * 60
EXPORT_S = 3600  # so long one that was begun in time may take; one that hangs keeps nothing open
_US = 1_000_000
EVERYWHERE = Range(None, None, None)
# Whoever may change what opens the vault may let people in: a slot is the greater of the two.
_SUFFICE: Mapping[GrantPurpose, frozenset[GrantPurpose]] = {
    "export": frozenset({"export"}),
    "erase": frozenset({"erase"}),
    "admit": frozenset({"admit", "manage_keys"}),
    "manage_keys": frozenset({"manage_keys"}),
}


@dataclass(frozen=True, slots=True)
class Present:
    """Who asks: an account through a session that both hold."""

    account: Account
    session: Session


@dataclass(frozen=True, slots=True)
class _Grant:
    purpose: GrantPurpose
    range: Range
    until_s: float


class Sessions:
    """Makes sessions and judges who asks; grants live in this process alone."""

    def __init__(
        self, voucher: Voucher, newest: Newest, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._voucher = voucher
        self._newest = newest
        self._monotonic = monotonic
        self._ends_s: dict[bytes, float] = {}
        self._grants: dict[bytes, list[_Grant]] = {}
        self._exports: dict[bytes, _Grant] = {}  # begun under a grant, by session
        self._lock = Lock()

    def account(self, row: Vouched) -> Account:
        """Return the account of a row that is vouched for and the newest; not a closed one."""
        found = self.newest_account(row)
        if found.closed:
            raise SignedOut("this account is closed", then="ask the owner")
        return found

    def newest_account(self, row: Vouched) -> Account:
        """Return the account of a row that is vouched for and the newest, be it closed."""
        self._voucher.check("accounts", row)
        found = bodies.account(row.body)
        self._newest.check(Version.of("accounts", found.id, found.version, row.body))
        return found

    def device(self, via: Via | None) -> bytes | None:
        """Return which approved device asks, None for the console; SignedOut for a stranger."""
        if via is None or isinstance(via, Console):
            return None
        self._voucher.check("devices", via.row)
        found = bodies.device(via.row.body)
        self._newest.check(Version.of("devices", found.id, found.version, via.row.body))
        if found.closed or not hmac.compare_digest(H(via.key.encode()), found.key_hash):
            raise SignedOut("this device is not approved", then="ask for its approval")
        return found.id

    def made(self, account: Account, device: bytes | None) -> tuple[str, Vouched, Session]:
        """Return a new session's token, its row, and what the row says."""
        token, now = secrets.token_urlsafe(32), now_us()
        token_hash = H(token.encode())
        session = Session(
            id=token_hash[:ID_BYTES],
            version=1,
            token_hash=token_hash,
            account=account.id,
            account_version=account.version,
            device=device,
            made=now,
            ends=now + SESSION_S_MAX * _US,
        )
        with self._lock:
            self._ends_s[session.id] = self._monotonic() + SESSION_S_MAX
        return token, self._voucher.vouched("sessions", bodies.encoded(session)), session

    def present(self, by: Caller) -> Present:
        """Return who asks; SignedOut where session, account or device do not hold together."""
        self._voucher.check("sessions", by.session)
        session, account = bodies.session(by.session.body), self.account(by.account)
        if not hmac.compare_digest(H(by.token.encode()), session.token_hash):
            raise SignedOut("this is not the session's token", then="sign in again")
        if (session.account, session.account_version) != (account.id, account.version):
            raise SignedOut("the account was changed", then="sign in again")
        if session.device is not None and self.device(by.device) != session.device:
            raise SignedOut("the session belongs to another device", then="sign in again")
        if self._has_ended(session) or self._newest.is_gone("sessions", session.id):
            raise SignedOut("the session has ended", then="sign in again")
        return Present(account, session)

    def end(self, session: Session) -> None:
        """End a session for good."""
        with suppress(RolledBack):  # it was ended at the same moment
            self._newest.put(Version("sessions", session.id, session.version, GONE))
        with self._lock:
            self._grants.pop(session.id, None)
            self._exports.pop(session.id, None)

    def grant(self, session: Session, purpose: GrantPurpose, asked: Range) -> calls.Granted:
        """Keep that a fresh code was right, for one purpose and one range."""
        until_s = self._monotonic() + GRANT_S
        with self._lock:
            self._grants[session.id] = [_Grant(purpose, asked, until_s)]
        return calls.Granted(purpose, asked, GRANT_S)

    def check_grant(self, session: Session, purpose: GrantPurpose, wanted: Range) -> None:
        """Refuse what no fresh code of this session covers."""
        with self._lock:
            grants = tuple(self._grants.get(session.id, ()))
        now = self._monotonic()
        if not any(
            one.purpose in _SUFFICE[purpose] and one.until_s > now and _covers(one.range, wanted)
            for one in grants
        ):
            raise NeedsCode(
                "this needs a fresh one-time code for its purpose and range",
                then="type the code that is shown now, or sign in anew at the console",
            )

    def begin_export(self, session: Session, range_: Range) -> None:
        """Note that an export was begun in time: it is signed also where it takes longer."""
        with self._lock:
            until_s = self._monotonic() + EXPORT_S
            self._exports[session.id] = _Grant("export", range_, until_s)

    def check_begun(self, session: Session, wanted: Range) -> None:
        """Refuse an export that neither was begun in time nor is covered by a fresh code now."""
        with self._lock:
            begun = self._exports.pop(session.id, None)
        now = self._monotonic()
        if begun is None or begun.until_s <= now or not _covers(begun.range, wanted):
            self.check_grant(session, "export", wanted)

    def is_exporting(self, by: Caller) -> bool:
        """Say whether a session, which was judged, has an export under way."""
        with self._lock:
            begun = self._exports.get(bodies.session(by.session.body).id)
        return begun is not None and begun.until_s > self._monotonic()

    def _has_ended(self, session: Session) -> bool:
        with self._lock:
            ends_s = self._ends_s.get(session.id)
        if ends_s is not None:  # made by this process: a clock that jumps changes nothing
            return self._monotonic() >= ends_s
        return not session.made <= now_us() < session.ends


def allowed(present: Present, right: Right) -> Limit:
    """Return how far somebody may go in their own lots; NotAllowed where not at all."""
    found = limit(present.account.role, right)
    if found is None:
        raise NotAllowed(
            f"{present.account.role.value}s may not do that",
            then="ask an owner, or sign in as another",
        )
    return found


def allowed_in(present: Present, right: Right, lot: bytes | None) -> Limit:
    """Return how far somebody may go in a lot; None is the whole server, which has all lots."""
    found, lots = allowed(present, right), present.account.lots
    if lots and lot is None:
        raise NotAllowed("this concerns every lot, and not all are yours", then="ask the owner")
    if lots and lot not in lots:
        raise NotAllowed("this lot is not yours to see", then="ask the owner")
    return found


def may_let_in(sessions: Sessions, by: Caller, lot: bytes | None) -> Present:
    """Return who asks for a person, browser or writer to be let in; a living session may not.

    Each of them outlives the session that let it in, so a web process that was taken over must not
    get it by a session that it sees: somebody typed a code for it.
    """
    present = sessions.present(by)
    allowed_in(present, Right.ADMINISTER, lot)
    sessions.check_grant(present.session, "admit", Range(lot, None, None))
    return present


def may_manage_keys(sessions: Sessions, by: Caller) -> Present:
    """Return who asks for slots, sheet or keeper to be changed; a living session alone may not.

    What comes of it opens the vault later on: for it too somebody typed a code.
    """
    present = sessions.present(by)
    allowed_in(present, Right.ADMINISTER, None)
    sessions.check_grant(present.session, "manage_keys", EVERYWHERE)
    return present


def _covers(granted: Range, wanted: Range) -> bool:
    if granted.lot is not None and granted.lot != wanted.lot:
        return False
    if granted.first is not None and (wanted.first is None or wanted.first < granted.first):
        return False
    return granted.last is None or (wanted.last is not None and wanted.last <= granted.last)
