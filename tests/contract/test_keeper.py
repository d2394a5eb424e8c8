"""The share keeper's messages: who may send which, and what only one key opens."""

import contextlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from contract import canonical, signature
from contract.canonical import Malformed
from contract.digest import H
from contract.keeper import (
    KEEPER,
    MESSAGE_BYTES_MAX,
    Answer,
    Ask,
    Forget,
    Parties,
    Pinned,
    Purpose,
    Put,
    Request,
    Said,
    Secrets,
    answer_opened,
    answer_signed,
    box_half,
    hashed,
    put_made,
    put_opened,
    request_opened,
    request_signed,
    share_opened,
)
from contract.otp import RESULTS, Result, Typed
from lot.errors import Damaged, LotError
from tests.contract import golden
from tests.contract.flips import damaged
from tests.contract.golden import Vector


def _signer(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(golden.key(name))


VAULT, KEYHOLDER = _signer("vault_sign_seed"), _signer("keyholder_seed")
KEEPER_KEY, STRANGER = _signer("keeper_sign_seed"), _signer("edge_seed")
BOX = X25519PrivateKey.from_private_bytes(golden.key("keeper_box"))
EPH = X25519PrivateKey.from_private_bytes(golden.key("eph"))
KEEPER_PUBLIC = golden.key("keeper_public")
PINNED = Pinned(
    golden.key("server"),
    golden.key("keeper"),
    golden.key("vault_public"),
    golden.key("keyholder_public"),
)
PARTIES = Parties(PINNED.server, PINNED.keeper, golden.key("person"))
SECRETS = Secrets(golden.key("otp_seed"), golden.key("share"))
SIGNERS = {"put": VAULT, "forget": VAULT, "ask": KEYHOLDER}
NAMES = ("put", "forget", "ask")
ANSWERS = [v for v in golden.of("message") if v.context["expect"] == "answer"]


def asking(purpose: Purpose = "unlock") -> Ask:
    return Ask(PARTIES, bytes(16), purpose, box_half(EPH), Typed("123456"))


def said(result: Result = "yes") -> Said:
    return Said(result, 0, "ntp", 1_800_000_000_000_000)


@pytest.mark.parametrize("name", NAMES)
def test_golden_messages_are_read_and_made_again(name: str) -> None:
    vector = golden.named(name)
    request = request_opened(vector.data, PINNED)
    assert request_signed(request, SIGNERS[name]) == vector.data
    if isinstance(request, Put):
        secrets = put_opened(request, BOX)
        assert (secrets.seed + secrets.share).hex() == vector.means["plain"]
    else:
        assert request.parties.person.hex() == vector.means["person"]


@pytest.mark.parametrize("vector", ANSWERS, ids=lambda vector: vector.name)
def test_golden_answers_are_read(vector: Vector) -> None:
    request = request_opened(bytes.fromhex(vector.context["asked"]), PINNED)
    answer = answer_opened(vector.data, bytes.fromhex(vector.context["public"]), request)
    share = share_opened(answer, X25519PrivateKey.from_private_bytes(golden.key("eph")))
    found = {"result": answer.said.result, "share": share.hex() if share else None}
    assert found == vector.means
    if share is None:
        assert answer_signed(request, answer.said, None, KEEPER_KEY) == vector.data


@pytest.mark.parametrize("name", NAMES)
def test_a_message_with_anything_altered_is_refused(name: str) -> None:
    for wrong in damaged(golden.named(name).data, step=3):
        with pytest.raises(Damaged):
            request_opened(wrong, PINNED)


def test_an_answer_with_anything_altered_is_refused() -> None:
    request = request_opened(golden.named("ask").data, PINNED)
    for wrong in damaged(golden.named("answer").data, step=3):
        with pytest.raises(Damaged):
            answer_opened(wrong, KEEPER_PUBLIC, request)


@pytest.mark.parametrize("signer", [KEYHOLDER, KEEPER_KEY, STRANGER])
def test_only_the_vault_puts_and_forgets(signer: Ed25519PrivateKey) -> None:
    put = put_made(PARTIES, 1, SECRETS, box_half(BOX))
    for request in (put, Forget(PARTIES, 2)):
        assert request_opened(request_signed(request, VAULT), PINNED) == request
        with pytest.raises(Damaged):
            request_opened(request_signed(request, signer), PINNED)


@pytest.mark.parametrize("signer", [VAULT, KEEPER_KEY, STRANGER])
def test_only_the_keyholder_asks(signer: Ed25519PrivateKey) -> None:
    assert request_opened(request_signed(asking(), KEYHOLDER), PINNED) == asking()
    with pytest.raises(Damaged):
        request_opened(request_signed(asking(), signer), PINNED)


def test_only_the_paired_keeper_answers() -> None:
    for stranger in (VAULT, KEYHOLDER, STRANGER):
        data = answer_signed(asking(), said(), SECRETS.share, stranger)
        with pytest.raises(Damaged, match="signature"):
            answer_opened(data, KEEPER_PUBLIC, asking())


@pytest.mark.parametrize("pin", ["server", "keeper"])
def test_a_message_for_another_keeper_or_of_another_server_is_refused(pin: str) -> None:
    other = replace(PARTIES, **{pin: bytes(16)})
    with pytest.raises(Damaged, match="another keeper"):
        request_opened(request_signed(Forget(other, 1), VAULT), PINNED)


def test_secrets_open_for_their_keeper_and_within_their_message_alone() -> None:
    put = put_made(PARTIES, 1, SECRETS, box_half(BOX))
    assert put_opened(put, BOX) == SECRETS
    for wrong, box in (
        (put, EPH),
        (replace(put, number=2), BOX),
        (replace(put, parties=replace(PARTIES, person=bytes(16))), BOX),
        (replace(put, sealed=put.sealed[:-1] + bytes([put.sealed[-1] ^ 1])), BOX),
        (replace(put, sealed=bytes(len(put.sealed))), BOX),
    ):
        with pytest.raises(Damaged):
            put_opened(wrong, box)


@pytest.mark.parametrize("purpose", ["unlock", "rewrap", "confirm"])
@pytest.mark.parametrize("result", RESULTS)
def test_the_share_comes_with_a_yes_to_those_who_need_it(purpose: Purpose, result: Result) -> None:
    ask = asking(purpose)
    data = answer_signed(ask, said(result), SECRETS.share, KEEPER_KEY)
    share = share_opened(answer_opened(data, KEEPER_PUBLIC, ask), EPH)
    assert share == (SECRETS.share if result == "yes" and purpose != "confirm" else None)


def test_a_share_opens_for_its_ask_alone() -> None:
    answer = answer_opened(
        answer_signed(asking(), said(), SECRETS.share, KEEPER_KEY), KEEPER_PUBLIC, asking()
    )
    assert share_opened(answer, EPH) == SECRETS.share
    for wrong in (replace(answer, ask=bytes(32)), replace(answer, said=replace(said(), time=1))):
        with pytest.raises(Damaged):
            share_opened(wrong, EPH)
    with pytest.raises(Damaged):
        share_opened(answer, X25519PrivateKey.generate())


def test_an_answer_to_another_ask_is_refused() -> None:
    data = answer_signed(asking(), said(), SECRETS.share, KEEPER_KEY)
    for other in (asking("rewrap"), replace(asking(), typed=Typed("123457")), Forget(PARTIES, 1)):
        with pytest.raises(Damaged, match="another message"):
            answer_opened(data, KEEPER_PUBLIC, other)


def test_a_share_where_none_belongs_is_refused() -> None:
    ask, confirm = asking(), asking("confirm")
    for request, change in (
        (ask, {"sealed": None}),
        (ask, {"result": "no"}),
        (confirm, {"ask": hashed(confirm)}),
        (Forget(PARTIES, 1), {"ask": hashed(Forget(PARTIES, 1))}),
    ):
        data = answer_signed(ask, said(), SECRETS.share, KEEPER_KEY)
        value = json.loads(data[: -signature.SIGNATURE_BYTES]) | change
        wrong = signature.signed(KEEPER_KEY, KEEPER, canonical.encoded(value))
        with pytest.raises(Damaged, match="share"):
            answer_opened(wrong, KEEPER_PUBLIC, request)


def test_a_yes_without_the_share_is_not_sent() -> None:
    with pytest.raises(ValueError, match="share"):
        answer_signed(asking(), said(), None, KEEPER_KEY)


def test_nothing_is_sealed_for_a_key_that_hides_nothing() -> None:
    with pytest.raises(Malformed, match="sealed"):
        put_made(PARTIES, 1, SECRETS, bytes(32))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("put", {"v": 2}),
        ("put", {"number": True}),
        ("put", {"sealed": "00"}),
        ("put", {"type": "keep"}),
        ("put", {"type": "forget"}),
        ("forget", {"person": "00"}),
        ("forget", {"more": 1}),
        ("ask", {"code": "12345"}),
        ("ask", {"code": "１２３４５６"}),
        ("ask", {"code": 123456}),
        ("ask", {"code2": ""}),
        ("ask", {"purpose": "open"}),
        ("ask", {"eph": None}),
    ],
)
def test_a_signed_message_that_breaks_a_rule_is_refused(name: str, change: dict[str, Any]) -> None:
    value = json.loads(golden.named(name).data[: -signature.SIGNATURE_BYTES]) | change
    data = signature.signed(SIGNERS[name], KEEPER, canonical.encoded(value))
    with pytest.raises(Damaged):
        request_opened(data, PINNED)


