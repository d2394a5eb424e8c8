"""Enrolment: two sides with one code learn each other's keys, and nobody between them does."""

import contextlib
import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from contract import canonical, macs, signature, tokens, wrap
from contract.audit import NOTHING_SEEN
from contract.canonical import Malformed
from contract.digest import H
from contract.enrolment import (
    ENROL,
    Asked,
    Hello,
    Request,
    Welcome,
    hello_opened,
    invite_in,
    request_made,
    request_opened,
    welcome_made,
    welcome_opened,
)
from contract.sealing import DayKey, KeyClass
from contract.trust import Certificate
from lot.errors import Damaged, LotError, WrongCode
from tests.contract import golden
from tests.contract.flips import damaged

SECRET, SERVER = golden.key("secret"), golden.key("server")
VAULT = Ed25519PrivateKey.from_private_bytes(golden.key("vault_sign_seed"))
EDGE = Ed25519PrivateKey.from_private_bytes(golden.key("edge_seed"))
PUBLIC = golden.key("edge_public")
REQUEST, WELCOME = golden.named("enrolment"), golden.named("welcome")
HELLO = Hello(bytes(range(32)), "a token", b"a certificate")


def rsa(name: str = "rsa") -> RSAPrivateKey:
    key = load_der_private_key(golden.key(name), password=None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, RSAPrivateKey)
    return key


def asked(**changes: Any) -> Asked:
    given = WELCOME.context
    nonce, public = bytes.fromhex(given["nonce"]), bytes.fromhex(given["public"])
    vault_sign = bytes.fromhex(given["vault_public"])
    return replace(Asked(SECRET, REQUEST.data, nonce, public, vault_sign, SERVER), **changes)


def a_request(
    *, writer: bytes = signature.writer_id(PUBLIC), key_class: KeyClass = "T", key_id: bytes = b""
) -> bytes:
    key = golden.key("day_key_T")
    wrapped = wrap.wrapped(
        key, rsa().public_key(), writer=writer, key_class=key_class, made=1_800_000_000_000_000
    )
    day_key = DayKey(key_id or wrapped.key_id, "T", key)
    return request_made(SECRET, EDGE, name="gate", day_key=day_key, wrap=wrapped, hello=HELLO)


def test_the_golden_request_is_opened() -> None:
    request = request_opened(REQUEST.data, SECRET)
    hello = hello_opened(request, rsa())
    assert {"public": request.public.hex(), "api_token": hello.api_token} == REQUEST.means
    assert invite_in(REQUEST.data) == request.invite == macs.invite_of(SECRET)
    assert hello.nonce.hex() == WELCOME.context["nonce"]


def test_the_golden_answer_is_opened_and_made_again() -> None:
    welcome = welcome_opened(WELCOME.data, asked())
    assert welcome.token.hash.hex() == WELCOME.means["token_hash"]
    again = welcome_made(welcome, SECRET, request=REQUEST.data, vault_key=VAULT)
    assert again == WELCOME.data


def test_the_golden_request_is_signed_again_to_the_same_bytes() -> None:
    said = REQUEST.data[: -macs.MAC_BYTES - signature.SIGNATURE_BYTES]
    again = signature.signed(EDGE, ENROL, said) + macs.mac(SECRET, "edge", said)
    assert again == REQUEST.data


def test_a_request_is_opened_as_it_was_made() -> None:
    request = request_opened(a_request(), SECRET)
    assert (request.name, request.public) == ("gate", PUBLIC)
    assert hello_opened(request, rsa()) == HELLO


def test_a_request_with_anything_altered_is_refused_by_its_mac() -> None:
    for wrong in damaged(REQUEST.data, step=23):
        with pytest.raises((WrongCode, Damaged)):
            request_opened(wrong, SECRET)
    for wrong in damaged(REQUEST.data[-100:]):
        with pytest.raises((WrongCode, Damaged)):
            request_opened(REQUEST.data[:-100] + wrong, SECRET)


def test_the_mac_is_looked_at_before_anything_else() -> None:
    with pytest.raises(WrongCode):
        request_opened(REQUEST.data, bytes(16))
    nonsense = b"no JSON" + bytes(signature.SIGNATURE_BYTES)
    with pytest.raises(WrongCode):
        request_opened(nonsense + bytes(macs.MAC_BYTES), SECRET)
    with pytest.raises(Damaged, match="JSON"):
        request_opened(nonsense + macs.mac(SECRET, "edge", b"no JSON"), SECRET)


