"""What people say over HTTP counts, also while locked, and its history is told."""

from __future__ import annotations

from typing import Any

import pytest

from lot.clock import now_us
from server.access.roles import Role
from server.api import assembling
from server.api.watching import Watch
from server.api.ways_in import Taking
from tests.contract.writers import AN_EVENT, LOT, NOON
from tests.server.api.vaulted import Vaulted

HERE = f"/lots/{LOT.hex()}"
MINUTE, DAY = 60_000_000, 86_400_000_000


@pytest.fixture
def served(vault: Vaulted) -> Vaulted:
    vault.serve()
    return vault


def _say(vault: Vaulted, what: str, **said: object) -> Any:
    answer = vault.ask("POST", f"{HERE}/statements/{what}", json=said)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer.get_json()


def _entry(vault: Vaulted, at: int) -> str:
    made = vault.edge.an_event(at=at)
    vault.keep(made)
    return made.head.id


def test_a_corrected_plate_is_found_and_the_history_says_who_and_why(served: Vaulted) -> None:
    event = _entry(served, now_us() - MINUTE)
    said = _say(served, "plate", event=event, plate="new 4421", reason="seen at the desk")
    _say(served, "note", event=event, text="a white Tahoe")
    _say(served, "withdraw", statement=said["id"])
    served.indexing.feed()

    rows = served.said(f"{HERE}/visits/{event}/statements")["rows"]
    assert [row["what"] for row in rows] == ["plate", "note", "withdraw"]
    assert rows[0]["says"] == {"event": event, "plate": "NEW4421", "region": None}
    assert (rows[0]["name"], rows[0]["reason"]) == ("Ada", "seen at the desk")
    assert served.said(f"{HERE}/visits/{event}")["plate"] == AN_EVENT.plate  # it was taken back
    assert served.acts()[:3] == ["statement"] * 3


def test_an_entry_and_an_exit_are_joined_and_parted(served: Vaulted) -> None:
    entry, exit_ = (
        _entry(served, now_us() - 2 * MINUTE),
        served.edge.an_event(at=now_us() - MINUTE, kind="exit"),
    )
    served.keep(exit_)
    _say(served, "plate", event=exit_.head.id, plate="TRK0042")
    _say(served, "join", entry=entry, exit=exit_.head.id)
    indexing = served.indexing
    indexing.feed()
    assert served.said(f"{HERE}/visits/{entry}")["exit"]["id"] == exit_.head.id
    _say(served, "split", entry=entry, exit=exit_.head.id)
    indexing.feed()
    assert served.said(f"{HERE}/visits/{entry}")["exit"] is None


def test_a_car_is_typed_in_and_counted_also_while_locked(served: Vaulted) -> None:
    served.home.keyholder.lock(served.owner)
    typed = {"kind": "entry", "plate": "8abc 123"}
    answer = served.ask("POST", f"{HERE}/events", json=typed)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    assert served.ask("POST", f"{HERE}/counts/hand", json={"more": "one_more"}).status_code == 204
    assert served.said(f"{HERE}/occupancy")["inside"] == 2
    assert served.acts() == ["typed", "count"]

    served.home.owner(1)  # it is opened again, and the session is good still
    served.indexing.feed()
    (row,) = served.said("/events")["rows"]
    said = (row["id"], row["camera"], row["plate"], row["kind_by"])
    assert said == (answer.get_json()["id"], "desk", "8ABC123", "person")


def test_what_is_said_and_typed_in_has_the_index_look_at_once(vault: Vaulted) -> None:
    looks: list[str] = []
    taking = Taking(vault.parts, lambda: looks.append("look"))
    vault.serve(*assembling.rooms(vault.parts, taking, Watch()))
    _say(vault, "note", event=_entry(vault, now_us() - MINUTE), text="a white Tahoe")
    assert looks == ["look"]
    typed = {"kind": "entry", "plate": "8abc 123"}
    assert vault.ask("POST", f"{HERE}/events", json=typed).status_code == 201
    assert looks == ["look", "look"]


def test_an_attendant_speaks_of_today_and_of_what_is_inside(served: Vaulted) -> None:
    attendant = served.person("At", Role.ATTENDANT)
    left = served.edge.an_event(at=NOON - 400 * DAY, kind="exit")
    served.keep(left)
    today = _entry(served, now_us())
    served.indexing.feed()

    def note(event: str) -> int:
        body = {"event": event, "text": "a dent"}
        answer = served.ask("POST", f"{HERE}/statements/note", attendant, json=body)
        return answer.status_code

    assert note(today) == 201
    assert note(left.head.id) == 404
    assert note(left.head.id[:-1] + "f") == 404


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUDITOR])
def test_who_only_looks_says_nothing(served: Vaulted, role: Role) -> None:
    event, by = _entry(served, now_us()), served.person("Vi", role)
    body = {"event": event}
    assert served.ask("POST", f"{HERE}/statements/void", by, json=body).status_code == 403
    more = {"more": "one_less"}
    assert served.ask("POST", f"{HERE}/counts/hand", by, json=more).status_code == 403


def test_what_contradicts_itself_is_a_wrong_field(served: Vaulted) -> None:
    event = _entry(served, now_us())
    body = {"entry": event, "exit": event}
    answer = served.ask("POST", f"{HERE}/statements/join", json=body)
    assert answer.get_json()["type"].endswith(":wrong_field")
    bare: dict[str, object] = {"event": event, "plate": None, "region": "us-ca"}
    answer = served.ask("POST", f"{HERE}/statements/plate", json=bare)
    assert answer.get_json()["type"].endswith(":wrong_field")
    ahead = {"kind": "entry", "plate": None, "at": now_us() + DAY}
    assert served.ask("POST", f"{HERE}/events", json=ahead).status_code == 400
