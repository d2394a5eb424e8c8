"""A server is founded: vault, keys, certificates, the first slots and the first owner.

Every file is written before the one that says that the server is set up, so a founding that was
cut leaves nothing that a start would take for a vault, and `init` begins again.
"""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract import codes, signature, trust
from contract.codes import RECOVERY_BYTES
from contract.digest import H
from contract.head import ID_BYTES
from contract.otp import SEED_BYTES
from contract.trust import Certificate
from lot.errors import Refused
from server.access.roles import Role
from server.keys import authority, slots, vault_open
from server.keys.folder import Founded, KeysFolder
from server.keys.holder import bodies
from server.keys.holder.bodies import Account
from server.keys.holder.calls import Version, Vouched
from server.keys.holder.newest import Newest
from server.keys.holder.vouching import Voucher
from server.keys.passphrases import passphrase_bytes
from server.keys.slots import VAULT_KEY_BYTES, Cost, Held
from server.keys.vault_file import KEY_BYTES, Vault


@dataclass(frozen=True, slots=True)
class Owner:
    """Who owns the server from the first moment on."""

    name: str
    passphrase: str = field(repr=False)
    cost: Cost = field(default_factory=Cost)


@dataclass(frozen=True, slots=True)
class Foundation:
    """What `init` stores, shows and prints: secrets among it, so never on the card."""

    server: bytes
    account: Account
    row: Vouched
    trust_pack: bytes
    seed: bytes = field(repr=False)  # for the authenticator
    recovery: str = field(repr=False)  # for the sheet
    root_fingerprint: bytes
    sign_fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Begun:
    """A server whose every file is written but the one that says so; its vault is open here."""

    folder: KeysFolder
    foundation: Foundation
    vault: vault_open.OpenVault = field(repr=False)

    def certificate(self, public: bytes, now: int) -> tuple[bytes, int]:
        """Return the certificate of the server's own writer, and its number."""
        made = Certificate(self.foundation.server, None, public, "server", (), now)
        data = trust.certificate_encoded(made, self.vault.sign)
        with closing(Newest(self.folder.newest)) as newest:
            newest.put(Version.of("writers", made.writer, made.n, data))
        return data, made.n

    def leaf(self, csr: bytes, now: int) -> tuple[bytes, bytes]:
        """Return the certificate of the server's TLS key, and of what signed it (DER)."""
        issuing, key = self.vault.founded.issuing, self.vault.vault.issuing
        return authority.leaf_issued(csr, issuing, key, authority.utc(now)).leaf, issuing

    def device(self, device: bodies.Device) -> Vouched:
        """Return a browser of the owner's as one that was approved."""
        body = bodies.encoded(device)
        with closing(Newest(self.folder.newest)) as newest:
            newest.put(Version.of(device.TABLE, device.id, device.version, body))
        return Voucher(self.folder.key_bytes()).vouched(device.TABLE, body)

    def finish(self) -> None:
        """Say that the server is set up: from here on it cannot be set up again."""
        self.folder.mark_founded(self.vault.founded)


def check_new(folder: KeysFolder) -> None:
    """Raise Refused where a server is set up."""
    if folder.is_founded:
        raise Refused("this server is set up already", then="sign in as its owner")


def founded(folder: KeysFolder, owner: Owner, now: int) -> Foundation:
    """Make a server in an empty folder; Refused where one is set up there."""
    begun = begin(folder, owner, now)
    begun.finish()
    return begun.foundation


def begin(folder: KeysFolder, owner: Owner, now: int) -> Begun:
    """Make all of a server but the mark that it is one; Refused where one is set up there."""
    check_new(folder)
    server = os.urandom(ID_BYTES)
    made = authority.authority_made(server, authority.utc(now))
    vault = _vault(folder, Founded(server, made.issuing), made.key, now)
    pack = vault_open.announced(folder, vault, made.root, now)
    account = Account(
        os.urandom(ID_BYTES), 1, owner.name, Role.OWNER, (), None, code=False, closed=False
    )
    for stale in folder.slots.found().slots:  # of a founding that was cut
        folder.slots.remove(stale.terms.id)
    seed, code = os.urandom(SEED_BYTES), os.urandom(RECOVERY_BYTES)
    _write_slots(folder, owner, account.id, Held(vault.key, seed), code, now)
    row = _vouched(folder, account)
    foundation = Foundation(
        server=server,
        account=account,
        row=row,
        trust_pack=pack,
        seed=seed,
        recovery=codes.recovery_text(code),
        root_fingerprint=H(made.root),
        sign_fingerprint=H(signature.public_half(vault.sign)),
    )
    return Begun(folder, foundation, vault)


def _vault(folder: KeysFolder, server: Founded, issuing: bytes, now: int) -> vault_open.OpenVault:
    pair = vault_open.pair_drawn()
    sign = Ed25519PrivateKey.generate().private_bytes_raw()
    vault = Vault((pair,), sign, issuing, os.urandom(KEY_BYTES), os.urandom(KEY_BYTES))
    opened = vault_open.made(server, os.urandom(VAULT_KEY_BYTES), vault, 0)
    return vault_open.written(folder, opened, now)


def _write_slots(
    folder: KeysFolder, owner: Owner, person: bytes, held: Held, code: bytes, now: int
) -> None:
    terms = slots.terms_drawn("pass", made=now, person=person, cost=owner.cost, keeper=None)
    kek = slots.kek_of_passphrase(terms, passphrase_bytes(owner.passphrase))
    folder.slots.put(slots.sealed(terms, kek, held))
    sheet = slots.terms_drawn("recovery", made=now, person=None, cost=None, keeper=None)
    folder.slots.put(slots.sealed(sheet, slots.kek_of_recovery(sheet, code), Held(held.vault_key)))


def _vouched(folder: KeysFolder, account: Account) -> Vouched:
    seed = os.urandom(KEY_BYTES)
    folder.keep_key(seed)
    folder.newest.unlink(missing_ok=True)
    body = bodies.encoded(account)
    with closing(Newest(folder.newest)) as newest:
        newest.put(Version.of("accounts", account.id, account.version, body))
    return Voucher(seed).vouched("accounts", body)
