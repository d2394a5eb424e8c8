"""A ticket: shown to whoever holds its link, printed in the browser and on the desk's printer."""

from __future__ import annotations

import re
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser

from tests.contract.writers import LOT
from tests.gui.browsing import Screen, screen
from tests.gui.conftest import WIDTHS
from tests.gui.served import page
from tests.gui.vault import Vault
from tests.server.serving import free_port

POINTS_A_MM = 72 / 25.4
WORDS = dict.fromkeys(("name", "phone", "mail", "looks", "bay", "key", "note"))


@pytest.fixture(scope="module")
def token(home: Vault) -> str:
    """The link's token of a car in bay 7."""
    home.unlock()
    mine = {"Authorization": f"Bearer {home.session}"}
    body = {**WORDS, "once": secrets.token_hex(16), "plate": "KLM4421", "bay": "7", "name": "Ada"}
    with httpx.Client(base_url=home.url + "/api/v1", headers=mine, trust_env=False) as api:
        answer = api.post(f"/lots/{LOT.hex()}/tickets", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


@pytest.fixture(params=WIDTHS)
def guest(request: pytest.FixtureRequest, chromium: Browser, address: str) -> Iterator[Screen]:
    """Somebody who holds a link and nothing else."""
    with screen(chromium, address, WIDTHS[request.param]) as found:
        yield found


def test_a_guest_sees_bay_and_times_and_the_end_of_the_plate(guest: Screen, token: str) -> None:
    guest.goto(f"/t/{token}")
    said = guest.page.locator("body").inner_text()
    assert "bay 7" in said
    assert "plate ends in 421" in said
    assert "KLM4421" not in guest.page.content()
    assert "Ada" not in guest.page.content()
    assert guest.page.locator("button, nav").count() == 0


def test_its_code_is_read_and_is_its_own_link(guest: Screen, token: str) -> None:
    guest.goto(f"/t/{token}")
    seen = guest.page.locator(".ticket").screenshot()
    picture = cv2.imdecode(np.frombuffer(seen, np.uint8), 1)
    larger = cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(larger)
    assert text == guest.page.url


@pytest.mark.parametrize("other", ["A" * 22, "short", "%3Cscript%3E" + "A" * 14])
def test_a_link_of_no_ticket_says_so(guest: Screen, other: str) -> None:
    guest.goto(f"/t/{other}")
    guest.says("There is no such ticket")


@pytest.mark.parametrize(("paper", "width_mm"), [("58", 58), ("80", 80), ("a6", 105)])
def test_the_browser_prints_it_on_its_paper_in_one_page(
    browsed: Screen, token: str, paper: str, width_mm: int
) -> None:
    browsed.goto(f"/t/{token}?paper={paper}")
    data = browsed.page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", data)
    assert len(boxes) == 1
    assert abs(float(boxes[0][0]) - width_mm * POINTS_A_MM) < 2
    browsed.goto(f"/t/{token}")  # the paper is remembered
    chosen = browsed.page.locator("a[aria-current=true]").inner_text()
    assert chosen.lower().startswith(paper)


@contextmanager
def _printer() -> Iterator[tuple[int, list[bytes]]]:
    """A printer's port: what is sent there is kept."""
    taken: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listens:

        def take() -> None:
            wire, _ = listens.accept()
            with wire:
                while piece := wire.recv(4096):
                    taken.append(piece)

        thread = threading.Thread(target=take)
        thread.start()
        yield listens.getsockname()[1], taken
        thread.join(timeout=10)


def test_the_desk_prints_it_on_its_own_printer(
    chromium: Browser, home: Vault, token: str, tmp_path: Path
) -> None:
    with (
        _printer() as (port, taken),
        page(home.url, tmp_path / "log", LOT_GUI_PRINTER=f"127.0.0.1:{port}") as address,
        screen(chromium, address, WIDTHS["desk"]) as desk,
    ):
        desk.signed_in(home.session)
        desk.goto(f"/t/{token}")
        desk.page.get_by_role("button", name="Print at the desk").click()
        desk.says("Printed.")
    slip = b"".join(taken)
    assert b"bay 7" in slip
    assert f"/t/{token}".encode() in slip  # in the code that the printer draws
    assert slip.endswith(b"\x1dV\x00")  # cut


def test_a_printer_that_is_off_is_said_to_be(
    chromium: Browser, home: Vault, token: str, tmp_path: Path
) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    with (
        page(home.url, tmp_path / "log", LOT_GUI_PRINTER=nobody) as address,
        screen(chromium, address, WIDTHS["phone"]) as desk,
    ):
        desk.signed_in(home.session)
        desk.goto(f"/t/{token}")
        desk.page.get_by_role("button", name="Print at the desk").click()
        desk.says(f"the printer at {nobody} does not answer")


def test_a_guest_prints_nothing_at_the_desk(guest: Screen, address: str, token: str) -> None:
    guest.goto(f"/t/{token}")
    assert httpx.post(f"{address}/t/{token}", trust_env=False).status_code == 400
