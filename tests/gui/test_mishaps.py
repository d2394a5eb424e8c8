"""What goes wrong is said in words, and nothing that was typed is lost."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from gui.carried import FORM
from tests.gui.browsing import screen
from tests.gui.conftest import WIDTHS
from tests.gui.served import page
from tests.gui.vault import Vault
from tests.server.keys.holder.running import PASSPHRASE
from tests.server.serving import free_port


def test_a_session_that_ends_in_the_middle_of_a_form_loses_nothing(
    chromium: Browser, home: Vault, address: str
) -> None:
    api = httpx.Client(base_url=home.url + "/api/v1", trust_env=False)
    asked = api.post("/devices/requests", json={"name": "phone"}).json()
    with screen(chromium, address, WIDTHS["phone"]) as owner:
        owner.signed_in(home.session)
        owner.goto("/more/devices")
        owner.page.get_by_label("The six digits on its screen").fill(asked["number"])
        owner.page.get_by_label("It stands at the desk").check()
        mine = {"Authorization": f"Bearer {home.session}"}
        api.delete("/sessions/own", headers=mine).raise_for_status()

        owner.page.get_by_role("button", name="Let it in").click()
        owner.says("What you typed is kept")
        owner.page.get_by_label("Name").fill("Ada")
        owner.page.get_by_label("Passphrase or password").fill(PASSPHRASE)
        owner.page.get_by_label("One-time code", exact=False).fill(home.home.code())
        owner.page.get_by_role("button", name="Sign in").click()
        owner.says("Signed in again")
        assert asked["number"] in owner.page.locator("main").inner_text()
        owner.page.get_by_role("button", name="Send it").click()
        owner.says("This needs a fresh one-time code.")
        owner.page.get_by_label("Fresh one-time code").fill(home.code())
        owner.page.get_by_role("button", name="Let it in").click()
        owner.says("No browser waits")
        owner.says("phone")
    assert api.get(f"/devices/requests/{asked['id']}").json() == {"state": "approved"}
    api.close()


@pytest.mark.parametrize(("accepted", "said"), [("en", "Nothing is at"), ("es", "no hay nada")])
def test_an_address_of_nothing_is_said_in_the_readers_language(
    address: str, accepted: str, said: str
) -> None:
    answer = httpx.get(f"{address}/nowhere", headers={"Accept-Language": accepted}, trust_env=False)
    assert answer.status_code == 404
    assert said in answer.text


def test_a_form_of_another_site_is_refused(home: Vault, address: str) -> None:
    cookies = {"Cookie": f"__Host-lot-session={home.session}"}
    answer = httpx.post(f"{address}/lock", headers=cookies, data={"csrf": "x"}, trust_env=False)
    assert answer.status_code == 400
    assert "load the page again" in answer.text


@pytest.mark.parametrize("accepted", ["en", "es"])
def test_a_server_that_is_away_is_said_to_be(
    chromium: Browser, tmp_path: Path, accepted: str
) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    with (
        page(nobody, tmp_path / "log") as address,
        screen(chromium, address, WIDTHS["phone"], accepted) as phone,
    ):
        phone.signed_in("a session")
        phone.goto("/visits?q=8ABC123")
        phone.says({"en": "The server does not answer", "es": "El servidor no responde"}[accepted])


def test_a_form_that_meets_no_server_is_kept_but_for_what_is_secret(tmp_path: Path) -> None:
    held = "held"
    token = hmac.digest(held.encode(), b"lot/form/1", hashlib.sha256).hex()
    typed = {"csrf": token, "plate": "OFF 0042", "code": "123456"}
    with page(f"http://127.0.0.1:{free_port()}", tmp_path / "log") as address:
        answer = httpx.post(
            f"{address}/desk/check-in",
            headers={"Cookie": f"{FORM}={held}"},
            data=typed,
            trust_env=False,
        )
    assert answer.status_code == 503
    assert 'value="OFF 0042"' in answer.text
    assert "Send it again" in answer.text
    assert "123456" not in answer.text


def test_every_answer_forbids_what_a_page_never_needs(address: str) -> None:
    for path in ("/device", "/look/x/page.js", "/nothing", "/live"):
        headers = httpx.get(address + path, trust_env=False).headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
