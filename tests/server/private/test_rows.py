"""Private rows that two change at once, and what is sent again: one of them counts, and is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from server.keys.holder import calls
from server.keys.holder.client import Keyholder
from server.private.rows import Place, Private
from server.refusals import Changed
from tests.contract.writers import LOT
from tests.server.api.vaulted import Vaulted

AT, ID = Place(LOT, "customer"), b"c" * 16


@dataclass(frozen=True, slots=True)
class Between(Keyholder):
    """The keyholder of a process that is held up between its answer and the commit."""

    meanwhile: Callable[[], object] = tuple

    def rows_seal(self, asked: calls.RowsSeal) -> tuple[calls.SealedRow, ...]:
        made = Keyholder.rows_seal(self, asked)
        self.meanwhile()
        return made


def _private(vault: Vaulted, meanwhile: Callable[[], object] | None = None) -> Private:
    private = Private(vault.database, vault.home.keyholder, vault.ledger)
    if meanwhile is None:
        return private
    return replace(private, keyholder=Between(vault.home.keyholder.socket, meanwhile))


def _named(vault: Vaulted) -> object:
    content = _private(vault).one(vault.owner, AT, ID).content
    return None if content is None else content["name"]


def _put(vault: Vaulted, was: int, name: str, meanwhile: Callable[[], object] | None = None) -> int:
    return _private(vault, meanwhile).put(vault.owner, AT, ID, was, {"name": name})


def test_what_is_edited_while_another_begins_to_delete_it_stays_readable(vault: Vaulted) -> None:
    _put(vault, 0, "Ada")
    deletion = calls.PlainRow(AT.kind, ID, 2, b"")

    def begin_to_delete() -> None:
        vault.home.keyholder.rows_seal(calls.RowsSeal(vault.owner, LOT, (deletion,)))

    assert _put(vault, 1, "Bo", begin_to_delete) == 2
    assert _named(vault) == "Bo"
    assert _put(vault, 2, "Cy") == 3
    assert _named(vault) == "Cy"


def test_who_changes_what_another_changed_a_moment_before_is_told(vault: Vaulted) -> None:
    _put(vault, 0, "Ada")
    with pytest.raises(Changed):
        _put(vault, 1, "Bo", lambda: _put(vault, 1, "Cy"))
    assert _named(vault) == "Cy"
    with pytest.raises(Changed):
        _private(vault, lambda: _put(vault, 2, "Di")).drop(vault.owner, AT, ID, 2)
    assert _named(vault) == "Di"


def test_what_was_added_many_and_partly_deleted_is_not_added_again(vault: Vaulted) -> None:
    rows = {bytes([number]) * 16: {"name": name} for number, name in enumerate(("Ada", "Bo"))}
    private = _private(vault)
    assert private.add_all(vault.owner, AT, rows) == 2
    private.drop(vault.owner, AT, bytes(16), 1)
    with pytest.raises(Changed, match="deleted"):
        private.add_all(vault.owner, AT, rows)
    assert len(private.page(vault.owner, AT, b"", 10).rows) == 1