def test_who_knows_the_code_but_not_the_key_enrols_nobody() -> None:
    said = REQUEST.data[: -macs.MAC_BYTES - signature.SIGNATURE_BYTES]
    another = signature.signed(VAULT, ENROL, said) + macs.mac(SECRET, "edge", said)
    with pytest.raises(Damaged, match="signature"):
        request_opened(another, SECRET)


def test_the_hello_opens_with_the_vaults_key_alone() -> None:
    request = request_opened(REQUEST.data, SECRET)
    with pytest.raises(Damaged):
        hello_opened(request, rsa("rsa2"))
    other = request_opened(a_request(), SECRET)
    for mixed in (replace(request, hello=other.hello), replace(request, wrap=other.wrap)):
        with pytest.raises(Damaged):
            hello_opened(mixed, rsa())


def test_a_wrap_of_another_writer_class_or_key_is_refused() -> None:
    with pytest.raises(Malformed, match="another writer's"):
        a_request(writer=bytes(16))
    for wrong in (a_request(key_class="P"), a_request(key_id=bytes(32))):
        with pytest.raises(Damaged, match="key of its wrap"):
            hello_opened(request_opened(wrong, SECRET), rsa())


def test_an_answer_with_anything_altered_is_refused() -> None:
    for wrong in damaged(WELCOME.data, step=5):
        with pytest.raises((WrongCode, Damaged)):
            welcome_opened(wrong, asked())


def test_an_answer_to_another_request_is_refused() -> None:
    for other in (asked(secret=bytes(16)), asked(request=a_request())):
        with pytest.raises(WrongCode):
            welcome_opened(WELCOME.data, other)
    for other, why in (
        (asked(nonce=bytes(32)), "does not hold the key"),
        (asked(public=golden.key("edge2_public")), "another edge"),
        (asked(server=bytes(16)), "another server"),
        (asked(vault_sign=PUBLIC), "signature"),
    ):
        with pytest.raises(Damaged, match=why):
            welcome_opened(WELCOME.data, other)


def test_a_request_sent_back_is_no_answer() -> None:
    said = REQUEST.data[: -macs.MAC_BYTES - signature.SIGNATURE_BYTES]
    for mirrored in (REQUEST.data, said + macs.mac(SECRET, "edge", H(said), said)):
        with pytest.raises(WrongCode):
            welcome_opened(mirrored, asked())


def test_an_answer_gives_the_edge_its_own_token() -> None:
    certificate = Certificate(SERVER, bytes(16), PUBLIC, "edge", (), 1)
    with pytest.raises(Malformed, match="token"):
        Welcome(bytes(32), certificate, tokens.drawn(bytes(16)), bytes(32), NOTHING_SEEN)
    own = tokens.drawn(certificate.writer)
    assert Welcome(bytes(32), certificate, own, bytes(32), NOTHING_SEEN).token == own


@pytest.mark.parametrize(
    "change", [{"v": 2}, {"name": ""}, {"name": "a\n"}, {"invite": "00"}, {"wrap": ""}, {"x": 1}]
)
def test_a_request_that_breaks_a_rule_is_refused(change: dict[str, object]) -> None:
    whole = REQUEST.data[: -macs.MAC_BYTES - signature.SIGNATURE_BYTES]
    said = canonical.encoded(json.loads(whole) | change)
    data = signature.signed(EDGE, ENROL, said) + macs.mac(SECRET, "edge", said)
    with pytest.raises(Damaged):
        request_opened(data, SECRET)


@given(st.binary(max_size=300))
@settings(max_examples=40)  # RSA each time
def test_whatever_comes_in_only_our_error_comes_out(data: bytes) -> None:
    request = request_opened(REQUEST.data, SECRET)
    for read in (
        lambda: invite_in(data),
        lambda: request_opened(data, SECRET),
        lambda: request_opened(data + bytes(64) + macs.mac(SECRET, "edge", data), SECRET),
        lambda: hello_opened(Request(request.invite, "a", PUBLIC, request.wrap, data), rsa()),
        lambda: welcome_opened(data, asked()),
    ):
        with contextlib.suppress(LotError):
            read()
