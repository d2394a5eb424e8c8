"""Opening records for somebody, as far as they may see: the signed head decides, no column does."""

from __future__ import annotations

from datetime import datetime

from contract import opening, trust, wrap
from contract.head import Head
from contract.opening import DayKeyFound
from contract.record import Record
from contract.trust import Certificate
from contract.wrap import Wrap
from lot.errors import Damaged, LotError
from server.access.roles import Limit, Right
from server.keys.holder import calls
from server.keys.holder.calls import OpenedRecord, SealedRecord
from server.keys.holder.desk import Desk
from server.keys.holder.refusals import NotAllowed
from server.keys.holder.sessions import Present, allowed

_PICTURE = "picture/"


def opened(desk: Desk, asked: calls.Open) -> calls.Opened:
    """Open records for a session; what it may not see of one is that one's fault alone."""
    _ = desk.vault  # who asks while it is locked is told so before anything else
    present = desk.sessions.present(asked.by)
    allowed(present, Right.SEE_VISITS)
    parts = sum(max(1, len(one.parts)) for one in asked.records)
    desk.pace.take(present.session.id, parts)
    return calls.Opened(tuple(_shown(desk, present, one) for one in asked.records))


def unsealed(desk: Desk, sealed: SealedRecord) -> opening.Opened:
    """Open a record whole, for whom it is the keyholder's own business: the index."""
    rights = certificate(desk, sealed.certificate)
    prk_of = opening.by_day_keys(rights.writer, _day_keys(desk, sealed))
    return opening.opened(sealed.record, rights, sealed.parts, prk_of)


def certificate(desk: Desk, data: bytes) -> Certificate:
    """Return a certificate of this vault that is its writer's newest."""
    vault = desk.vault
    found = trust.certificate_decoded(
        data,
        vault_sign=vault.sign.public_key().public_bytes_raw(),
        server=desk.founded.server,
    )
    desk.newest.check("writers", found.writer, found.n)
    return found


def _shown(desk: Desk, present: Present, sealed: SealedRecord) -> OpenedRecord:
    try:
        rights = certificate(desk, sealed.certificate)
        record = opening.admitted(sealed.record, rights)
        _check_seen(desk, present, record, sealed)
        return OpenedRecord(unsealed(desk, sealed).contents, None)
    except LotError as fault:
        return OpenedRecord({}, str(fault))


def _check_seen(desk: Desk, present: Present, record: Record, sealed: SealedRecord) -> None:
    far = [allowed(present, Right.SEE_VISITS, record.head.lot)]
    if any(name.startswith(_PICTURE) for name in sealed.parts):
        far.append(allowed(present, Right.SEE_PICTURES, record.head.lot))
    if Limit.TODAY_AND_INSIDE in far and not _is_today(desk, record.head):
        raise NotAllowed("this is not of today", then="ask a manager")


def _is_today(desk: Desk, head: Head) -> bool:
    midnight = datetime.now(desk.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return head.at >= int(midnight.timestamp()) * 1_000_000


def _day_keys(desk: Desk, sealed: SealedRecord) -> dict[bytes, DayKeyFound]:
    """Return the day keys of a record's wraps, each unwrapped once until the vault locks."""
    found: dict[bytes, DayKeyFound] = {}
    for one in map(wrap.decoded, sealed.wraps):
        known = desk.safe.day_keys.get(one.key_id)
        if known is None:
            known = DayKeyFound(one, _unwrapped(desk, one))
            desk.safe.day_keys[one.key_id] = known
        found[one.key_id] = known
    return found


def _unwrapped(desk: Desk, one: Wrap) -> bytes:
    key = desk.vault.rsa.get(one.rsa)
    if key is None:
        raise Damaged("a wrap lies under a key that the vault does not have", then="restore it")
    return wrap.unwrapped(one, key)
