"""Signatures: over a purpose, by a key whose id follows from it, never by one of small order."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from contract import signature
from contract.canonical import Malformed

KEY = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
PUBLIC = signature.public_half(KEY)
PRIME = 2**255 - 19
PURPOSES = (signature.RECORD, signature.START, signature.MARK, signature.EXPORT)


@given(st.binary(max_size=200), st.sampled_from(PURPOSES))
def test_what_was_signed_is_taken_for_its_purpose_only(message: bytes, purpose: bytes) -> None:
    made = signature.signed(KEY, purpose, message + b".")
    assert signature.unsigned(PUBLIC, made, purpose) == message + b"."
    for other in set(PURPOSES) - {purpose}:
        with pytest.raises(Malformed):
            signature.unsigned(PUBLIC, made, other)


def test_every_bit_of_message_and_signature_counts() -> None:
    made = signature.signed(KEY, signature.RECORD, b"a message")
    for at in range(len(made) * 8):
        flipped = bytearray(made)
        flipped[at // 8] ^= 1 << at % 8
        with pytest.raises(Malformed):
            signature.unsigned(PUBLIC, bytes(flipped), signature.RECORD)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=100))
def test_whatever_comes_in_is_refused_with_our_own_error(public: bytes, data: bytes) -> None:
    with pytest.raises(Malformed):
        signature.unsigned(public, data, signature.RECORD)


def small_order_encodings() -> set[bytes]:
    """Find by arithmetic every y that 32 bytes can spell for a point of an order up to 8.

    On -x^2 + y^2 = 1 + d x^2 y^2: y of order 1 and 2 is 1 and -1, of order 4 it is 0, and of
    order 8 the y of a point whose double has y = 0, so x^2 = -y^2 and d y^4 + 2 y^2 - 1 = 0.
    """
    d = -121665 * pow(121666, -1, PRIME) % PRIME
    root = square_root(1 + d)
    assert root is not None
    squares = [(-1 + sign * root) * pow(d, -1, PRIME) % PRIME for sign in (1, -1)]
    eighths = [y for square in squares if (y := square_root(square)) is not None]
    ys = {0, 1, PRIME - 1, *eighths, *(PRIME - y for y in eighths)}
    spelled = {y + k * PRIME for y in ys for k in (0, 1) if y + k * PRIME < 2**255}
    return {y.to_bytes(32, "little") for y in spelled}


def square_root(value: int) -> int | None:
    root = pow(value, (PRIME + 3) // 8, PRIME)
    for candidate in (root, root * pow(2, (PRIME - 1) // 4, PRIME) % PRIME):
        if candidate * candidate % PRIME == value % PRIME:
            return candidate
    return None


def test_the_list_of_small_orders_is_all_there_are() -> None:
    assert small_order_encodings() == signature._SMALL_ORDER
    assert len(signature._SMALL_ORDER) == 7


@pytest.mark.parametrize("sign", [0, 0x80])
@pytest.mark.parametrize("public", sorted(signature._SMALL_ORDER), ids=lambda one: one.hex()[:8])
def test_a_key_of_small_order_is_no_writer_and_signs_nothing(public: bytes, sign: int) -> None:
    weak = public[:-1] + bytes([public[-1] | sign])
    with pytest.raises(Malformed, match="small order"):
        signature.writer_id(weak)
    with pytest.raises(Malformed, match="small order"):
        signature.check(weak, weak + bytes(32), signature.RECORD, b"anything")


def test_a_signature_that_holds_for_every_message_under_such_a_key_is_what_we_refuse() -> None:
    """With the neutral point as key and R, and S = 0, OpenSSL takes any message."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    neutral = b"\x01" + bytes(31)
    Ed25519PublicKey.from_public_bytes(neutral).verify(neutral + bytes(32), b"anything at all")
    with pytest.raises(Malformed):
        signature.check(neutral, neutral + bytes(32), signature.RECORD, b"anything at all")


def test_another_key_is_another_writer_with_another_chain() -> None:
    other = signature.public_half(Ed25519PrivateKey.from_private_bytes(b"\x08" * 32))
    assert len(signature.writer_id(PUBLIC)) == 16
    assert signature.writer_id(PUBLIC) != signature.writer_id(other)
    assert signature.chain_start(PUBLIC) != signature.chain_start(other)


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(Malformed):
        signature.writer_id(b"\x07" * size)
