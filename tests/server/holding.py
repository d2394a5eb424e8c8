"""A keyholder without a process: it opens by the keys that the tests' writers have."""

from contract import opening
from contract.opening import DayKeyFound
from contract.trust import certificate_decoded
from contract.wrap import decoded, unwrapped
from lot.errors import Damaged
from server.keys.holder import calls
from server.keys.holder.calls import Caller, OpenedRecord, SealedRecord, Vouched
from tests.contract import golden
from tests.server.verify.filled import SERVER_ID

ROW = Vouched(b"{}", bytes(32))
CALLER = Caller("token", ROW, ROW)


class Opener:
    """Opens records with the printed RSA key, as the keyholder does with the vault's."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def open(self, asked: calls.Open) -> tuple[OpenedRecord, ...]:
        self.asked.append(len(asked.records))
        return tuple(_opened(one) for one in asked.records)


def _opened(sealed: SealedRecord) -> OpenedRecord:
    public = golden.key("vault_public")
    try:
        rights = certificate_decoded(sealed.certificate, vault_sign=public, server=SERVER_ID)
        wraps = [decoded(data) for data in sealed.wraps]
        keys = {one.key_id: DayKeyFound(one, unwrapped(one, golden.rsa())) for one in wraps}
        prk_of = opening.by_day_keys(rights.writer, keys)
        found = opening.opened(sealed.record, rights, sealed.parts, prk_of)
    except Damaged as fault:
        return OpenedRecord({}, fault.what)
    return OpenedRecord(found.contents, None)
