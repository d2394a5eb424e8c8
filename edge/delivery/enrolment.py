"""Enrolment: a code typed once, and this edge and its server know each other's keys.

What the server answers is believed because the code says whose trust pack is the right one; the
first call alone is made without a certificate that anybody vouches for.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract import canonical, codes, macs, signature, tokens
from contract.digest import H
from contract.enrolment import (
    NONCE_BYTES,
    WELCOME_BYTES_MAX,
    Asked,
    Hello,
    Welcome,
    request_made,
    welcome_opened,
)
from contract.event import CAMERA_OR_LANE
from contract.sealing import DAY_KEY_BYTES, DayKey
from contract.trust import TrustPack, pack_invited
from contract.wrap import rsa_public, wrapped
from edge.delivery.delivering import Keys, writer_of
from edge.delivery.env_file import check_private, with_values
from edge.delivery.identity import Places, identity_in, keep_enrolled
from edge.delivery.outbox import Outbox
from edge.delivery.room import Room
from edge.delivery.server import Answer, Server, pinned, unverified
from edge.self_signed import der_of, self_signed
from lot.addresses import Address
from lot.clock import now_us
from lot.errors import Refused, Unreachable, WrongUsage
from lot.files import check_writable, remove, write_private
from lot.times import zone


@dataclass(frozen=True, slots=True)
class Enrolling:
    """What an enrolment is asked for."""

    code: str
    name: str
    places: Places
    env_file: Path
    is_anew: bool = False


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What it came to, to be shown."""

    edge: bytes
    server: Address
    cameras: tuple[str, ...]
    put_aside: Path | None  # the outbox of who this edge was before


def enrol(asked: Enrolling, *, now: Callable[[], int] = now_us) -> Enrolled:
    """Enrol this box; what was refused on the way has changed nothing here."""
    if not CAMERA_OR_LANE.fullmatch(asked.name):
        raise WrongUsage(
            f"{asked.name!r} is no name for an edge", then="give it one with --name, as gate-box"
        )
    invitation, address = codes.invitation_at(asked.code)
    check_private(asked.env_file)
    check_writable(asked.env_file.resolve().parent)
    if asked.places.enrolled.exists() and not asked.is_anew:
        raise Refused(
            f"this box is enrolled already: {asked.places.enrolled} is there",
            then="enrol it with --anew if its server forgot it or closed its chain",
        )
    pack_bytes = _trusted(address)
    pack = pack_invited(pack_bytes, invitation)
    mine = _Mine.drawn(asked.name)
    request, nonce = _request(asked.name, invitation.secret, mine, pack, now())
    with closing(Server(address, pinned(pack.root))) as server:
        answer = _taken(server.enrol(request), address)
    expected = Asked(
        invitation.secret,
        request,
        nonce,
        signature.public_half(mine.key),
        pack.vault_sign,
        pack.server,
    )
    welcome = welcome_opened(answer.body, expected)
    # From here to the end nobody is enrolled here: a cut must not leave the one before without its
    # outbox, of which it would begin its chain a second time.
    remove(asked.places.enrolled)
    aside = _put_aside(asked.places)
    with_values(
        asked.env_file,
        {"LOT_SERVER": str(address), "LOT_SERVER_TOKEN": welcome.token.text},
    )
    _keep(asked, mine, pack_bytes, pack, answer.body)
    _begin_chain(asked.places, welcome, now)
    return Enrolled(welcome.certificate.writer, address, welcome.certificate.cameras, aside)


@dataclass(frozen=True, slots=True)
class _Mine:
    """What this box draws for itself: a new key is a new writer, and a new chain."""

    key: Ed25519PrivateKey
    api_pem: bytes

    @staticmethod
    def drawn(name: str) -> _Mine:
        return _Mine(Ed25519PrivateKey.generate(), self_signed(name))


def _trusted(address: Address) -> bytes:
    with closing(Server(address, unverified())) as server:
        return _taken(server.trust(), address).body


def _request(
    name: str, secret: bytes, mine: _Mine, pack: TrustPack, now: int
) -> tuple[bytes, bytes]:
    nonce, drawn = secrets.token_bytes(NONCE_BYTES), secrets.token_bytes(DAY_KEY_BYTES)
    writer = signature.writer_id(signature.public_half(mine.key))
    under = rsa_public(pack.statement.current.spki)
    wrap = wrapped(drawn, under, writer=writer, key_class="T", made=now)
    request = request_made(
        secret,
        mine.key,
        name=name,
        day_key=DayKey(wrap.key_id, "T", drawn),
        wrap=wrap,
        # The field is of the contract, and nobody keeps what stands in it.
        hello=Hello(nonce, secrets.token_urlsafe(tokens.RANDOM_BYTES), der_of(mine.api_pem)),
    )
    return request, nonce


def _taken(answer: Answer, address: Address) -> Answer:
    if answer.status == 200:
        return answer
    code, _ = answer.problem()
    if 400 <= answer.status < 500:
        raise Refused(
            f"{address} refuses the enrolment: {answer.status} {code}",
            then="print a new code; each is good once and for fifteen minutes",
        )
    raise Unreachable(
        f"{address} cannot enrol now: {answer.status} {code}",
        then="unlock the server and try again",
    )


def _put_aside(places: Places) -> Path | None:
    """Keep the outbox of who this box was before: its records can be sent by nobody any more."""
    if not places.outbox.exists():
        return None
    before = H(places.signing_key.read_bytes()) if places.signing_key.exists() else bytes(32)
    aside = places.outbox.with_name(f"outbox-{before.hex()[:12]}.sqlite3")
    for ending in ("-wal", "-shm", ""):  # the log first: it is worth nothing under another name
        part = places.outbox.with_name(places.outbox.name + ending)
        if part.exists():
            part.replace(aside.with_name(aside.name + ending))
    return aside


def _keep(
    asked: Enrolling, mine: _Mine, pack_bytes: bytes, pack: TrustPack, welcome: bytes
) -> None:
    places = asked.places
    write_private(places.signing_key, mine.key.private_bytes_raw())
    write_private(places.api_certificate, mine.api_pem)
    write_private(places.pack, pack_bytes)
    said = canonical.decoded(macs.parted(welcome)[0], bytes_max=WELCOME_BYTES_MAX)
    keep_enrolled(
        places,
        name=asked.name,
        root=pack.root,
        vault_sign=pack.vault_sign,
        server=pack.server,
        certificate=said["certificate"],
    )


def _begin_chain(places: Places, welcome: Welcome, now: Callable[[], int]) -> None:
    """Open the outbox, so that the first record already bears witness of the audit."""
    identity = identity_in(places)
    writer = writer_of(identity, Keys(places, identity), zone("UTC"), now)
    with closing(Outbox(Room(places.outbox, 1 << 30), writer, identity.public)) as outbox:
        outbox.tell_head(welcome.audit, now())
