"""Signing in over HTTP, with a real keyholder behind it and a browser that was approved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection

from contract.audit import ClearDetail
from contract.digest import H
from lot.clock import now_us
from server.access.approving import Approving
from server.access.refusing import Refusals
from server.access.roles import Right, Role, limit
from server.access.signing_in import Door
from server.api import devices, door, standing
from server.api.app import Frame, create
from server.api.holders import Holders
from server.api.refused import problem_of
from server.api.standing import Standing
from server.api.watching import Watch
from server.keys.holder import bodies, calls
from server.store import vouched
from server.store.database import Database
from tests.server.keys.holder.running import PASSPHRASE, House, house

KEY = "the key in the cookie"
DEVICE = bodies.Device(b"d" * 16, 1, "booth", H(KEY.encode()), b"a" * 16, 1, False, False)
BROWSER = {"Lot-Device": f"{DEVICE.id.hex()}.{KEY}"}


@dataclass
class Told:
    """Remembers what was written down, as the audit does."""

    acts: list[str] = field(default_factory=list)

    def line(
        self,
        write: Connection,
        act: str,
        detail: ClearDetail | Mapping[str, object] | None = None,
        *,
        lot: bytes | None = None,
        actor: bytes | None = None,
    ) -> None:
        self.acts.append(act)


class NoKeeper:
    def carried(self, asked: calls.AskKeeper) -> bytes:
        raise AssertionError(asked.keeper)


class Unpaced:
    def wait_s(self, door: str, who: str, *, most: int, seconds: int) -> int:
        return 0


@dataclass
class Served:
    client: FlaskClient
    home: House
    told: Told
    opened: list[int]

    def sign_in(self, **typed: str) -> tuple[int, Mapping[str, object]]:
        said = {"name": "Ada", "secret": PASSPHRASE, **typed}
        answer = self.client.post("/api/v1/sessions", json=said, headers=BROWSER)
        return answer.status_code, answer.get_json()


@pytest.fixture
def served(tmp_path: Path, database: Database) -> Iterator[Served]:
    with house(tmp_path) as home:
        _approve(home, database)
        told, opened = Told(), list[int]()
        refusals = Refusals(database, told)
        way = Door(
            database,
            home.keyholder,
            told,
            NoKeeper(),
            tmp_path / "pepper",
            lambda: "ntp",
            lambda _: opened.append(1),
            refusals,
        )
        rooms = [
            door.room(way),
            devices.room(Approving(database, home.keyholder, told, now_us)),
            standing.room(Standing(database, home.keyholder, now_us, lambda: "ntp")),
        ]
        holders = Holders(database, home.keyholder, now_us)
        app = create(Frame(holders, Unpaced(), Watch(), problem_of, refusals), rooms)
        yield Served(app.test_client(), home, told, opened)


def _approve(home: House, database: Database) -> None:
    body = bodies.encoded(DEVICE)
    row = calls.Vouched(body, home.keyholder.vouch(calls.Vouch(home.owner(-1), "devices", body)))

    def keep(connection: Connection) -> None:
        vouched.put(connection, "devices", row)
        vouched.put(connection, "accounts", home.founding.row)

    database.write(keep)
    home.keyholder.confirm_versions((calls.Version.of("devices", DEVICE.id, 1, body),))
    home.keyholder.lock(calls.Console())


def _signed_in(served: Served) -> dict[str, str]:
    status, said = served.sign_in(code=served.home.code())
    assert status == 201, said
    return {**BROWSER, "Authorization": f"Bearer {said['token']}"}


def test_passphrase_and_code_open_the_vault_and_give_a_session(served: Served) -> None:
    headers = _signed_in(served)
    assert (served.told.acts, served.opened) == (["unlock"], [1])

    said = served.client.get("/api/v1/sessions/own", headers=headers).get_json()
    assert (said["name"], said["role"], said["unlocked"]) == ("Ada", "owner", True)
    rights = {one["right"]: one["limit"] for one in said["rights"]}
    assert rights.keys() == {right.value for right in Right if limit(Role.OWNER, right)}
    assert served.client.get("/api/v1/status", headers=headers).get_json()["locked"] is False


def test_locking_shuts_the_vault_and_signs_nobody_out(served: Served) -> None:
    headers = _signed_in(served)
    assert served.client.post("/api/v1/lock", headers=headers).status_code == 204

    assert served.client.get("/api/v1/status", headers=headers).get_json()["locked"] is True
    assert served.client.get("/api/v1/sessions/own", headers=headers).status_code == 200
    assert served.told.acts == ["unlock", "lock"]


def test_who_signed_out_is_nobody(served: Served) -> None:
    headers = _signed_in(served)
    assert served.client.delete("/api/v1/sessions/own", headers=headers).status_code == 204
    assert served.client.get("/api/v1/sessions/own", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "typed", [{"name": "Eve"}, {"secret": "another one"}, {"code": "000000"}, {"code": ""}]
)
def test_what_is_wrong_with_it_is_not_said_and_is_written_down(
    served: Served, typed: dict[str, str]
) -> None:
    code = {} if typed.get("code") == "" else {"code": served.home.code(1)}
    status, said = served.sign_in(**{**code, **{k: v for k, v in typed.items() if v}})
    assert (status, said["type"]) == (401, "urn:lotkeeper:problem:wrong_credentials")
    assert served.told.acts == ["sign_in_refused"]


def test_a_browser_that_nobody_approved_reaches_no_passphrase(served: Served) -> None:
    for device in ("", "no dot", f"{DEVICE.id.hex()}.another key", f"{'00' * 16}.{KEY}"):
        answer = served.client.post(
            "/api/v1/sessions",
            json={"name": "Ada", "secret": PASSPHRASE, "code": served.home.code(1)},
            headers={"Lot-Device": device},
        )
        assert answer.get_json()["type"].endswith(":device_unknown")
    assert served.told.acts == ["refused"]  # once, however often


def test_a_session_taken_to_another_browser_is_worth_nothing(served: Served) -> None:
    headers = _signed_in(served)
    for other in ({}, {"Lot-Device": f"{DEVICE.id.hex()}.another key"}):
        stolen = {"Authorization": headers["Authorization"], **other}
        assert served.client.get("/api/v1/sessions/own", headers=stolen).status_code == 403


def _asked(served: Served) -> tuple[str, str, dict[str, str]]:
    said = served.client.post("/api/v1/devices/requests", json={"name": "phone"}).get_json()
    return said["id"], said["number"], {"Lot-Device": f"{said['id']}.{said['key']}"}


def test_a_browser_is_let_in_by_the_number_on_its_screen_and_sent_away_again(
    served: Served,
) -> None:
    owner = _signed_in(served)
    id_, number, phone = _asked(served)
    path = f"/api/v1/devices/requests/{id_}"
    listed = served.client.get("/api/v1/devices/requests", headers=owner).get_json()["rows"]
    assert [one["id"] for one in listed] == [id_]
    assert number not in str(listed)

    wrong = {"number": f"{(int(number) + 1) % 1_000_000:06d}", "is_desk": False}
    assert served.client.post(path, json=wrong, headers=owner).status_code == 404
    assert served.client.get(path).get_json() == {"state": "waiting"}
    right = {"number": number, "is_desk": False}
    answer = served.client.post(path, json=right, headers=owner)
    assert answer.get_json()["type"].endswith(":code_needed")
    fresh = {"purpose": "admit", "code": served.home.code(1)}
    assert served.client.post("/api/v1/grants", json=fresh, headers=owner).status_code == 201
    assert served.client.post(path, json=right, headers=owner).status_code == 204
    assert served.client.get(path).get_json() == {"state": "approved"}

    typed = {"name": "Ada", "secret": "wrong", "code": "000000"}
    answer = served.client.post("/api/v1/sessions", json=typed, headers=phone)
    assert answer.get_json()["type"].endswith(":wrong_credentials")

    gone = served.client.delete(f"/api/v1/devices/{id_}", headers=owner)
    assert gone.status_code == 204
    answer = served.client.post("/api/v1/sessions", json=typed, headers=phone)
    assert answer.get_json()["type"].endswith(":device_unknown")
    assert served.told.acts[1:5] == ["refused", "confirm", "device_approved", "sign_in_refused"]


def test_of_eleven_browsers_that_ask_at_once_one_is_told_to_come_back(served: Served) -> None:
    asked = [
        served.client.post("/api/v1/devices/requests", json={"name": f"phone {number}"})
        for number in range(11)
    ]
    assert [answer.status_code for answer in asked] == [201] * 10 + [403]
