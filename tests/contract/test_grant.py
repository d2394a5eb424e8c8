"""A grant: signed by the vault for one server, one edge, one work and one nonce."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract import grant
from contract.canonical import Malformed
from contract.grant import Grant
from lot.errors import Damaged
from tests.contract import golden
from tests.contract.flips import damaged

VAULT = Ed25519PrivateKey.from_private_bytes(golden.key("vault_sign_seed"))
PUBLIC, SERVER, EDGE = golden.key("vault_public"), golden.key("server"), golden.key("edge")


def opened(data: bytes) -> Grant:
    return grant.opened(data, PUBLIC, server=SERVER, edge=EDGE, work="live")


def test_a_grant_comes_back_from_what_was_signed() -> None:
    made = Grant(SERVER, EDGE, "live", b"n" * 16)
    assert opened(grant.signed(made, VAULT)) == made


def test_every_flipped_bit_and_every_cut_is_refused() -> None:
    for wrong in damaged(grant.signed(Grant(SERVER, EDGE, "live", b"n" * 16), VAULT)):
        with pytest.raises(Damaged):
            opened(wrong)


def test_none_is_made_over_another_length_of_nonce() -> None:
    with pytest.raises(Malformed, match="nonce"):
        Grant(SERVER, EDGE, "live", b"n" * 15)
