"""Exports leave under a fresh code alone, whole, signed, and with a line in the audit."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import NoReturn

import pytest

from contract import trust
from contract.otp import Typed
from server.exports.opening import Finding
from server.exports.package import checked
from server.keys.holder import calls
from server.keys.holder.refusals import Busy
from tests.contract.writers import AN_EVENT, LOT, NOON
from tests.server.api.vaulted import Vaulted

HERE = f"/lots/{LOT.hex()}/exports"
HOUR = 3_600_000_000


@pytest.fixture
def served(vault: Vaulted) -> Vaulted:
    vault.keep(vault.edge.an_event({"plate": b"no picture at all"}), vault.edge.an_event())
    vault.indexing.feed()
    vault.serve()
    return vault


def _grant(vault: Vaulted, first: int | None = None, last: int | None = None) -> None:
    code, range_ = Typed(vault.home.code(1)), calls.Range(LOT, first, last)
    vault.home.keyholder.confirm(calls.Confirm(vault.owner, code, "export", range_, None, "ntp"))


def test_nothing_leaves_without_a_code_for_its_range(served: Vaulted) -> None:
    for what in ("tables", "film"):
        answer = served.ask("GET", f"{HERE}/{what}")
        assert answer.get_json()["type"].endswith(":code_needed")
    _grant(served, NOON - HOUR, NOON + HOUR)
    assert served.ask("GET", f"{HERE}/tables").status_code == 403
    assert set(served.acts()) == {"refused"}


def test_tables_are_whole_and_signed(served: Vaulted, tmp_path: Path) -> None:
    _grant(served, NOON - HOUR, NOON + HOUR)
    answer = served.ask("GET", f"{HERE}/tables?first={NOON - HOUR}&last={NOON + HOUR}")
    assert (answer.status_code, answer.content_type) == (200, "application/zip")
    path = tmp_path / "export.zip"
    path.write_bytes(answer.data)
    public = trust.pack_own(served.home.founding.trust_pack).vault_sign
    found = checked(str(path), public)
    assert [one.name for one in found.files] == ["events.csv", "visits.csv"]
    assert found.by == served.home.founding.account.id
    assert served.acts() == ["export"]
    with zipfile.ZipFile(path) as package:
        assert package.read("events.csv").count(b"\n") == 3


def test_an_export_waits_for_a_session_that_looked_too_fast(served: Vaulted) -> None:
    looks = [served.ask("GET", f"/visits?limit={n}") for n in (500, 500, 500, 500, 500, 100)]
    assert {one.status_code for one in looks} == {200}
    assert served.ask("GET", "/visits?limit=500").status_code == 429
    _grant(served)
    with zipfile.ZipFile(io.BytesIO(served.ask("GET", f"{HERE}/tables").data)) as package:
        assert package.read("visits.csv").count(b"\n") == 3


def test_what_fails_before_the_first_byte_is_no_empty_file(
    served: Vaulted, monkeypatch: pytest.MonkeyPatch
) -> None:
    _grant(served)
    body: dict[str, object] = {
        "plate": AN_EVENT.plate,
        "ground": "they asked in writing",
        "theirs": [],
    }
    monkeypatch.setattr(Finding, "ids", _busy)
    answer = served.ask("POST", f"{HERE}/subject", json=body)
    assert (answer.status_code, answer.get_json()["type"][-5:]) == (503, ":busy")


def _busy(*_: object) -> NoReturn:
    raise Busy("the keyholder has too much to do", then="wait a little")


def test_a_film_is_made_of_the_range(served: Vaulted) -> None:
    _grant(served)
    answer = served.ask("GET", f"{HERE}/film")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as package:
        assert package.read("film.mp4")[4:8] == b"ftyp"


def test_a_pack_of_one_plate_holds_its_pictures_and_says_the_ground(served: Vaulted) -> None:
    assert AN_EVENT.plate is not None
    body = {"plate": AN_EVENT.plate, "ground": "they asked in writing"}
    for _ in range(9):  # as often as a person asks in a minute: nobody is made to wait
        assert served.ask("POST", f"{HERE}/doubtful", json=body).get_json() == {"events": []}
    assert served.ask("POST", f"{HERE}/subject", json={**body, "theirs": []}).status_code == 403
    _grant(served)
    answer = served.ask("POST", f"{HERE}/subject", json={**body, "theirs": []})
    with zipfile.ZipFile(io.BytesIO(answer.data)) as package:
        names = package.namelist()
    assert len([name for name in names if name.endswith("-plate.jpg")]) == 1
    assert {"events.csv", "visits.csv", "manifest.lkm"} <= set(names)
    assert served.acts() == [*["search"] * 9, "refused", "export"]
