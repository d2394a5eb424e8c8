"""Over HTTP: what is due, a plate erased, holds; each for who may, and none without its code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from contract.otp import Typed
from lot.clock import now_us
from server.access.roles import Role
from server.desk import faces
from server.keys.holder import calls
from server.private.belongings import Belonging, Belongings
from server.refusals import Changed
from server.retention.erasing import Meant, erasing
from server.retention.retaining import RETENTION
from server.running.turns import turn
from server.store import ticket_faces
from tests.contract.writers import AN_EVENT, LOT
from tests.server.api.vaulted import Vaulted

HERE = f"/lots/{LOT.hex()}"
DAY = 86_400_000_000
DAYS = 5
GROUND = "they asked in writing"


@pytest.fixture
def served(vault: Vaulted) -> Vaulted:
    """A vault with one event a day, all long due."""
    first = now_us() - 200 * DAY
    for day in range(DAYS):
        at = first + day * DAY
        vault.new_day(at)
        vault.keep(vault.edge.an_event({"plate": b"%d" % day}, at=at))
    vault.serve()
    return vault


def test_what_is_due_is_listed_and_let_go_by_its_mark(served: Vaulted) -> None:
    found = served.said("/retention/due")
    assert (found["days"], "at once" in found["waits"]) == (DAYS, True)
    (row,) = [one for one in found["rows"] if one["lot"] == LOT.hex()]
    assert (row["text_keys"], row["picture_keys"], row["records"]) == (DAYS, DAYS, DAYS)
    other = served.ask("POST", "/retention/due", json={"mark": "00" * 32})
    assert other.get_json()["type"].endswith(":conflict")
    assert served.ask("POST", "/retention/due", json={"mark": found["mark"]}).status_code == 204
    assert served.said("/retention/due")["rows"] == []
    assert served.acts()[-2:] == ["retention_confirmed", "erased"]


def test_a_plate_is_shown_and_then_erased_under_a_code(served: Vaulted) -> None:
    served.indexing.feed()
    body = {"plate": AN_EVENT.plate, "ground": GROUND}
    seen = served.ask("POST", f"{HERE}/erasures/dry-run", json=body).get_json()
    assert (seen["events"], seen["records"], len(seen["still"])) == (DAYS, DAYS, 5)
    refused = served.ask("POST", f"{HERE}/erasures", json=body)
    assert refused.get_json()["type"].endswith(":code_needed")
    code, range_ = Typed(served.home.code(1)), calls.Range(LOT, None, None)
    served.home.keyholder.confirm(calls.Confirm(served.owner, code, "erase", range_, None, "ntp"))
    gone = served.ask("POST", f"{HERE}/erasures", json=body)
    assert (gone.status_code, gone.get_json()["records"]) == (200, DAYS)
    assert served.acts()[-2:] == ["plate_erased", "erased"]


def test_what_people_wrote_of_a_plate_goes_with_it_and_nobody_elses_rows_do(
    served: Vaulted,
) -> None:
    words = dict.fromkeys(("name", "phone", "mail", "looks", "bay", "key", "note"))
    reached = {"phone": None, "mail": None, "note": None}
    mine, other = AN_EVENT.plate, "5XYZ987"
    listed = {"list": "staff", "holder": None, "begins": None, "ends": None}

    def added(path: str, body: Mapping[str, object]) -> Any:
        answer = served.ask("POST", HERE + path, json=body)
        assert answer.status_code == 201, answer.get_data(as_text=True)
        return answer.get_json()

    for plate in (mine, other):
        added("/known", {**listed, "plate": plate, "alarm": False, "note": None})
    added("/customers", {"name": "Ortiz", "plates": [mine, other], **reached})
    tickets = [
        added("/tickets", {**words, "once": f"{n:032x}", "plate": plate})
        for n, plate in enumerate((mine, other))
    ]
    served.indexing.feed()
    body = {"plate": mine, "ground": GROUND}

    def seen() -> dict[tuple[str, str], str]:
        said = served.ask("POST", f"{HERE}/erasures/dry-run", json=body).get_json()
        return {(one["kind"], one["called"]): one["fate"] for one in said["written"]}

    number = tickets[0]["ticket"]["number"]
    assert seen() == {
        ("known", "staff"): "goes",
        ("customer", "Ortiz"): "loses_plate",
        ("ticket", number): "stays",  # its car is still with the desk
    }
    path = f"{HERE}/tickets/{tickets[0]['ticket']['id']}/hand_out"
    assert served.ask("POST", path, json={"handed": True}).status_code == 200
    served.indexing.feed()
    assert seen()["ticket", number] == "goes"
    code, range_ = Typed(served.home.code(1)), calls.Range(LOT, None, None)
    served.home.keyholder.confirm(calls.Confirm(served.owner, code, "erase", range_, None, "ntp"))
    gone = served.ask("POST", f"{HERE}/erasures", json=body)
    assert gone.status_code == 200, gone.get_data(as_text=True)
    assert seen() == {}
    (known,) = served.said(f"{HERE}/known")["rows"]
    (customer,) = served.said(f"{HERE}/customers")["rows"]
    assert (known["content"]["plate"], customer["content"]["plates"]) == (other, [other])
    with served.database.read() as read:
        lost, kept = (ticket_faces.found(read, faces.id_of(one["token"])) for one in tickets)
    assert (lost, kept is None) == (None, False)


def test_an_event_is_held_listed_and_let_go_by_who_manages(served: Vaulted) -> None:
    made = served.edge.an_event({"plate": b"held"})
    served.keep(made)
    manager, path = served.person("Ma", Role.MANAGER), f"{HERE}/holds/{made.head.id}"
    assert served.ask("PUT", path, manager, json={"reason": "a scratch"}).status_code == 204
    (row,) = served.said(f"{HERE}/holds", manager)["rows"]
    assert (row["event"], row["reason"]) == (made.head.id, "a scratch")
    assert row["by"] not in (None, served.home.founding.account.id.hex())
    assert served.ask("DELETE", path, manager).status_code == 204
    assert served.ask("DELETE", path, manager).status_code == 404
    assert served.said(f"{HERE}/holds") == {"rows": [], "after": None}


def test_nothing_is_held_while_something_is_being_forgotten(served: Vaulted) -> None:
    made = served.edge.an_event({"plate": b"held"})
    served.keep(made)
    path = f"{HERE}/holds/{made.head.id}"
    with turn(served.places.chores / RETENTION) as mine:
        assert mine is not None
        answer = served.ask("PUT", path, json={"reason": "a scratch"})
        assert (answer.status_code, answer.get_json()["type"][-5:]) == (503, ":busy")
    assert served.said(f"{HERE}/holds")["rows"] == []
    assert served.ask("PUT", path, json={"reason": "a scratch"}).status_code == 204


@dataclass(frozen=True, slots=True)
class Slow(Belongings):
    """Lets somebody else do something after it was seen what goes, and before it does."""

    meanwhile: Callable[[], object] = tuple

    def forget(self, by: calls.Caller, lot: bytes, rows: Iterable[Belonging], plate: str) -> None:
        self.meanwhile()


def test_what_is_held_since_it_was_looked_for_is_not_erased(served: Vaulted) -> None:
    served.indexing.feed()
    assert AN_EVENT.plate is not None
    code, range_ = Typed(served.home.code(1)), calls.Range(LOT, None, None)
    served.home.keyholder.confirm(calls.Confirm(served.owner, code, "erase", range_, None, "ntp"))
    meant = Meant(served.owner, LOT, AN_EVENT.plate, GROUND)
    plain = erasing(served.parts)
    (event, *_) = plain.sight(meant).events

    def hold() -> None:
        answer = served.ask("PUT", f"{HERE}/holds/{event}", json={"reason": "a scratch"})
        assert answer.status_code == 204

    slow = replace(plain, belongings=Slow(plain.belongings.private, hold))
    with pytest.raises(Changed, match="holds"):
        slow.erase(meant)
    seen = plain.sight(meant)
    assert (len(seen.events), seen.held) == (DAYS - 1, (event,))
