"""Details of audit lines, opened for who may read the log, as far as each one's line allows."""

from __future__ import annotations

from contract import audit, canonical, sealing, wrap
from contract.canonical import Malformed
from contract.digest import H
from lot.errors import LotError
from server.access.roles import Limit, Right, reads_lines_of
from server.keys.holder import calls, looking
from server.keys.holder.calls import OpenedDetail, SealedDetail
from server.keys.holder.desk import Desk
from server.keys.holder.refusals import NotAllowed
from server.keys.holder.sessions import Present, allowed

_PART = "audit"


def opened(desk: Desk, asked: calls.OpenDetails) -> calls.DetailsOpened:
    """Open details for a session; what it may not see of one is that one's fault alone."""
    _ = desk.vault
    present = desk.sessions.present(asked.by)
    far = allowed(present, Right.AUDIT)
    desk.pace.take(present.session.id, len(asked.details))
    return calls.DetailsOpened(tuple(_shown(desk, present, far, one) for one in asked.details))


def _shown(desk: Desk, present: Present, far: Limit, sealed: SealedDetail) -> OpenedDetail:
    try:
        line = audit.decoded(sealed.line)
        if not reads_lines_of(far, present.account.lots, line.lot):
            raise NotAllowed("this line is not of your lots", then="ask the owner")
        return OpenedDetail(_content(desk, line, sealed), None)
    except LotError as fault:
        return OpenedDetail(None, str(fault))


@canonical.reading("the detail of an audit line")
def _content(desk: Desk, line: audit.Line, sealed: SealedDetail) -> bytes:
    if H(sealed.detail) != line.detail:
        raise Malformed("it is not the one that its line names")
    clear, under = sealing.read(sealed.detail, name=_PART), wrap.decoded(sealed.wrap)
    if under.key_id != clear.key_id or under.key_class != sealing.class_of(_PART):
        raise Malformed("it lies under another key")
    if not desk.newest.knows("writers", under.writer):
        raise Malformed("its key is of a writer that nobody knows")
    prk = sealing.prk_of(looking.day_key(desk, under).key, clear.nonce)
    return sealing.opened(sealed.detail, prk, head_hash=line.head_hash, name=_PART)
