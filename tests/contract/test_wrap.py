"""Wraps: a day key that one RSA key opens, for one writer and one class."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from contract import wrap
from contract.canonical import INTEGER_MAX, Malformed
from contract.sealing import KeyClass
from lot.errors import Damaged
from tests.contract import golden

SECRET = bytes(range(32))
WRITER = golden.key("edge")
PUBLIC = golden.rsa().public_key()
RSA_WITH_NULL = "300d06092a864886f70d0101010500"  # rsaEncryption as RFC 8017 spells it
RSA_BARE = "300b06092a864886f70d010101"


def made(secret: bytes = SECRET, key_class: KeyClass = "T", at: int = 5) -> wrap.Wrap:
    return wrap.wrapped(secret, PUBLIC, writer=WRITER, key_class=key_class, made=at)


@pytest.mark.parametrize("key_class", ["T", "P", "A"])
def test_a_wrapped_day_key_comes_back(key_class: KeyClass) -> None:
    one = made(key_class=key_class)
    assert wrap.decoded(one.data) == one
    assert len(one.data) == 61 + 384
    assert (one.rsa, one.writer, one.made) == (wrap.rsa_id(PUBLIC), WRITER, 5)
    assert wrap.unwrapped(one, golden.rsa()) == SECRET


def test_two_wraps_of_one_key_have_two_ids() -> None:
    assert made().key_id != made().key_id


def test_every_flipped_byte_is_refused() -> None:
    data = made().data
    for at in range(len(data)):
        flipped = data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :]
        with pytest.raises(Damaged):
            wrap.unwrapped(wrap.decoded(flipped), golden.rsa())


@given(st.binary(max_size=500))
def test_whatever_comes_in_only_our_error_comes_out(data: bytes) -> None:
    for torn in (data, b"LKW1" + data, (b"LKW1" + data).ljust(445, b"\0")[:445]):
        with pytest.raises(Damaged):
            wrap.unwrapped(wrap.decoded(torn), golden.rsa())


def test_every_cut_and_whatever_is_longer_is_refused() -> None:
    data = golden.named("wrap P").data
    for torn in [data[:at] for at in range(len(data))] + [data + b"\0", data * 2]:
        with pytest.raises(Damaged):
            wrap.decoded(torn)


def test_a_time_beyond_json_is_refused() -> None:
    data = golden.named("wrap T").data
    for at, fine in ((INTEGER_MAX, True), (INTEGER_MAX + 1, False), (2**64 - 1, False)):
        other = data[:53] + at.to_bytes(8, "big") + data[61:]
        if fine:
            assert wrap.decoded(other).made == at
            continue
        with pytest.raises(Damaged):
            wrap.decoded(other)


def test_another_rsa_key_opens_nothing() -> None:
    with pytest.raises(Damaged, match="under another RSA key"):
        wrap.unwrapped(made(), golden.rsa("rsa2"))


@pytest.mark.parametrize("size", [0, 16, 31, 33, 64])
def test_a_day_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(Damaged):
        wrap.unwrapped(made(bytes(size)), golden.rsa())


def spki(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def test_a_public_key_is_such_as_the_vault_makes_or_refused() -> None:
    good = spki(PUBLIC)
    assert wrap.rsa_id(wrap.rsa_public(good)) == wrap.rsa_id(PUBLIC)
    small = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    three = rsa.RSAPublicNumbers(3, PUBLIC.public_numbers().n).public_key()
    curve = ec.generate_private_key(ec.SECP256R1()).public_key()
    for wrong in (spki(small), spki(three), spki(curve), good + b"\0", good[:-1], b"", b"0\0"):
        with pytest.raises(Malformed):
            wrap.rsa_public(wrong)


def test_a_public_key_has_one_spelling_or_one_key_would_have_two_ids() -> None:
    algorithm, bare = (bytes.fromhex(one) for one in (RSA_WITH_NULL, RSA_BARE))
    body = bare + spki(PUBLIC).split(algorithm)[1]
    other = b"\x30\x82" + len(body).to_bytes(2, "big") + body
    assert serialization.load_der_public_key(other) == PUBLIC
    with pytest.raises(Malformed, match="not as the vault makes them"):
        wrap.rsa_public(other)


def test_a_damaged_public_key_is_refused_or_another_one() -> None:
    good = spki(PUBLIC)
    for at in range(len(good)):
        flipped = good[:at] + bytes([good[at] ^ 1 << at % 8]) + good[at + 1 :]
        try:
            other = wrap.rsa_public(flipped)
        except Malformed:
            continue
        assert wrap.spki_of(other) == flipped
