"""The audit log over HTTP: as far as a role goes, page by page, details while the vault is open."""

from __future__ import annotations

from typing import Any

import pytest

from contract.audit import Act
from server.access.roles import Role
from tests.contract.writers import LOT
from tests.server.api.vaulted import Vaulted

OTHER = b"o" * 16


@pytest.fixture
def served(vault: Vaulted) -> Vaulted:
    vault.serve()
    _line(vault, "search", {"plate": "8ABC123"}, lot=LOT)
    _line(vault, "search", {"plate": "9XYZ999"}, lot=OTHER)
    _line(vault, "user_added", {"user": OTHER}, lot=None)
    return vault


def _line(vault: Vaulted, act: Act, detail: dict[str, object], lot: bytes | None) -> None:
    actor = vault.home.founding.account.id
    vault.database.write(lambda write: vault.ledger.line(write, act, detail, lot=lot, actor=actor))


def _rows(vault: Vaulted, query: str = "", by: Any = None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = vault.said(f"/audit?{query}", by)["rows"]
    return rows


def test_an_owner_reads_every_line_with_its_detail_and_that_is_a_line(served: Vaulted) -> None:
    rows = _rows(served, "limit=200")
    assert [row["act"] for row in rows] == ["audit_read", "user_added", "search", "search"]
    assert [row["detail"].get("plate") for row in rows[2:]] == ["9XYZ999", "8ABC123"]
    assert {row["state"] for row in rows} == {"opened"}
    assert {row["who"] for row in rows} == {"Ada"}


def test_a_manager_reads_the_lines_of_their_lot_alone(served: Vaulted) -> None:
    manager = served.person("Ma", Role.MANAGER, LOT)
    (row,) = _rows(served, by=manager)
    assert row["detail"] == {"plate": "8ABC123"}
    assert _rows(served, f"lot={OTHER.hex()}", manager) == []
    of_all = served.person("Mo", Role.MANAGER)
    assert {row["lot"] for row in _rows(served, by=of_all)} == {LOT.hex()}  # OTHER is no lot here


def test_the_log_names_whom_it_can_be_narrowed_to_as_far_as_its_reader_sees(
    served: Vaulted,
) -> None:
    here = served.person("Ma", Role.MANAGER, LOT)
    served.person("Else", Role.ATTENDANT, OTHER)

    def named(by: Any = None) -> list[str]:
        return [one["who"] for one in served.said("/audit?limit=1", by)["people"]]

    assert named() == ["Ada", "Else", "Ma"]
    assert named(here) == ["Ada", "Ma"]


def test_an_attendant_and_a_viewer_read_nothing_of_it(served: Vaulted) -> None:
    for role in (Role.ATTENDANT, Role.VIEWER):
        assert served.ask("GET", "/audit", served.person(role.value, role)).status_code == 403


def test_lines_are_found_by_act_actor_lot_and_time_and_come_in_pages(served: Vaulted) -> None:
    owner = served.home.founding.account.id.hex()
    assert len(_rows(served, "act=search")) == 2
    assert len(_rows(served, f"act=search&lot={LOT.hex()}&actor={owner}")) == 1
    assert _rows(served, f"actor={'00' * 16}") == []
    (newest, *_) = _rows(served, "act=search")
    assert len(_rows(served, f"act=search&last={newest['time']}")) == 1
    assert len(_rows(served, f"act=search&first={newest['time']}")) == 1

    first = served.said("/audit?act=search&limit=1")
    second = served.said(f"/audit?act=search&limit=1&cursor={first['cursor']}")
    seqs = [row["seq"] for page in (first, second) for row in page["rows"]]
    assert seqs == sorted(seqs, reverse=True)
    assert len(set(seqs)) == 2
    assert served.said(f"/audit?act=search&limit=1&cursor={second['cursor']}")["rows"] == []
    assert served.ask("GET", "/audit?cursor=nonsense").status_code == 400


def test_while_locked_the_lines_stand_and_their_details_are_sealed(served: Vaulted) -> None:
    served.home.keyholder.lock(served.owner)
    rows = _rows(served, "act=search")
    assert [(row["state"], row["detail"]) for row in rows] == [("sealed", None)] * 2


def test_a_detail_whose_key_is_gone_says_so(served: Vaulted) -> None:
    for kept in list(served.wraps.walk()):
        served.wraps.delete(kept.lot, kept.name)
    (row, *_) = _rows(served, "act=search")
    assert (row["state"], row["detail"]) == ("unreadable", None)
    assert row["fault"]
