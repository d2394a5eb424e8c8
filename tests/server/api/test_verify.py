"""Reports of verify over HTTP: begun, listed, fetched; a manager's tells of their lots alone."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from lot.clock import now_us
from lot.errors import DAMAGED, DONE
from lot.files import write_whole
from server.access.roles import Role
from server.api import verify_room
from server.commands.verify import walked
from server.store.tables import audit_lines
from server.verify.report import earlier, encoded
from server.verify.verifying import Verifying
from tests.contract.writers import LOT
from tests.server.api.vaulted import Vaulted


@pytest.fixture
def served(vault: Vaulted) -> Vaulted:
    def walk(path: Path) -> tuple[int, str]:
        with vault.database.read() as read:
            report = walked(vault.parts.settings, read)
        write_whole(path, encoded(report))
        return DONE if report.is_whole else DAMAGED, ""

    folder = vault.places.reports
    vault.serve(verify_room.room(Verifying(folder, vault.database, vault.ledger, now_us, walk)))
    return vault


def _made(vault: Vaulted) -> dict[str, Any]:
    answer = vault.ask("POST", "/verify/reports")
    assert answer.status_code == 202
    id_ = answer.get_json()["id"]
    until = time.monotonic() + 30
    while True:
        (found,) = [r for r in vault.said("/verify/reports")["rows"] if r["id"] == id_]
        if found["state"] != "running":
            return dict(found)
        assert time.monotonic() < until


def test_a_report_is_made_kept_and_fetched_byte_for_byte(served: Vaulted) -> None:
    served.keep(served.edge.an_event())
    made = _made(served)
    assert made["state"] == "whole"
    report = served.ask("GET", f"/verify/reports/{made['id']}").data
    assert earlier(report).ends  # what `verify --against` reads
    assert served.acts()[-1] == "verify"
    assert served.ask("GET", f"/verify/reports/{'00' * 16}").status_code == 404


def test_what_is_altered_is_in_the_list(served: Vaulted) -> None:
    _made(served)
    served.database.write(lambda write: write.execute(audit_lines.update().values(act="anything")))
    assert _made(served)["state"] == "damaged"


def test_a_manager_is_told_of_their_own_lot_and_others_of_nothing(served: Vaulted) -> None:
    path = f"/verify/reports/{_made(served)['id']}"
    of_all = json.loads(served.ask("GET", path).data)
    assert {one["lot"] for one in of_all["writers"]} == {LOT.hex(), None}
    assert of_all["nodes"]
    own = json.loads(served.ask("GET", path, served.person("Ma", Role.MANAGER, LOT)).data)
    assert ({one["lot"] for one in own["writers"]}, own["nodes"]) == ({LOT.hex()}, [])
    for role in (Role.ATTENDANT, Role.VIEWER):
        assert served.ask("GET", path, served.person(role.value, role)).status_code == 403


def test_one_walks_at_a_time_and_one_that_fails_says_why(vault: Vaulted, tmp_path: Path) -> None:
    goes_on = threading.Event()

    def walk(_: Path) -> tuple[int, str]:
        goes_on.wait(30)
        return 70, "no room left"

    reports = Verifying(tmp_path / "reports", vault.database, vault.ledger, now_us, walk)
    vault.serve(verify_room.room(reports))
    assert vault.ask("POST", "/verify/reports").status_code == 202
    assert vault.ask("POST", "/verify/reports").status_code == 409
    goes_on.set()
    until = time.monotonic() + 30
    while (row := vault.said("/verify/reports")["rows"][0])["state"] == "running":
        assert time.monotonic() < until
    assert (row["state"], row["why"]) == ("failed", "no room left")


@pytest.mark.parametrize(("early", "state"), [(True, "whole"), (False, "running")])
def test_a_report_that_ends_while_the_list_is_made_stands_in_it_once(
    served: Vaulted, early: bool, state: str
) -> None:
    folder, ledger = served.places.reports, served.ledger
    ends, ended = threading.Event(), threading.Event()

    def walk(path: Path) -> tuple[int, str]:
        ends.wait(10)
        write_whole(path, b"{}")
        return DONE, ""

    class Ending(Verifying):
        def _made(self, id_: bytes) -> None:
            super()._made(id_)
            ended.set()

        def _files(self) -> list[Path]:
            if threading.current_thread() is not threading.main_thread():
                return super()._files()
            before = super()._files()
            ends.set()
            ended.wait(10)
            return super()._files() if early else before

    verifying = Ending(folder, served.database, ledger, now_us, walk)
    id_ = verifying.begin(bytes(16))
    assert [(one.id, one.state) for one in verifying.every()] == [(id_, state)]