@pytest.mark.parametrize(
    "change", [{"result": "maybe"}, {"wait_s": 86_401}, {"clock": "none"}, {"type": "ask"}]
)
def test_a_signed_answer_that_breaks_a_rule_is_refused(change: dict[str, object]) -> None:
    request = request_opened(golden.named("ask").data, PINNED)
    value = json.loads(golden.named("answer").data[: -signature.SIGNATURE_BYTES]) | change
    data = signature.signed(KEEPER_KEY, KEEPER, canonical.encoded(value))
    with pytest.raises(Damaged):
        answer_opened(data, KEEPER_PUBLIC, request)


def test_a_message_is_named_by_its_json() -> None:
    data = golden.named("ask").data
    assert hashed(request_opened(data, PINNED)) == H(data[: -signature.SIGNATURE_BYTES])


def test_a_large_message_is_refused_before_its_signature_is_looked_at() -> None:
    with pytest.raises(Damaged, match="more than"):
        request_opened(bytes(MESSAGE_BYTES_MAX + 1), PINNED)
    with pytest.raises(Damaged, match="more than"):
        answer_opened(bytes(MESSAGE_BYTES_MAX + 1), KEEPER_PUBLIC, asking())


@given(st.binary(max_size=300))
@settings(max_examples=60)
def test_whatever_comes_in_only_our_error_comes_out(data: bytes) -> None:
    reads: list[Callable[[], object]] = [
        lambda: request_opened(data, PINNED),
        lambda: request_opened(signature.signed(VAULT, KEEPER, data), PINNED),
        lambda: request_opened(signature.signed(KEYHOLDER, KEEPER, data), PINNED),
        lambda: answer_opened(signature.signed(KEEPER_KEY, KEEPER, data), KEEPER_PUBLIC, asking()),
    ]
    for read in reads:
        with contextlib.suppress(LotError):
            read()


@given(st.binary(min_size=80, max_size=80))
@settings(max_examples=60)
def test_whatever_is_sealed_only_our_error_comes_out(sealed: bytes) -> None:
    with pytest.raises(LotError):
        share_opened(Answer(bytes(32), said(), sealed), EPH)


@given(
    st.integers(0, 2**53 - 1),
    st.binary(min_size=16, max_size=16),
    st.from_regex("[0-9]{6}", fullmatch=True),
    st.none() | st.from_regex("[0-9]{6}", fullmatch=True),
)
@settings(max_examples=40)
def test_what_was_sent_is_what_arrives(
    number: int, person: bytes, code: str, code2: str | None
) -> None:
    parties = replace(PARTIES, person=person)
    requests: list[tuple[Request, Ed25519PrivateKey]] = [
        (put_made(parties, number, SECRETS, box_half(BOX)), VAULT),
        (Forget(parties, number), VAULT),
        (Ask(parties, person, "rewrap", box_half(EPH), Typed(code, code2)), KEYHOLDER),
    ]
    for request, signer in requests:
        assert request_opened(request_signed(request, signer), PINNED) == request
