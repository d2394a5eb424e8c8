"""Pairing: a server and its share keeper learn each other's keys by one code."""

import contextlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import canonical, macs
from contract.canonical import Malformed
from contract.codes import Invitation, invitation
from contract.pairing import (
    PACK_BYTES_MAX,
    pack_encoded,
    pack_invited,
    pair_made,
    pair_opened,
    paired_made,
    paired_opened,
)
from lot.errors import Damaged, LotError, WrongCode
from tests.contract import golden
from tests.contract.flips import damaged

PACK, PAIR, PAIRED = (golden.named(n) for n in ("keeper's pack", "pair", "paired"))
CODE = invitation(golden.named("keeper's code").data.decode())
KEEPER = golden.key("keeper")


def test_the_golden_pack_is_read_and_made_again() -> None:
    pack = pack_invited(PACK.data, CODE)
    assert {"keeper": pack.keeper.hex()} == PACK.means
    assert CODE.digest.hex() == PACK.context["digest"]
    assert pack_encoded(pack) == PACK.data


def test_the_golden_pairing_is_read_and_made_again() -> None:
    pair = pair_opened(PAIR.data, CODE.secret)
    assert {"keyholder": pair.keyholder.hex()} == PAIR.means
    assert pair.invite == macs.invite_of(CODE.secret)
    assert pair_made(pair, CODE.secret) == PAIR.data
    paired_opened(PAIRED.data, CODE.secret, request=PAIR.data, keeper=KEEPER)
    assert paired_made(KEEPER, CODE.secret, request=PAIR.data) == PAIRED.data


def test_anything_altered_is_refused() -> None:
    for wrong in damaged(PACK.data, step=5):
        with pytest.raises(WrongCode):
            pack_invited(wrong, CODE)
    for wrong in damaged(PAIR.data, step=3):
        with pytest.raises((WrongCode, Damaged)):
            pair_opened(wrong, CODE.secret)
    for wrong in damaged(PAIRED.data):
        with pytest.raises((WrongCode, Damaged)):
            paired_opened(wrong, CODE.secret, request=PAIR.data, keeper=KEEPER)


def test_who_does_not_know_the_code_pairs_with_nobody() -> None:
    pair = pair_opened(PAIR.data, CODE.secret)
    with pytest.raises(WrongCode):
        pair_opened(pair_made(pair, bytes(16)), CODE.secret)
    with pytest.raises(WrongCode):
        paired_opened(
            paired_made(KEEPER, bytes(16), request=PAIR.data),
            CODE.secret,
            request=PAIR.data,
            keeper=KEEPER,
        )


def test_an_answer_of_another_keeper_or_to_another_request_is_refused() -> None:
    other = pair_made(replace(pair_opened(PAIR.data, CODE.secret), server=bytes(16)), CODE.secret)
    with pytest.raises(WrongCode):
        paired_opened(PAIRED.data, CODE.secret, request=other, keeper=KEEPER)
    with pytest.raises(Damaged, match="another keeper"):
        paired_opened(PAIRED.data, CODE.secret, request=PAIR.data, keeper=bytes(16))


def test_the_keyholders_key_may_not_be_the_vaults() -> None:
    pair = pair_opened(PAIR.data, CODE.secret)
    with pytest.raises(Malformed):
        replace(pair, keyholder=pair.vault_sign)


@pytest.mark.parametrize("change", [{"v": 2}, {"sign": "00" * 32}, {"hpke": "00"}, {"x": 1}])
def test_a_pack_that_breaks_a_rule_is_refused(change: dict[str, object]) -> None:
    data = canonical.encoded(json.loads(PACK.data) | change)
    with pytest.raises(Damaged):
        pack_invited(data, Invitation.to(data, CODE.secret))


@given(st.binary(max_size=200))
def test_whatever_comes_in_only_our_error_comes_out(data: bytes) -> None:
    secret = CODE.secret
    for read in (
        lambda: pack_invited(data, Invitation.to(data, secret)),
        lambda: pair_opened(data, secret),
        lambda: pair_opened(data + macs.mac(secret, "server", data), secret),
        lambda: paired_opened(data, secret, request=PAIR.data, keeper=KEEPER),
    ):
        with contextlib.suppress(LotError):
            read()


def test_a_pack_larger_than_is_fetched_is_not_parsed() -> None:
    large = bytes(PACK_BYTES_MAX + 1)
    with pytest.raises(Damaged, match="more than"):
        pack_invited(large, Invitation.to(large, CODE.secret))
