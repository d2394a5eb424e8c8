"""Codes: what people make of them when typing is read as meant, and slips are found."""

import contextlib
import hashlib
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.canonical import Malformed
from contract.codes import (
    PACK_DIGEST_BYTES,
    RECOVERY_BYTES,
    SECRET_BYTES,
    Invitation,
    invitation,
    invitation_at,
    invitation_text,
    recovery_code,
    recovery_text,
    spelled,
    unspelled,
)
from contract.otp import Typed
from lot.addresses import Address
from lot.errors import LotError, WrongCode, WrongUsage
from tests.contract import golden

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RECOVERY_CODES = st.binary(min_size=RECOVERY_BYTES, max_size=RECOVERY_BYTES)
INVITATIONS = st.builds(
    Invitation,
    st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES),
    st.binary(min_size=PACK_DIGEST_BYTES, max_size=PACK_DIGEST_BYTES),
)
AN_INVITATION = Invitation(bytes(range(16)), bytes(range(100, 116)))


GAPS = ["", " ", "-", "  ", "\t", "\u2013", "\u2014", " - ", "\n", "\u00a0", "\u2212"]
SPELLINGS = {"0": "0Oo", "1": "1IiLl"}


def as_typed(code: str, chance: Random) -> str:
    """Write a code as people do: their own case, O and L and I, other gaps or none."""
    typed = [chance.choice(GAPS)]
    for character in code.replace("-", ""):
        shown = SPELLINGS.get(character, character + character.lower())
        typed += [chance.choice(shown), chance.choice(GAPS)]
    return "".join(typed)


@given(INVITATIONS, st.randoms(use_true_random=True))
def test_an_invitation_is_read_however_it_was_typed(one: Invitation, chance: Random) -> None:
    assert invitation(invitation_text(one)) == one
    assert invitation(as_typed(invitation_text(one), chance)) == one


@given(RECOVERY_CODES, st.randoms(use_true_random=True))
def test_a_recovery_code_is_read_however_it_was_typed(code: bytes, chance: Random) -> None:
    assert recovery_code(recovery_text(code)) == code
    assert recovery_code(as_typed(recovery_text(code), chance)) == code


def test_the_golden_sheet_is_read_and_written_again() -> None:
    sheet = golden.named("sheet")
    code = recovery_code(sheet.data.decode())
    assert code.hex() == sheet.means["code"]
    assert recovery_text(code) == sheet.data.decode()


def test_a_golden_code_is_read_as_typed_and_written_as_printed() -> None:
    printed, typed = golden.named("code").data.decode(), golden.named("code as typed").data.decode()
    assert invitation(typed) == invitation(printed)
    assert invitation_text(invitation(typed)) == printed


def test_codes_stand_in_fours() -> None:
    assert [len(four) for four in invitation_text(AN_INVITATION).split("-")] == [4] * 14
    assert [len(four) for four in recovery_text(bytes(20)).split("-")] == [4] * 10


@pytest.mark.parametrize("number", range(4))
def test_every_single_wrong_character_of_a_recovery_code_is_found(number: int) -> None:
    text = recovery_text(hashlib.sha256(bytes([number])).digest()[:RECOVERY_BYTES])
    for wrong in _one_wrong(text):
        with pytest.raises(WrongUsage):
            recovery_code(wrong)


def test_every_single_wrong_character_of_an_invitation_is_found() -> None:
    # Of this one; two check bytes let one slip in 65,536 pass, and the secret then fails.
    for wrong in _one_wrong(invitation_text(AN_INVITATION)):
        with pytest.raises(WrongUsage):
            invitation(wrong)


def test_two_neighbours_exchanged_are_found() -> None:
    text = recovery_text(hashlib.sha256(b"a sheet").digest()[:RECOVERY_BYTES]).replace("-", "")
    for at in range(len(text) - 1):
        exchanged = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        if exchanged != text:
            with pytest.raises(WrongUsage):
                recovery_code(exchanged)


@given(st.text(max_size=80) | st.text(alphabet=ALPHABET + "-oOiIlLuU @:", max_size=80))
def test_whatever_is_typed_only_our_error_comes_out(typed: str) -> None:
    for read in (invitation, recovery_code, invitation_at):
        with contextlib.suppress(LotError):
            read(typed)


def test_a_complaint_says_which_group_and_never_what_was_typed() -> None:
    text = recovery_text(bytes(range(20)))
    with pytest.raises(WrongUsage, match="group 3 holds") as caught:
        recovery_code(text[:10] + "U" + text[11:])
    assert text[:4] not in str(caught.value)
    with pytest.raises(WrongUsage, match="40 characters, 39 were typed"):
        recovery_code(text[:-1])


@pytest.mark.parametrize("letter", ["\u0131", "\u017f", "\u212a", "\uff10", "\u0391"])
def test_letters_of_other_alphabets_are_no_spelling(letter: str) -> None:
    with pytest.raises(WrongUsage):
        unspelled(letter * 8, 5)


def test_an_invitation_of_another_version_is_refused() -> None:
    said = bytes([2]) + bytes(32)
    check = hashlib.sha256(b"lot/code/1" + said).digest()[:2]
    with pytest.raises(WrongUsage, match="another version"):
        invitation(spelled(said + check))


def test_an_invitation_welcomes_the_pack_it_was_printed_over_alone() -> None:
    one = Invitation.to(b"a pack", bytes(16))
    one.check(b"a pack", whose="server")
    with pytest.raises(WrongCode, match="the server's pack is not the one"):
        one.check(b"a pacK", whose="server")


def test_a_code_is_not_shown_where_a_value_is_printed() -> None:
    assert "ssssssss" not in repr(Invitation(b"s" * SECRET_BYTES, bytes(PACK_DIGEST_BYTES)))
    assert "287082" not in repr(Typed("287082", "359152"))


@pytest.mark.parametrize(
    ("where", "address"),
    [
        ("lot.local:8443", Address("lot.local", 8443)),
        ("10.0.0.7:1", Address("10.0.0.7", 1)),
        ("[fe80::1]:65535", Address("fe80::1", 65535)),
    ],
)
def test_a_printed_code_says_where_to_go(where: str, address: Address) -> None:
    assert invitation_at(f" {invitation_text(AN_INVITATION)}@{where}\n") == (AN_INVITATION, address)
    assert str(address) == where


@pytest.mark.parametrize(
    "where",
    ["", "@", "@host", "@host:0", "@host:65536", "@:443", "@fe80::1:443", "@-h:1", "@h/x:1"],
)
def test_a_code_without_a_place_to_go_is_refused(where: str) -> None:
    with pytest.raises(WrongUsage, match="@HOST:PORT"):
        invitation_at(invitation_text(AN_INVITATION) + where)


@pytest.mark.parametrize("size", [1, 4, 6, 19])
def test_bytes_that_fill_no_whole_characters_are_not_spelled(size: int) -> None:
    with pytest.raises(Malformed):
        spelled(bytes(size))


def _one_wrong(text: str) -> list[str]:
    return [
        text[:at] + other + text[at + 1 :]
        for at, right in enumerate(text)
        for other in ALPHABET
        if right not in ("-", other)
    ]
