"""The vault file: opens with its key, for its server, as it was written."""

import contextlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_der_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from contract import canonical
from contract.canonical import Malformed
from contract.wrap import rsa_id
from lot.errors import Damaged, LotError
from server.keys.vault_file import (
    FILE_BYTES_MAX,
    RSA_KEYS_MAX,
    RsaPair,
    Vault,
    generation_of,
    opened,
    sealed,
)
from tests.contract import golden
from tests.contract.flips import damaged

VECTOR = golden.named("vault")
KEY, SERVER = golden.key("vault_key"), golden.key("server")
VAULT = opened(VECTOR.data, KEY, server=SERVER)


def test_the_golden_vault_opens() -> None:
    assert generation_of(VECTOR.data) == VECTOR.means["generation"]
    assert VAULT.sign == golden.key("vault_sign_seed")
    assert VAULT.people == golden.key("people")
    assert VAULT.index == golden.key("index")
    assert golden.key("rsa") in [pair.pkcs8 for pair in VAULT.rsa]
    for pair in VAULT.rsa:
        key = load_der_private_key(pair.pkcs8, None, unsafe_skip_rsa_key_validation=True)
        assert isinstance(key, RSAPrivateKey)
        assert rsa_id(key.public_key()) == pair.id


def test_the_golden_vault_is_sealed_again_to_the_same_bytes_but_the_nonce() -> None:
    again = sealed(VAULT, KEY, server=SERVER, generation=3)
    nonce, bound = VECTOR.data[12:24], b"lot/vault/1" + SERVER + (3).to_bytes(8, "big")
    plain = AESGCM(KEY).decrypt(again[12:24], again[24:], bound)
    assert again[:12] + nonce + AESGCM(KEY).encrypt(nonce, plain, bound) == VECTOR.data


def test_what_was_sealed_is_opened() -> None:
    data = sealed(VAULT, KEY, server=SERVER, generation=7)
    assert opened(data, KEY, server=SERVER) == VAULT
    assert generation_of(data) == 7
    assert data != sealed(VAULT, KEY, server=SERVER, generation=7)


def test_another_key_server_or_generation_opens_nothing() -> None:
    renumbered = VECTOR.data[:11] + b"\4" + VECTOR.data[12:]
    for data, key, server in (
        (VECTOR.data, bytes(32), SERVER),
        (VECTOR.data, KEY, bytes(16)),
        (renumbered, KEY, SERVER),
    ):
        with pytest.raises(Damaged):
            opened(data, key, server=server)


def test_anything_altered_is_refused() -> None:
    for wrong in damaged(VECTOR.data, step=29):
        with pytest.raises(Damaged):
            opened(wrong, KEY, server=SERVER)
    for wrong in damaged(VECTOR.data[:30]):
        with pytest.raises(Damaged):
            opened(wrong + VECTOR.data[30:], KEY, server=SERVER)


@pytest.mark.parametrize(
    "change", [{"v": 2}, {"sign": "00"}, {"rsa": [{}]}, {"people": None}, {"more": 1}]
)
def test_a_vault_that_breaks_a_rule_is_refused(change: dict[str, object]) -> None:
    number = bytes(8)
    bound = b"lot/vault/1" + SERVER + number
    whole = AESGCM(KEY).decrypt(
        VECTOR.data[12:24], VECTOR.data[24:], b"lot/vault/1" + SERVER + VECTOR.data[4:12]
    )
    plain = canonical.encoded(json.loads(whole) | change)
    data = b"LKV1" + number + bytes(12) + AESGCM(KEY).encrypt(bytes(12), plain, bound)
    with pytest.raises(Damaged):
        opened(data, KEY, server=SERVER)


def test_keys_stand_once_and_are_not_without_end() -> None:
    pair = RsaPair(bytes(32), b"")
    for pairs in ((pair, pair), tuple(RsaPair(bytes([n]) * 32, b"") for n in range(65))):
        assert len(pairs) in (2, RSA_KEYS_MAX + 1)
        with pytest.raises(Malformed):
            Vault(pairs, VAULT.sign, b"", VAULT.people, VAULT.index)


def test_nothing_in_the_vault_is_shown_where_it_is_printed() -> None:
    shown = repr(VAULT)
    assert "pkcs8" not in shown
    assert all(name not in shown for name in ("sign=", "issuing=", "people=", "index="))


def test_a_file_larger_than_any_vault_is_not_read() -> None:
    with pytest.raises(Damaged, match="more than"):
        opened(bytes(FILE_BYTES_MAX + 1), KEY, server=SERVER)


@given(st.binary(max_size=100))
@settings(max_examples=60)
def test_whatever_comes_in_only_our_error_comes_out(data: bytes) -> None:
    for whole in (data, b"LKV1" + data):
        with contextlib.suppress(LotError):
            opened(whole, KEY, server=SERVER)
        with contextlib.suppress(LotError):
            generation_of(whole)
