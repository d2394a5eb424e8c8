"""Accounts at the console: a lost phone or passphrase is replaced, and passwords are set anew."""

from __future__ import annotations

import base64
import re
import time

from contract import otp
from lot.errors import DONE, LOCKED, WRONG_USAGE
from server.keys.holder import bodies
from server.store import vouched
from tests.server.commands.console import Console

NEW = "another stone by another river"


def phone_of(talk: str) -> bytes:
    """Return the seed behind the QR code that was shown."""
    (seed,) = re.findall(r"secret=([A-Z2-7]{32})&", talk)
    return base64.b32decode(seed)


def test_after_the_sheet_a_new_slot_replaces_a_lost_phone_and_passphrase(
    console: Console,
) -> None:
    assert console.do("unlock", *console.by_sheet())[0] == DONE
    given, phone = str(console.file("new", NEW)), console.pipe()
    slot = ("user", "slot", "Ada", "--new-passphrase-file", given, "--otp-address", phone.path)
    assert console.owner(*slot)[0] == DONE
    seed = phone_of(phone.read())  # a code of this half minute was accepted already
    code = otp.code_at(seed, int(time.time()) // otp.STEP_S + 1)
    signed = ("--passphrase-file", given, "--code-file", str(console.file("code", code)))
    assert console.do("unlock", *signed) == (DONE, "the vault was open already\n", "")
    assert console.do("unlock", *console.by_code(2))[0] == 6  # the old ones open nothing


def test_a_second_owner_is_added_with_a_slot_of_their_own(console: Console) -> None:
    given, phone = str(console.file("new", NEW)), console.pipe()
    add = ("user", "add", "Bo", "--role", "owner", "--password-file", given)
    assert console.owner(*add, "--otp-address", phone.path)[0] == DONE
    code = otp.code_at(phone_of(phone.read()), int(time.time()) // otp.STEP_S)
    signed = ("--passphrase-file", given, "--code-file", str(console.file("code", code)))
    assert console.do("unlock", "--by", "Bo", *signed)[0] == DONE
    assert [line.split() for line in console.do("user", "list")[1].splitlines()] == [
        ["owner", "open", "Ada"],
        ["owner", "open", "Bo"],
    ]


def test_whoever_is_closed_opens_nothing_any_more_also_with_the_card(console: Console) -> None:
    given, phone = str(console.file("new", NEW)), console.pipe()
    add = ("user", "add", "Bo", "--role", "owner", "--password-file", given)
    assert console.owner(*add, "--otp-address", phone.path)[0] == DONE
    bo = next(one for one in people(console) if one.name == "Bo")
    slots = console.vault.home.folder.slots
    assert bo.id in {one.terms.person for one in slots.found().slots}

    assert console.owner("user", "close", "Bo")[0] == DONE

    assert bo.id not in {one.terms.person for one in slots.found().slots}
    assert console.vault.home.founding.account.id in {
        one.terms.person for one in slots.found().slots
    }


def people(console: Console) -> list[bodies.Account]:
    with console.vault.database.read() as read:
        return vouched.accounts_known(read)


def test_a_password_is_set_anew_and_only_for_who_has_one(console: Console) -> None:
    first, second = (
        console.file("first", "a word of theirs"),
        console.file("second", "another one of theirs"),
    )
    add = ("user", "add", "Vi", "--role", "viewer", "--password-file", str(first))
    assert console.owner(*add)[0] == DONE
    anew = ("user", "password", "--password-file", str(second))
    assert console.owner(*anew, "Vi")[0] == DONE
    unlock = ("unlock", "--by", "Vi", "--code-file", console.fresh_code())
    assert console.do(*unlock, "--passphrase-file", str(second))[0] == DONE
    assert console.do(*unlock, "--passphrase-file", str(first))[0] == 6
    status, _, talk = console.owner(*anew, "Ada")
    assert (status, "user slot" in talk) == (2, True)
    status, _, talk = console.owner("user", "slot", "Vi", "--new-passphrase-file", str(second))
    assert (status, talk.count("\n")) == (2, 1)


def test_the_only_owner_cannot_shut_the_house_behind_themselves(console: Console) -> None:
    status, _, talk = console.owner("user", "close", "Ada")
    assert (status, talk.count("\n")) == (LOCKED, 1)
    assert console.do("user", "list")[1].split() == ["owner", "open", "Ada"]


def test_names_that_look_alike_and_short_passwords_are_a_line(console: Console) -> None:
    good, short = (
        str(console.file("good", "a word of theirs")),
        str(console.file("short", "eleven char")),
    )
    add = ("user", "add", "--role", "viewer", "--password-file")
    for words in ((good, "Vi "), (good, " "), (good, "V\ni"), (good, "V" * 65), (short, "Vi")):
        status, _, talk = console.owner(*add, *words)
        assert (status, talk.count("\n")) == (WRONG_USAGE, 1), (words, talk)
    assert console.do("user", "list")[1].split() == ["owner", "open", "Ada"]
