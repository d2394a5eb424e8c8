"""Who may write: certificates, invitations, enrolment."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Lock

from contract import codes, enrolment, macs, tokens, trust
from contract.codes import SECRET_BYTES, Invitation
from contract.enrolment import STATE_KEY_BYTES, Request, Welcome
from contract.trust import Certificate
from lot.clock import now_us
from lot.errors import Refused, WrongCode
from server.access.roles import Right
from server.access.rows import API_ROWS
from server.keys.folder import read
from server.keys.holder import calls, looking
from server.keys.holder.desk import Desk
from server.keys.holder.rows_held import sealed_row
from server.keys.holder.sessions import allowed, allowed_in, may_let_in
from server.keys.rows import Place

INVITED_S = 15 * 60
WRONG_MACS_MAX = 5
INVITATIONS_MAX = 32


@dataclass(slots=True)
class _Invited:
    secret: bytes = field(repr=False)
    lot: bytes
    cameras: tuple[str, ...]
    until_s: float
    wrong_macs: int = 0


class Invitations:
    """Codes that were printed and not used, in this process's memory alone."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._open: dict[bytes, _Invited] = {}
        self._lock = Lock()

    def drawn(self, lot: bytes, cameras: tuple[str, ...]) -> bytes:
        """Return the secret of a new invitation."""
        secret = secrets.token_bytes(SECRET_BYTES)
        with self._lock:
            self._sweep()
            if len(self._open) >= INVITATIONS_MAX:
                raise Refused("too many codes are waiting for their edges", then="use one, or wait")
            until_s = self._monotonic() + INVITED_S
            self._open[macs.invite_of(secret)] = _Invited(secret, lot, cameras, until_s)
        return secret

    def taken(self, request: bytes) -> tuple[Request, bytes, bytes, tuple[str, ...]]:
        """Return the request of who knows a code, with its secret, lot and cameras: it is spent.

        Five that do not know it burn the code.
        """
        invite = enrolment.invite_in(request)
        with self._lock:
            self._sweep()
            found = self._open.get(invite)
            if found is None:
                raise WrongCode("no such code is waiting", then="print a new one")
            try:
                opened = enrolment.request_opened(request, found.secret)
            except WrongCode:
                found.wrong_macs += 1
                if found.wrong_macs >= WRONG_MACS_MAX:
                    del self._open[invite]
                raise
            del self._open[invite]
        return opened, found.secret, found.lot, found.cameras

    def _sweep(self) -> None:
        now = self._monotonic()
        for invite in [key for key, one in self._open.items() if one.until_s <= now]:
            del self._open[invite]


def invited(desk: Desk, invitations: Invitations, asked: calls.Invite) -> calls.Invited:
    """Print a code for a new edge of a lot."""
    _ = desk.vault
    may_let_in(desk.sessions, asked.by, asked.lot)
    secret = invitations.drawn(asked.lot, asked.cameras)
    pack = read(desk.folder.trust_pack)
    return calls.Invited(codes.invitation_text(Invitation.to(pack, secret)), INVITED_S)


def enrolled(desk: Desk, invitations: Invitations, asked: calls.Enrol) -> calls.Enrolled:
    """Take an edge in: mac, signature and hello are looked at in this order."""
    vault = desk.vault
    request, secret, lot, cameras = invitations.taken(asked.request)
    key = vault.rsa.get(request.wrap.rsa)
    if key is None:
        raise Refused("the edge wrapped its key for another vault", then="enrol it anew")
    hello = enrolment.hello_opened(request, key)
    made, certificate = _noted(desk, _new(desk, request.public, lot, "edge", cameras), was=0)
    token, state_key = tokens.drawn(made.writer), os.urandom(STATE_KEY_BYTES)
    place = Place(API_ROWS, made.writer, 1)
    api = sealed_row(desk, place, lot, {"certificate": hello.api_cert})
    welcome = Welcome(hello.nonce, made, token, state_key, asked.audit)
    return calls.Enrolled(
        welcome=enrolment.welcome_made(
            welcome, secret, request=asked.request, vault_key=vault.sign
        ),
        certificate=certificate,
        lot=lot,
        writer=made.writer,
        name=request.name,
        n=made.n,
        token_hash=token.hash,
        state_key=state_key,
        api=api,
    )


def certified(desk: Desk, asked: calls.Certify) -> calls.Certified:
    """Sign a writer's next certificate: cameras are only added, and what is revoked stays so.

    More cameras are the right to testify for more; a revocation gives nobody anything.
    """
    present = desk.sessions.present(asked.by)
    allowed(present, Right.ADMINISTER)
    before = looking.certificate(desk, asked.certificate)
    allowed_in(present, Right.ADMINISTER, before.lot)
    if not set(before.cameras) <= set(asked.cameras):
        raise Refused("cameras are only added", then="enrol the edge anew without them")
    if before.until is not None and asked.until != before.until:
        raise Refused("what was revoked stays revoked", then="enrol the edge anew")
    if set(asked.cameras) != set(before.cameras):
        may_let_in(desk.sessions, asked.by, before.lot)
    wanted = replace(before, cameras=asked.cameras, until=asked.until)
    return _certified(*_noted(desk, wanted, was=before.n))


def server_certified(desk: Desk, asked: calls.CertifyServer) -> calls.Certified:
    """Sign the certificate of the server's own writer."""
    may_let_in(desk.sessions, asked.by, None)
    return _certified(*_noted(desk, _new(desk, asked.public, None, "server", ()), was=0))


def _noted(desk: Desk, wanted: Certificate, *, was: int) -> tuple[Certificate, bytes]:
    """Return a certificate with its number, which is noted: the time, and above `was`; signed."""
    sign, made = desk.vault.sign, wanted

    def signed(n: int) -> bytes:
        nonlocal made
        made = replace(wanted, n=n)
        return trust.certificate_encoded(made, sign)

    data = desk.newest.note_leap("writers", made.writer, was=was, least=now_us(), made=signed)
    return made, data


def _certified(made: Certificate, data: bytes) -> calls.Certified:
    return calls.Certified(data, made.writer, made.n)


def _new(
    desk: Desk, public: bytes, lot: bytes | None, role: trust.Role, cameras: tuple[str, ...]
) -> Certificate:
    made = Certificate(desk.founded.server, lot, public, role, cameras, now_us())
    if desk.newest.knows("writers", made.writer):
        raise Refused("a writer of this key is known already", then="make a new key")
    return made
