"""The open vault: its keys ready for use, and the file they are written back to.

Nothing here may outlive the process that opened it, and nothing of it is in any text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from contract import signature, trust
from contract.trust import OLD_KEYS_MAX, RsaKey, Statement, TrustPack
from contract.wrap import RSA_BITS, RSA_EXPONENT, rsa_id, spki_of
from lot.errors import Damaged, LotError
from lot.files import keep, remove, write_private
from server.keys import authority, vault_file
from server.keys.folder import Founded, KeysFolder, read
from server.keys.vault_file import RsaPair, Vault


@dataclass(frozen=True, slots=True)
class OpenVault:
    """What an unlocked keyholder has."""

    founded: Founded
    generation: int
    key: bytes = field(repr=False)  # the vault key, which slots hold
    vault: Vault = field(repr=False)
    sign: Ed25519PrivateKey = field(repr=False)
    rsa: dict[bytes, rsa.RSAPrivateKey] = field(repr=False)


def pair_drawn() -> RsaPair:
    """Return a new RSA pair: up to 20 s on a Pi 3."""
    key = rsa.generate_private_key(RSA_EXPONENT, RSA_BITS)
    pkcs8 = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return RsaPair(rsa_id(key.public_key()), pkcs8)


def opened(folder: KeysFolder, vault_key: bytes) -> OpenVault:
    """Open the vault; Damaged where the public halves on the disk are not those of its keys."""
    founded, data = folder.founded(), read(folder.vault)
    try:
        vault = vault_file.opened(data, vault_key, server=founded.server)
    except LotError:
        if not folder.vault_beside.exists():
            raise
        # A rotation was cut: this slot was written for the vault that lies beside.
        data = read(folder.vault_beside)
        vault = vault_file.opened(data, vault_key, server=founded.server)
        exchanged(folder)
    found = made(founded, vault_key, vault, vault_file.generation_of(data))
    pack = trust.pack_own(read(folder.trust_pack))
    _check_halves(found, pack)
    return found


def made(founded: Founded, vault_key: bytes, vault: Vault, generation: int) -> OpenVault:
    """Return a vault with its keys loaded."""
    return OpenVault(
        founded=founded,
        generation=generation,
        key=vault_key,
        vault=vault,
        sign=Ed25519PrivateKey.from_private_bytes(vault.sign),
        rsa={pair.id: _private(pair) for pair in vault.rsa},
    )


def written(folder: KeysFolder, open_vault: OpenVault, now: int) -> OpenVault:
    """Write the vault file anew, under the next generation; return the vault of that file."""
    remove(folder.vault_beside)  # of a rotation that was cut: it knows nothing of this change
    return _written(folder.vault, open_vault, now)


def written_beside(folder: KeysFolder, open_vault: OpenVault, now: int) -> OpenVault:
    """Write a vault under a new key beside the one there is, which stays what a start opens."""
    return _written(folder.vault_beside, open_vault, now)


def exchanged(folder: KeysFolder) -> None:
    """Put the vault that lies beside in the place of the one there was."""
    keep(folder.vault_beside, folder.vault)


def announced(folder: KeysFolder, open_vault: OpenVault, root: bytes, now: int) -> bytes:
    """Announce the newest RSA pair of the vault; return the trust pack that says so.

    Old are those that were announced before: under no other one did an edge ever seal.
    """
    n, known = now, list[bytes]()
    if folder.trust_pack.exists():
        before = trust.pack_own(read(folder.trust_pack)).statement
        n, known = max(now, before.n + 1), [key.id for key in before.rsa]
    current = open_vault.vault.rsa[-1].id
    mine = (one for one in known if one in open_vault.rsa)  # a founding that was cut left its own
    old = [one for one in mine if one != current][:OLD_KEYS_MAX]
    keys = [RsaKey(spki_of(open_vault.rsa[current].public_key()), "current")]
    keys += [RsaKey(spki_of(open_vault.rsa[one].public_key()), "old") for one in old]
    statement = Statement(open_vault.founded.server, n, tuple(keys))
    pack = trust.pack_encoded(root, statement, open_vault.sign)
    write_private(folder.trust_pack, pack)
    return pack


def _written(path: Path, open_vault: OpenVault, now: int) -> OpenVault:
    generation = max(now, open_vault.generation + 1)
    data = vault_file.sealed(
        open_vault.vault, open_vault.key, server=open_vault.founded.server, generation=generation
    )
    write_private(path, data)
    return made(open_vault.founded, open_vault.key, open_vault.vault, generation)


def _check_halves(found: OpenVault, pack: TrustPack) -> None:
    if (
        pack.server != found.founded.server
        or pack.vault_sign != signature.public_half(found.sign)
        or any(key.id not in found.rsa for key in pack.statement.rsa)
        or not authority.is_of(found.founded.issuing, found.vault.issuing)
    ):
        raise Damaged(
            "the public keys on this disk are not those of the vault",
            then="let nobody enrol; restore the keys part of a backup and look for who was here",
        )


def _private(pair: RsaPair) -> rsa.RSAPrivateKey:
    # GCM has vouched for it, and testing the primes takes seconds a key on a Pi 3.
    key = load_der_private_key(pair.pkcs8, None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey) or rsa_id(key.public_key()) != pair.id:
        raise Damaged("an RSA key of the vault is not the one it is named for", then="restore it")
    return key
