"""A lot's numbers over HTTP: for who may count, of their own lots, while the vault is open."""

from __future__ import annotations

from server.access.roles import Role
from server.api import statistics_room
from tests.contract.writers import AN_EVENT, LOT
from tests.server.api.vaulted import Vaulted

PATH = f"/lots/{LOT.hex()}/statistics"
OF_THE_EVENT = f"{PATH}?first={AN_EVENT.at - 60_000_000}&last={AN_EVENT.at + 60_000_000}"


def served(vault: Vaulted) -> None:
    vault.serve(
        statistics_room.room(vault.home.keyholder, lambda: AN_EVENT.at + 1),
    )
    vault.home.keyholder.index_begin({LOT: "UTC"})


def test_an_entry_is_counted_and_a_viewer_may_see_it(vault: Vaulted) -> None:
    served(vault)
    vault.keep(vault.edge.an_event())
    assert vault.indexing.feed() == 1
    for by in (None, vault.person("Vi", Role.VIEWER)):
        said = vault.said(OF_THE_EVENT, by)
        assert [one["entries"] for one in said["slices"]] == [1]
        assert said["peak"]["inside"] == 1


def test_slices_without_end_are_refused_by_name(vault: Vaulted) -> None:
    served(vault)
    answer = vault.ask("GET", f"{PATH}?first=0&slice_minutes=1")
    assert answer.status_code == 400
    assert answer.get_json()["field"] == "slice_minutes"


def test_another_lot_is_not_there_and_while_locked_nothing_is_counted(vault: Vaulted) -> None:
    served(vault)
    elsewhere = vault.person("El", Role.MANAGER, b"e" * 16)
    assert vault.ask("GET", PATH, elsewhere).status_code == 404
    vault.home.keyholder.lock(vault.owner)
    assert vault.ask("GET", PATH).status_code == 423
