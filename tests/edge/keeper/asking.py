"""The server's side of a keeper, made of the contract's functions."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from contract import keeper, otp, pairing, signature
from contract.keeper import Answer, Ask, Forget, Parties, Purpose, Put, Secrets
from contract.macs import invite_of
from contract.otp import Typed
from contract.pairing import KeeperPack, Pair
from tests.contract import golden

PERSON = golden.key("person")
SEED, SHARE = golden.key("otp_seed"), golden.key("share")


def signing(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(golden.key(name))


@dataclass
class Server:
    """A paired server: it makes messages and opens their answers."""

    pack: KeeperPack
    server: bytes = golden.key("server")
    vault: Ed25519PrivateKey = field(default_factory=lambda: signing("vault_sign_seed"))
    keyholder: Ed25519PrivateKey = field(default_factory=lambda: signing("keyholder_seed"))

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self._eph = X25519PrivateKey.generate()

    def pair(self, secret: bytes) -> bytes:
        asked = Pair(
            invite_of(secret),
            self.server,
            signature.public_half(self.keyholder),
            signature.public_half(self.vault),
        )
        return pairing.pair_made(asked, secret)

    def put(self, person: bytes = PERSON, number: int | None = None) -> Put:
        number = next(self._numbers) if number is None else number
        kept = Secrets(SEED, SHARE)
        return keeper.put_made(self._parties(person), number, kept, self.pack.hpke)

    def forget(self, person: bytes = PERSON, number: int | None = None) -> Forget:
        return Forget(self._parties(person), next(self._numbers) if number is None else number)

    def ask(
        self,
        code: str,
        *,
        code2: str | None = None,
        purpose: Purpose = "unlock",
        person: bytes = PERSON,
    ) -> Ask:
        self._eph = X25519PrivateKey.generate()
        eph = keeper.box_half(self._eph)
        return Ask(self._parties(person), bytes(16), purpose, eph, Typed(code, code2))

    def signed(self, request: keeper.Request) -> bytes:
        is_ask = isinstance(request, Ask)
        return keeper.request_signed(request, self.keyholder if is_ask else self.vault)

    def opened(self, request: keeper.Request, answer: bytes) -> Answer:
        return keeper.answer_opened(answer, self.pack.sign, request)

    def share(self, answer: Answer) -> bytes | None:
        return keeper.share_opened(answer, self._eph)

    def _parties(self, person: bytes) -> Parties:
        return Parties(self.server, self.pack.keeper, person)


def code_at(time_s: int, steps: int = 0) -> str:
    return otp.code_at(SEED, time_s // otp.STEP_S + steps)
