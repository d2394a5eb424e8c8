"""A day with something of everything, and the address of every page that shows it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from gui.app import create
from gui.server_api import Server
from gui.settings import settings_from
from lot.clock import now_us
from tests.contract.writers import LOT
from tests.gui import drawn
from tests.gui.vault import Crossing, Vault

# What a GET gives that is no page: files, pictures, streams, and ways to another page.
_NO_PAGE = frozenset(
    {"looks", "live.stream", "visit.picture", "door.unlock", "find.answers"}
    | {"visits.table", "export.report", "cameras.pictures"}
)
_HOUR_US = 3_600_000_000
_SEEN = (
    Crossing("8ABC123", ago=192, pictures=drawn.both("8ABC123"), weak=(2,), also=("8A8C123",)),
    Crossing("TRK0042", ago=100, vehicle="truck"),
    Crossing("KLM4421", ago=31, pictures=drawn.both("KLM4421")),
    Crossing("TRK0042", ago=20, kind="exit", vehicle="truck"),
    Crossing(None, ago=9),
    Crossing("LEFT001", ago=7, kind="exit", camera="yard"),
)


Names = Mapping[str, str]  # what stands in addresses: a name's, or one endpoint's own


def day(home: Vault) -> Names:
    """Unlock and let the day happen; return what its pages are called by."""
    home.unlock()
    home.alarm("blind", "the gate's camera sees nothing")
    seen = home.happen(*_SEEN)
    mine = {"Authorization": f"Bearer {home.session}"}
    with httpx.Client(base_url=home.url + "/api/v1", headers=mine, trust_env=False) as api:
        ids = _desk(api, seen[2])
    return {"lot": LOT.hex(), "visit": seen[0], **ids}


def _desk(api: httpx.Client, parked: str) -> Names:
    """Let the desk have a car in its care, one that was called, guests, and a plate that alarms."""
    lot, now = f"/lots/{LOT.hex()}", now_us()
    words = dict.fromkeys(("name", "phone", "mail", "looks", "bay", "key", "note"))
    plain = dict.fromkeys(("phone", "mail", "bay", "event", "note"))

    def sent(path: str, body: Mapping[str, object]) -> Any:
        answer = api.post(lot + path, json=body)
        answer.raise_for_status()
        return answer.json()

    def once() -> str:
        return secrets.token_hex(16)

    told = {**words, "looks": "white Tahoe", "bay": "7", "key": "A12", "name": "José Núñez"}
    kept = sent("/tickets", {**told, "once": once(), "event": parked, "phone": "+1 512 555 0142"})
    called = sent("/tickets", {**words, "once": once(), "plate": "5GHJ221", "bay": "12"})
    sent(f"/tickets/{called['ticket']['id']}/call", {"called": True})
    guests = [
        {**plain, "name": name, "plate": plate, "begins": now + hour, "ends": now + hour + _HOUR_US}
        for name, plate, hour in (("Ortiz", "7XYZ999", _HOUR_US), ("Weber", None, -_HOUR_US // 2))
    ]
    sent(
        "/bookings/many", {"once": once(), "rows": [{**one, "state": "expected"} for one in guests]}
    )
    listed = {**dict.fromkeys(("holder", "begins", "ends")), "plate": "8ABC123", "alarm": True}
    row = sent("/known", {**listed, "list": "blocked", "note": "owes three months"})
    booked = api.get(f"{lot}/bookings").json()["rows"]
    return {
        "desk.ticket.id_": kept["ticket"]["id"],
        "token": kept["token"],
        "bookings.one.id_": booked[0]["id"],
        "lists.one.id_": row["id"],
    }


def addresses(names: Names) -> Iterator[tuple[str, str]]:
    """Give name and address of every page that there is."""
    settings = settings_from({"LOT_GUI_SERVER": "http://127.0.0.1:1"})
    app = create(settings, Server(settings.server, None))
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint not in _NO_PAGE:
            given = {
                name: names.get(f"{rule.endpoint}.{name}") or names[name] for name in rule.arguments
            }
            yield rule.endpoint, adapter.build(rule.endpoint, given)
