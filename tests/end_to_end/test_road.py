"""From an empty folder to a plate that is found, with real processes, TLS and databases."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx

from contract.digest import H
from contract.ids import uuid7
from edge.delivery.delivering import Delivery
from edge.delivery.identity import identity_in
from edge.delivery.settings import asked_from, places_from
from lot.clock import now_us
from lot.settings import given_values
from tests.edge.delivery.lot import AN_EVENT, picture
from tests.edge.delivery.serving import until
from tests.end_to_end.standing import Owner, Pipe, standing
from tests.server.databases import Server
from tests.server.serving import Served

PICTURES = {"vehicle": picture(1, 60_000), "plate": picture(2, 6_000)}


def test_a_plate_that_an_edge_saw_is_found_while_unlocked_and_not_while_locked(
    tmp_path: Path, database_servers: Callable[[str], Server]
) -> None:
    with standing(tmp_path, database_servers("mariadb").new()) as (owner, found):
        owner.unlock()
        env = _enrolled(owner, found, tmp_path / "edge")
        owner.says("lock")
        event = _delivered(env, tmp_path / "edge")  # taken while locked
        with found.client() as client:
            assert client.get("/api/v1/status").json()["locked"] is True
            owner.unlock()
            bearer = {"Authorization": f"Bearer {owner.session}"}
            until(lambda: _total(client, bearer) == 1)
            (lot,) = client.get("/api/v1/lots", headers=bearer).json()["rows"]
            path = f"/api/v1/lots/{lot['lot']}/events/{event}"
            said = client.get(path, headers=bearer).json()
            assert said["event"]["plate"] == AN_EVENT.plate
            shown = client.get(f"{path}/pictures/vehicle", headers=bearer)
            assert shown.content == PICTURES["vehicle"]
            owner.says("lock")
            refused = client.get(f"/api/v1/events?plate={AN_EVENT.plate}", headers=bearer)
            assert refused.json()["type"] == "urn:lotkeeper:problem:locked"
        assert "nothing missing, nothing altered" in owner.says("verify")
        assert AN_EVENT.plate is not None
        _holds_none_of(owner.places.state, AN_EVENT.plate.encode(), *PICTURES.values())


def test_an_edge_that_was_sent_away_delivers_no_more(
    tmp_path: Path, database_servers: Callable[[str], Server]
) -> None:
    with standing(tmp_path, database_servers("sqlite").new()) as (owner, found):
        owner.unlock()
        env = _enrolled(owner, found, tmp_path / "edge")
        _delivered(env, tmp_path / "edge")
        assert "good gate" in owner.says("edge", "list")
        owner.says("edge", "revoke", "box", *owner.signed())
        assert "revoked gate" in owner.says("edge", "list")
        with found.client() as client:
            token = given_values({}, tmp_path / "edge" / ".env")["LOT_SERVER_TOKEN"]
            answer = client.post(
                "/api/v1/batch",
                content=b"",
                headers={
                    "Authorization": f"Bearer {token}",
                    "Content-Type": "application/octet-stream",
                },
            )
        assert answer.status_code == 401


def test_a_browser_is_approved_at_the_console_and_signs_in_with_it(
    tmp_path: Path, database_servers: Callable[[str], Server]
) -> None:
    with standing(tmp_path, database_servers("sqlite").new()) as (owner, found):
        owner.unlock()
        with found.client() as client:
            asked = client.post("/api/v1/devices/requests", json={"name": "booth"}).json()
            owner.says("device", "approve", asked["number"], *owner.signed())
            here = {"Lot-Device": f"{asked['id']}.{asked['key']}"}
            said = owner.passphrase_and_code()
            answer = client.post("/api/v1/sessions", json={"name": "Ada", **said}, headers=here)
            assert answer.status_code == 201, answer.text
            assert answer.json()["identity"]["role"] == "owner"
            assert "booth" in owner.says("device", "list")


def test_people_are_added_closed_and_reopened_and_the_sheet_is_made_anew_at_the_console(
    tmp_path: Path, database_servers: Callable[[str], Server]
) -> None:
    with standing(tmp_path, database_servers("sqlite").new()) as (owner, _):
        owner.unlock()
        password = tmp_path / "password"
        password.touch(mode=0o600)
        password.write_text("green doors by the mill", encoding="utf-8")
        asked = ("--role", "attendant", "--lot", "North", "--password-file", str(password))
        owner.says("user", "add", "Grace", *asked, *owner.signed())
        assert "attendant open   Grace" in owner.says("user", "list")
        assert "somebody has this name" in owner.says(
            "user", "add", "Grace", *asked, *owner.signed(), status=6
        )
        owner.says("user", "reopen", "Grace")
        owner.says("user", "close", "Grace", *owner.signed())
        assert "attendant closed Grace" in owner.says("user", "list")
        sheet = Pipe()
        owner.says("rotate", "recovery", "--to", sheet.path, *owner.signed(), pipes=(sheet,))
        assert sheet.came.decode().strip() != owner.recovery
        assert len(sheet.came.split()[0]) == len(owner.recovery)


def _enrolled(owner: Owner, found: Served, folder: Path) -> Mapping[str, str]:
    """Enrol an edge by the commands of both sides; return its environment."""
    folder.mkdir()
    here = f"127.0.0.1:{found.port}"
    code = owner.says("edge", "add", "gate", "--address", here, *owner.signed()).strip()
    env = {name: value for name, value in os.environ.items() if not name.startswith("LOT_")}
    env["LOT_EDGE_FOLDER"] = str(folder / "kept")
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "edge", "enrol", "--name", "box"],
        cwd=folder,
        env={**env, "PYTHONPATH": str(root)},
        input=f"{code}\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "cameras: gate" in done.stdout
    return env


def _delivered(env: Mapping[str, str], folder: Path) -> str:
    """Let the edge deliver one event with its pictures; return its id once it has arrived."""
    at = now_us()
    said = replace(
        AN_EVENT,
        id=uuid7(at, 1),
        camera="gate",
        revision=1,
        first_seen=at,
        best_at=at,
        last_seen=at,
        pictures={name: H(data).hex() for name, data in PICTURES.items()},
    )
    with _delivery(env, folder) as delivery:
        delivery.put(said, PICTURES)
        until(lambda: _is_there(delivery))
    return said.id


@contextmanager
def _delivery(env: Mapping[str, str], folder: Path) -> Iterator[Delivery]:
    values = given_values(env, folder / ".env")
    identity = identity_in(places_from(values))
    made = Delivery(asked_from(values, identity), identity)
    made.start()
    try:
        yield made
    finally:
        made.close()


def _is_there(delivery: Delivery) -> bool:
    counts = delivery.counts()
    return (counts.waiting, counts.pictures_waiting, counts.last) == (0, 0, 1)


def _total(client: httpx.Client, bearer: Mapping[str, str]) -> int:
    answer = client.get(f"/api/v1/events?plate={AN_EVENT.plate}", headers=bearer)
    return int(answer.json().get("total", 0))


def _holds_none_of(folder: Path, *secrets: bytes) -> None:
    for path in folder.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        assert not any(one in data for one in secrets), path
