"""Lots at the console: listed by anybody here, added and changed by who may."""

from __future__ import annotations

from lot.errors import DONE, LOCKED, WRONG_USAGE
from server.access.roles import Role
from tests.server.commands.console import Console

NORTH = "north (UTC): 50 cars fit; events are kept 90 days, pictures 30\n"


def test_a_lot_is_added_and_changed_and_the_audit_says_so(console: Console) -> None:
    assert console.do("lot", "list") == (DONE, NORTH, "")
    add = ("lot", "add", "south", "--timezone", "America/Chicago", "--picture-days", "14")
    assert console.owner(*add)[0] == DONE
    assert "nobody says how many cars fit" in console.do("lot", "list")[1]
    change = ("lot", "change", "--lot", "south", "--name", "harbour", "--capacity", "12")
    status, said, _ = console.owner(*change)
    assert (status, said) == (
        DONE,
        "harbour (America/Chicago): 12 cars fit; events are kept 90 days, pictures 14\n",
    )
    assert (
        "nobody says"
        in console.owner(*("lot", "change", "--lot", "harbour", "--capacity-unknown"))[1]
    )
    assert console.vault.acts() == ["lot_added", "lot_changed", "lot_changed"]


def test_what_cannot_be_is_a_line_and_changes_nothing(console: Console) -> None:
    for words in (
        ("add", "north"),
        ("add", "south", "--timezone", "Mars/Olympus"),
        ("add", "south", "--picture-days", "91"),
        ("add", " north"),
        ("change", "--text-days", "0"),
        ("change", "--lot", "nowhere", "--capacity", "1"),
        ("change",),
    ):
        status, _, talk = console.owner("lot", *words)
        assert (status, talk.count("\n")) == (WRONG_USAGE, 1), (words, talk)
    assert console.do("lot", "list")[1] == NORTH


def test_a_manager_changes_the_capacity_and_no_more(console: Console) -> None:
    manager = str(console.file("manager", console.vault.person("Ma", Role.MANAGER).token))
    change = ("lot", "change", "--session", manager)
    assert console.do(*change, "--capacity", "7")[0] == DONE
    assert console.do(*change, "--text-days", "7")[0] == LOCKED
