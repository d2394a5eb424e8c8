"""Now, looked at by many at once, each with a session of their own."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import httpx
import pytest

from tests.contract.writers import LOT
from tests.gui.vault import DAY_US, DEVICE_COOKIE, MINUTE_US, Crossing, Vault

PASSWORD = "the password of a booth"  # noqa: S105 - of a vault that lasts a minute
AT_ONCE = 4
LONG_S = 60.0
DAYS = DAY_US / MINUTE_US


@dataclass(frozen=True)
class Watcher:
    """Who holds a session, and what Now may show them of plates."""

    session: str
    plates: frozenset[str]

    def seen(self, client: httpx.Client) -> frozenset[str]:
        held = f"__Host-lot-session={self.session}; __Host-lot-device={DEVICE_COOKIE}"
        answer = client.get("/", headers={"Cookie": held})
        assert answer.status_code == 200, answer.text
        return _plates(answer.text)


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, trust_env=False, timeout=LONG_S) as found:
        yield found


@pytest.fixture(scope="module")
def api(home: Vault) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=home.url + "/api/v1", trust_env=False, timeout=LONG_S) as found:
        yield found


@pytest.fixture(scope="module")
def watchers(home: Vault, api: httpx.Client) -> Sequence[Watcher]:
    """An owner, who sees all; an attendant, who sees today; a viewer of another lot."""
    owner = {"Authorization": f"Bearer {home.session}"}
    home.unlock()
    home.new_day(2)
    long_ago = Crossing("OLD4321", ago=2 * DAYS)
    home.happen(long_ago, replace(long_ago, ago=2 * DAYS - 9, kind="exit"))
    home.new_day(0)
    home.happen(Crossing("8ABC123", ago=0.1))
    fresh = {"purpose": "admit", "code": home.code()}
    api.post("/grants", headers=owner, json=fresh).raise_for_status()
    return (
        Watcher(home.session, frozenset({"OLD4321", "8ABC123"})),
        Watcher(_signed_in(api, owner, "attendant", LOT), frozenset({"8ABC123"})),
        Watcher(_signed_in(api, owner, "viewer", secrets.token_bytes(16)), frozenset()),
    )


def _signed_in(api: httpx.Client, owner: Mapping[str, str], role: str, lot: bytes) -> str:
    """Let the owner add somebody, who signs in; return their session."""
    added = {"name": role, "role": role, "lots": [lot.hex()], "password": PASSWORD}
    api.post("/users", headers=owner, json=added).raise_for_status()
    came = {"name": role, "secret": PASSWORD}
    answer = api.post("/sessions", headers={"Lot-Device": DEVICE_COOKIE}, json=came)
    return str(answer.raise_for_status().json()["token"])


def test_a_watcher_with_fewer_rights_sees_no_more_while_others_look(
    watchers: Sequence[Watcher], client: httpx.Client
) -> None:
    looking = [*watchers] * AT_ONCE
    with ThreadPoolExecutor(len(looking)) as pool:
        seen = [*pool.map(lambda one: one.seen(client), looking)]
    assert seen == [one.plates for one in looking]


def _plates(page: str) -> frozenset[str]:
    letters = re.findall(r'<span class="letters" aria-hidden="true">\s*((?:<b>.</b>)+)', page)
    return frozenset("".join(re.findall("<b>(.)</b>", one)) for one in letters)
