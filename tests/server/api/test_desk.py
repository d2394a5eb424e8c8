"""The desk over HTTP: taken in, called, handed out, found again; and a link that shows one car."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from contract.ids import uuid7
from lot.clock import now_us
from lot.errors import Unreachable
from server.access.roles import Role
from server.api import desk_room, find_room, private_room, ticket_room
from server.desk import faces
from server.desk.search import Search
from server.desk.service import Service
from server.indexing.feeding import Indexing
from server.private.rows import Private
from server.store.tables import private_rows, ticket_faces
from tests.contract.writers import AN_EVENT, LOT
from tests.server.api.vaulted import FAR, Vaulted

DESK = f"/lots/{LOT.hex()}"
HOUR = 3_600_000_000
WORDS = {
    "name": "Ada",
    "phone": "555 0100",
    "mail": None,
    "looks": "white Tahoe",
    "bay": "7",
    "key": "A12",
    "note": None,
}


class Told:
    """A desk whose index knows of everything before anybody asks again."""

    def __init__(self, vault: Vaulted) -> None:
        self.vault = vault
        self.indexing: Indexing = vault.indexing
        of, hold = vault.parts, vault.home.keyholder
        private = Private(vault.database, hold, vault.ledger)
        self.service = Service(private, hold, of, of.shelf, of.said, of.typed, now_us)
        search = Search(vault.database, hold, of, self.service, of.shelf, now_us)
        vault.serve(
            desk_room.room(self.service),
            find_room.room(search),
            ticket_room.room(vault.database, of.is_locked, now_us),
            private_room.room(private),
        )

    def post(self, path: str, body: object, status: int = 200) -> Any:
        answer = self.vault.ask("POST", DESK + path, json=body)
        assert answer.status_code == status, answer.get_data(as_text=True)
        self.indexing.feed()
        return answer.get_json()

    def take_in(self, once: bytes | None = None, **more: object) -> Any:
        body = {**WORDS, "once": (once or secrets.token_bytes(16)).hex(), **more}
        return self.post("/tickets", body, 201)

    def view(self) -> Any:
        return self.vault.said(f"{DESK}/desk")

    def found(self, typed: str) -> Any:
        return self.vault.said(f"/find?q={typed}")["rows"]

    def shown(self, token: str) -> Any:
        assert self.vault.app is not None
        return self.vault.app.test_client().get(f"/api/v1/tickets/{token}", environ_base=FAR)


@pytest.fixture
def told(vault: Vaulted) -> Told:
    return Told(vault)


@pytest.fixture
def came(told: Told) -> str:
    """The event of a car that a camera saw come in just now."""
    now = now_us()
    seen = told.vault.edge.an_event(id=uuid7(now, 1), at=now)
    told.vault.keep(seen)
    told.indexing.feed()
    return seen.head.id


def test_whose_plate_it_is_is_said_and_the_look_is_written_down(told: Told) -> None:
    kept = {"name": "Ada", "phone": None, "mail": None, "plates": ["8abc 123"], "note": None}
    made = told.post("/customers", kept, 201)
    said = told.vault.said(f"{DESK}/customer?plate=8ABC123")
    assert said == {"customer": {**made, "content": kept}}
    assert told.vault.acts()[-1] == "search"
    assert told.vault.said(f"{DESK}/customer?plate=5XYZ987") == {"customer": None}


def test_a_car_by_hand_is_taken_in_called_and_handed_out(told: Told) -> None:
    made = told.take_in(plate="klm 4421")
    ticket = made["ticket"]
    (held,) = told.view()["tickets"]
    assert held["ticket"] == ticket
    assert held["visit"]["plate"] == ticket["plate"] == "KLM4421"
    assert held["visit"]["inside"]

    path = f"/tickets/{ticket['id']}"
    called = told.post(f"{path}/call", {"called": True})
    assert called["called"] is not None
    assert told.post(f"{path}/call", {"called": True}) == called  # a second tap

    handed = told.post(f"{path}/hand_out", {"handed": True})
    assert told.post(f"{path}/hand_out", {"handed": True}) == handed
    view = told.view()
    assert view["tickets"] == []
    assert [one["ticket"]["id"] for one in view["handed"]] == [ticket["id"]]
    visit = told.vault.said(f"{DESK}/tickets/{ticket['id']}")["visit"]
    assert not visit["inside"]
    assert "checked_out" in visit["flags"]

    told.post(f"{path}/hand_out", {"handed": False})
    (held,) = told.view()["tickets"]
    assert held["visit"]["inside"]


def test_the_same_form_twice_makes_one_ticket_and_one_event(told: Told) -> None:
    once = secrets.token_bytes(16)
    first, second = told.take_in(once, plate="KLM4421"), told.take_in(once, plate="KLM4421")
    assert first == second
    assert len(told.view()["tickets"]) == 1
    assert told.vault.acts().count("typed") == 1
    another = {**WORDS, "once": once.hex(), "plate": "8ABC123"}  # the same form, gone back to
    assert told.vault.ask("POST", f"{DESK}/tickets", json=another).status_code == 409


def test_of_two_who_write_on_one_ticket_the_second_is_told(told: Told) -> None:
    ticket = told.take_in(plate="KLM4421")["ticket"]
    path = f"{DESK}/tickets/{ticket['id']}"
    told.post(f"/tickets/{ticket['id']}/call", {"called": True})
    late = told.vault.ask("PUT", path, json={**WORDS, "bay": "8", "version": ticket["version"]})
    assert late.status_code == 409
    now = told.vault.said(path)["ticket"]
    kept = told.vault.ask("PUT", path, json={**WORDS, "bay": "8", "version": now["version"]})
    assert kept.get_json()["bay"] == "8"
    assert kept.get_json()["called"] == now["called"]


def test_a_link_shows_bay_and_times_and_while_open_the_end_of_the_plate(told: Told) -> None:
    made = told.take_in(plate="KLM4421")
    told.post(f"/tickets/{made['ticket']['id']}/call", {"called": True})
    shown = told.shown(made["token"]).get_json()
    assert (shown["bay"], shown["tail"], shown["number"]) == ("7", "421", made["ticket"]["number"])
    assert shown["called"] is not None
    assert "Ada" not in str(shown)

    told.vault.home.keyholder.lock(told.vault.owner)
    shown = told.shown(made["token"]).get_json()
    assert (shown["bay"], shown["tail"]) == ("7", None)
    assert told.shown("A" * 22).status_code == 404
    assert told.shown("no-token").status_code == 404


def test_neither_the_token_nor_what_it_shows_lies_open(told: Told) -> None:
    made = told.take_in(plate="KLM4421", bay="the-roof")
    with told.vault.database.read() as read:
        boxes = [
            one.box
            for table in (private_rows, ticket_faces)
            for one in read.execute(table.select())
        ]
    assert len(boxes) == 2
    for secret in (made["token"], "the-roof", "KLM4421", "421"):
        assert all(secret.encode() not in box for box in boxes)


def test_a_lost_ticket_is_given_out_anew_and_the_old_link_ends(told: Told) -> None:
    made = told.take_in(plate="KLM4421")
    once = {"once": secrets.token_hex(16)}
    new = told.post(f"/tickets/{made['ticket']['id']}/link", once, 201)
    assert told.shown(made["token"]).status_code == 404
    assert told.shown(new["token"]).get_json()["bay"] == "7"
    (held,) = told.view()["tickets"]
    assert held["ticket"] == {
        **made["ticket"],
        "id": new["ticket"]["id"],
        "number": new["ticket"]["number"],
        "version": 1,
    }


def test_a_car_is_taken_back_also_where_handing_it_out_was_cut_and_done_again(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/tickets/{told.take_in(plate='KLM4421')['ticket']['id']}/hand_out"

    def power_cut(*_: object, **__: object) -> None:
        raise Unreachable("the database is away", then="try again in a while")

    with monkeypatch.context() as power:
        power.setattr(Private, "put", power_cut)
        told.post(path, {"handed": True}, 503)
    told.indexing.feed()
    told.post(path, {"handed": True})
    told.post(path, {"handed": False})
    view = told.view()
    assert (len(view["tickets"]), view["handed"]) == (1, [])


def test_the_old_link_ends_also_where_giving_out_anew_was_cut_and_asked_again(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = told.take_in(plate="KLM4421")
    path, once = f"/tickets/{made['ticket']['id']}/link", {"once": secrets.token_hex(16)}

    def power_cut(*_: object, **__: object) -> None:
        raise Unreachable("the database is away", then="try again in a while")

    with monkeypatch.context() as power:
        power.setattr(Private, "drop", power_cut)
        told.post(path, once, 503)
    new = told.post(path, once, 201)

    assert told.shown(made["token"]).status_code == 404
    assert told.shown(new["token"]).status_code == 200
    assert len(told.view()["tickets"]) == 1
    assert told.post(path, once, 201) == new


def test_a_day_after_the_car_left_its_ticket_is_gone(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = told.take_in(plate="KLM4421")
    told.post(f"/tickets/{made['ticket']['id']}/hand_out", {"handed": True})
    assert told.shown(made["token"]).status_code == 200
    later = Service(
        told.service.private,
        told.service.keyholder,
        told.service.ledger,
        told.service.shelf,
        told.service.said,
        told.service.typed,
        lambda: now_us() + faces.LASTS_US,
    )
    assert later.view(told.vault.owner, LOT, sees_lists=True).handed == ()
    assert told.shown(made["token"]).status_code == 404
    with told.vault.database.read() as read:
        assert read.execute(private_rows.select()).all() == []
        assert read.execute(ticket_faces.select()).all() == []


def test_a_camera_s_car_arrives_and_is_taken_in_once(told: Told, came: str) -> None:
    assert [one["id"] for one in told.view()["arrivals"]] == [came]
    made = told.take_in(event=came)
    assert made["ticket"]["plate"] == AN_EVENT.plate
    assert told.view()["arrivals"] == []
    body = {**WORDS, "once": secrets.token_hex(16), "event": came}
    again = told.vault.ask("POST", f"{DESK}/tickets", json=body)
    assert again.status_code == 409
    assert again.get_json()["type"].endswith("already_there")


def test_a_car_typed_in_that_a_camera_saw_is_that_car(told: Told, came: str) -> None:
    made = told.take_in(plate=AN_EVENT.plate)
    assert made["ticket"]["event"] == came
    assert "typed" not in told.vault.acts()
    body = {**WORDS, "once": secrets.token_hex(16), "plate": AN_EVENT.plate}
    assert told.vault.ask("POST", f"{DESK}/tickets", json=body).status_code == 409


def test_a_car_that_the_gate_saw_leave_is_in_nobody_s_care(told: Told, came: str) -> None:
    ticket = told.take_in(event=came)["ticket"]
    now = now_us()
    told.vault.keep(told.vault.edge.an_event(id=uuid7(now, 2), at=now, kind="exit"))
    told.indexing.feed()
    view = told.view()
    assert view["tickets"] == []
    assert [one["ticket"]["id"] for one in view["handed"]] == [ticket["id"]]


def test_an_attendant_has_the_whole_desk_and_no_lists_of_who_is_away(told: Told) -> None:
    attendant = told.vault.person("At", Role.ATTENDANT)
    body = {**WORDS, "once": secrets.token_hex(16), "plate": "KLM4421"}
    made = told.vault.ask("POST", f"{DESK}/tickets", attendant, json=body).get_json()
    told.indexing.feed()
    path = f"{DESK}/tickets/{made['ticket']['id']}"
    assert told.vault.said(f"{DESK}/desk", attendant)["tickets"][0]["visit"]["inside"]
    (found,) = told.vault.said("/find?q=tahoe", attendant)["rows"]
    assert found["ticket"]["id"] == made["ticket"]["id"]
    answer = told.vault.ask("POST", f"{path}/hand_out", attendant, json={"handed": True})
    assert answer.status_code == 200


def _booking(plate: str | None, name: str, begins: int, hours: int = 4) -> dict[str, object]:
    plain = dict.fromkeys(("phone", "mail", "bay", "event", "note"))
    span = {"begins": begins, "ends": begins + hours * HOUR}
    return {**plain, **span, "plate": plate, "name": name, "state": "expected"}


def test_bookings_come_by_themselves_and_are_late_and_do_not_show(told: Told) -> None:
    now = now_us()
    rows = [
        _booking("KLM4421", "came", now - HOUR),
        _booking("8ABC123", "late", now - HOUR),
        _booking("8ABC124", "no_show", now - 5 * HOUR),
        _booking(None, "expected", now + HOUR),
    ]
    once = secrets.token_hex(16)
    assert told.post("/bookings/many", {"once": once, "rows": rows}, 201) == {"added": 4}
    assert told.post("/bookings/many", {"once": once, "rows": rows}, 201) == {"added": 0}
    told.take_in(plate="KLM4421")
    found = {one["booking"]["content"]["name"]: one["standing"] for one in told.view()["bookings"]}
    assert found == {name: name for name in ("came", "late", "no_show", "expected")}
    assert len(told.vault.said(f"{DESK}/expected")["rows"]) == 4


def test_who_comes_with_another_car_is_taken_in_by_the_booking(told: Told) -> None:
    rows = [_booking("8ABC123", "Weber", now_us())]
    told.post("/bookings/many", {"once": secrets.token_hex(16), "rows": rows}, 201)
    (stand,) = told.view()["bookings"]
    told.take_in(plate="RENT1", booking=stand["booking"]["id"])
    (stand,) = told.view()["bookings"]
    assert stand["standing"] == "came"
    assert told.found("weber")[0]["visit"]["plate"] == "RENT1"


def test_several_rows_are_added_all_or_none(told: Told) -> None:
    good, wrong = (
        _booking("KLM4421", "Ada", now_us()),
        _booking("KLM4421", "Bo", now_us(), hours=-1),
    )
    body = {"once": secrets.token_hex(16), "rows": [good, wrong]}
    assert told.vault.ask("POST", f"{DESK}/bookings/many", json=body).status_code == 400
    assert told.vault.said(f"{DESK}/bookings")["rows"] == []


def test_a_listed_car_is_a_hit_while_it_is_inside(told: Told) -> None:
    blocked = {"list": "blocked", "plate": "klm-4421", "holder": None, "note": "owes a month"}
    row = {**blocked, "begins": None, "ends": None, "alarm": True}
    assert told.vault.ask("POST", f"{DESK}/known", json=row).status_code == 201
    ticket = told.take_in(plate="KLM4421")["ticket"]
    (hit,) = told.vault.said(f"{DESK}/hits")["rows"]
    assert (hit["known"]["content"]["note"], hit["likeness"]) == ("owes a month", "same")
    told.post(f"/tickets/{ticket['id']}/hand_out", {"handed": True})
    assert told.vault.said(f"{DESK}/hits")["rows"] == []


@pytest.mark.parametrize("typed", ["white tahoe", "klm", "4421", "A12", "7", "ada", "5550100"])
def test_the_field_finds_a_car_by_whatever_is_known(told: Told, typed: str) -> None:
    nothing: dict[str, object] = dict.fromkeys(WORDS)
    told.take_in(None, plate="8ABC123", **nothing)
    ticket = told.take_in(plate="KLM4421")["ticket"]
    assert told.found(typed)[0]["ticket"]["id"] == ticket["id"]


def test_the_field_finds_what_cameras_read_long_ago(told: Told) -> None:
    told.vault.keep(told.vault.edge.an_event(), told.vault.edge.an_event(kind="exit"))
    told.indexing.feed()
    assert AN_EVENT.plate is not None
    found = told.found(AN_EVENT.plate[:4].lower())
    assert AN_EVENT.plate in {one["visit"]["plate"] for one in found}


def test_a_viewer_finds_nothing_and_an_auditor_says_why(told: Told) -> None:
    told.take_in(plate="KLM4421")
    viewer, auditor = (told.vault.person(r.value, r) for r in (Role.VIEWER, Role.AUDITOR))
    assert told.vault.ask("GET", "/find?q=klm", viewer).status_code == 403
    assert told.vault.ask("GET", "/find?q=klm", auditor).status_code == 400
    (found,) = told.vault.said("/find?q=klm&reason=police", auditor)["rows"]
    assert found["ticket"] is None  # the desk's own is not the auditor's
    assert told.vault.ask("GET", f"{DESK}/desk", auditor).status_code == 403


def test_typing_at_a_full_desk_is_not_too_fast(told: Told) -> None:
    for number in range(30):
        told.take_in(plate=f"KLM{number:04d}")
    for _ in range(60):
        told.found("klm")
    assert len(told.view()["tickets"]) == 30


def test_while_locked_nothing_is_shown_and_nothing_is_kept_open(told: Told) -> None:
    told.take_in(plate="KLM4421")
    told.view()
    shelf = told.service.shelf
    assert shelf._sessions
    told.vault.home.keyholder.lock(told.vault.owner)
    shelf.forget_if_locked()
    assert not shelf._sessions
    assert told.vault.ask("GET", f"{DESK}/desk").status_code == 423
    assert told.vault.ask("GET", "/find?q=klm").status_code == 423
