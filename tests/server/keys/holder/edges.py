"""An edge of the tests that a founded house takes in, with the keys to seal for it."""

from __future__ import annotations

import time

from contract import codes, enrolment, trust
from contract.audit import NOTHING_SEEN
from contract.digest import H
from contract.enrolment import Asked, Hello, Welcome
from contract.sealing import DayKey
from contract.wrap import rsa_public, wrapped
from server.keys.holder import calls
from tests.contract.writers import LOT, Writer
from tests.server.keys.holder.running import House


class Edge(Writer):
    """The tests' writer, under the keys of the house that enrolled it."""

    def under(self, home: House, made: int | None = None) -> None:
        """Draw the day keys of a moment, now where none is given."""
        pack = trust.pack_own(home.founding.trust_pack)
        for key_class in ("T", "P"):
            now = time.time_ns() // 1000 if made is None else made
            secret = H(key_class.encode(), now.to_bytes(8, "big"))
            wrap = wrapped(
                secret,
                rsa_public(pack.statement.current.spki),
                writer=self.id,
                key_class=key_class,
                made=now,
            )
            self.wraps[key_class] = wrap
            self.day_keys[key_class] = DayKey(wrap.key_id, key_class, secret)


def request(home: House, code: str, edge: Writer) -> tuple[bytes, Asked]:
    pack = trust.pack_invited(home.keyholder.trust().pack, codes.invitation(code))
    secret, under = codes.invitation(code).secret, rsa_public(pack.statement.current.spki)
    key, nonce = b"k" * 32, b"n" * 32
    wrap = wrapped(key, under, writer=edge.id, key_class="T", made=1)
    made = enrolment.request_made(
        secret,
        edge.key,
        name="gate",
        day_key=DayKey(wrap.key_id, "T", key),
        wrap=wrap,
        hello=Hello(nonce, "an-api-token", b"a certificate"),
    )
    return made, Asked(secret, made, nonce, edge.public, pack.vault_sign, pack.server)


def enrolled(home: House, owner: calls.Caller, edge: Writer) -> tuple[calls.Enrolled, Welcome]:
    code = home.keyholder.invite(calls.Invite(owner, LOT, ("gate",))).code
    said, asked = request(home, code, edge)
    found = home.keyholder.enrol(calls.Enrol(said, NOTHING_SEEN))
    home.keyholder.confirm_versions(found.versions)
    return found, enrolment.welcome_opened(found.welcome, asked)
