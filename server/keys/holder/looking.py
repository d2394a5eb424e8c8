"""Opening records for somebody, as far as they may see: the signed head decides, no column does."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from contract import canonical, opening, trust, wrap
from contract.head import Head
from contract.opening import DayKeyFound
from contract.record import Part, Record
from contract.sealing import SealedPart
from contract.trust import Certificate
from contract.wrap import Wrap
from lot.errors import Damaged, LotError
from server.access.roles import Limit, Right
from server.access.rows import HOLD
from server.keys.holder import calls, reach, rows_held
from server.keys.holder.calls import OpenedRecord, SealedRecord
from server.keys.holder.desk import Desk
from server.keys.holder.refusals import NotAllowed
from server.keys.holder.sessions import Present, allowed, allowed_in
from server.keys.rows import Place

_PICTURE = "picture/"


def _nothing(_: Part, __: bytes) -> None:
    """Note nothing."""


def opened(desk: Desk, asked: calls.Open) -> calls.Opened:
    """Open records for a session; what it may not see of one is that one's fault alone."""
    _ = desk.vault  # who asks while it is locked is told so before anything else
    present = desk.sessions.present(asked.by)
    allowed(present, Right.SEE_VISITS)
    parts = sum(max(1, len(one.parts)) for one in asked.records)
    desk.pace.take(present.session.id, parts)
    return calls.Opened(tuple(_shown(desk, present, one) for one in asked.records))


def unsealed(
    desk: Desk, sealed: SealedRecord, noted: Callable[[Part, bytes], None] = _nothing
) -> opening.Opened:
    """Open a record whole, for whom it is the keyholder's own business: index and holds.

    `noted` is told each part with what opens it.
    """
    rights = certificate(desk, sealed.certificate)
    by_day_keys = opening.by_day_keys(rights.writer, _day_keys(desk, sealed))
    kept = _held_prks(desk, sealed, rights)

    def prk_of(part: Part, clear: SealedPart) -> bytes:
        found = kept.get(part.hash.hex())
        prk = by_day_keys(part, clear) if found is None else canonical.octets(found, "a PRK")
        noted(part, prk)
        return prk

    return opening.opened(sealed.record, rights, sealed.parts, prk_of)


def certificate(desk: Desk, data: bytes) -> Certificate:
    """Return a certificate of this vault that is its writer's newest."""
    vault = desk.vault
    found = trust.certificate_decoded(
        data,
        vault_sign=vault.sign.public_key().public_bytes_raw(),
        server=desk.founded.server,
    )
    desk.newest.check(calls.Version.of("writers", found.writer, found.n, data))
    return found


def _held_prks(desk: Desk, sealed: SealedRecord, rights: Certificate) -> Mapping[str, object]:
    """Return what a hold kept of a record's event: PRKs by the hashes of sealed parts."""
    row = sealed.hold
    if row is None:
        return {}
    head = opening.admitted(sealed.record, rights).head
    try:
        desk.newest.check(row.as_version)
        place = Place(HOLD, row.id, row.version)
        content = rows_held.content_of(row.box, desk.vault.vault.people, place, head.lot)
    except LotError:
        return {}  # then day keys open it, or nothing does
    parts = content.get("parts")
    return parts if isinstance(parts, dict) else {}


def _shown(desk: Desk, present: Present, sealed: SealedRecord) -> OpenedRecord:
    try:
        rights = certificate(desk, sealed.certificate)
        record = opening.admitted(sealed.record, rights)
        _check_seen(desk, present, record, sealed)
        return OpenedRecord(unsealed(desk, sealed).contents, None)
    except LotError as fault:
        return OpenedRecord({}, str(fault))


def _check_seen(desk: Desk, present: Present, record: Record, sealed: SealedRecord) -> None:
    head = record.head
    far = [allowed_in(present, Right.SEE_VISITS, head.lot)]
    if any(name.startswith(_PICTURE) for name in sealed.parts):
        far.append(allowed_in(present, Right.SEE_PICTURES, head.lot))
    if Limit.TODAY_AND_INSIDE in far and not _is_near(desk, head):
        raise NotAllowed("this is neither of today nor of a car inside", then="ask a manager")


def _is_near(desk: Desk, head: Head) -> bool:
    """Say whether something is of today, or of a car that is inside still."""
    if head.at >= reach.since_midnight(desk):
        return True
    return head.type == "event" and reach.is_inside(desk, head.lot, head.id)


def day_key(desk: Desk, one: Wrap) -> DayKeyFound:
    """Return the day key of a wrap, which is unwrapped once until the vault locks."""
    known = desk.safe.day_keys.get(one.key_id)
    if known is None:
        known = DayKeyFound(one, _unwrapped(desk, one))
        desk.safe.day_keys[one.key_id] = known
    return known


def _day_keys(desk: Desk, sealed: SealedRecord) -> dict[bytes, DayKeyFound]:
    return {one.key_id: day_key(desk, one) for one in map(wrap.decoded, sealed.wraps)}


def _unwrapped(desk: Desk, one: Wrap) -> bytes:
    key = desk.vault.rsa.get(one.rsa)
    if key is None:
        raise Damaged("a wrap lies under a key that the vault does not have", then="restore it")
    return wrap.unwrapped(one, key)
