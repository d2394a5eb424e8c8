"""`verify --open` tries every part, in the name of somebody who may, and says so in the audit."""

from __future__ import annotations

from lot.errors import DAMAGED, DONE, LOCKED
from server.access.roles import Role
from tests.server.commands.console import Console


def test_every_part_is_opened_and_the_audit_says_who_did_it(console: Console) -> None:
    vault = console.vault
    vault.keep(vault.edge.an_event({"plate": b"a picture"}), vault.edge.an_event())
    status, said, _ = console.owner("verify", "--open")
    assert (status, said.splitlines()[-2:]) == (
        DONE,
        ["opened: 3 parts", "nothing missing, nothing altered"],
    )
    assert vault.acts() == ["verify_opened"]


def test_what_does_not_open_is_damage_though_its_bytes_are_as_signed(console: Console) -> None:
    vault = console.vault
    head = vault.edge.head()
    vault.keep(vault.edge.signed(head, vault.edge.part("event", b"no event", head)))
    assert console.do("verify")[0] == DONE
    status, said, _ = console.owner("verify", "--open")
    assert status == DAMAGED
    assert "record 1 of" in said


def test_a_viewer_opens_nothing_for_the_report(console: Console) -> None:
    viewer = console.file("viewer", console.vault.person("Vi", Role.VIEWER).token)
    status, _, said = console.do("verify", "--open", "--session", str(viewer))
    assert (status, said.count("\n")) == (LOCKED, 1)


def test_a_file_that_is_no_report_is_a_wrong_word_and_no_damage(console: Console) -> None:
    other = console.folder / "other"
    other.write_bytes(b"{}")
    status, said, talk = console.do("verify", "--against", str(other))
    assert (status, said, talk.count("\n")) == (2, "", 1)
    assert f"{other} is not a report of verify" in talk
