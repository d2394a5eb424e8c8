"""A server is set up in a browser: the command's own process, its code, phone and sheet."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from playwright.sync_api import Browser

from contract import trust
from tests.gui.axe import serious
from tests.gui.browsing import Screen, screen
from tests.gui.conftest import WIDTHS
from tests.gui.served import page
from tests.server.serving import environment, free_port, served

PHRASE = "a stone by the river sings"
_CODE = re.compile("The set-up code: ([0-9A-Z-]+)")
_READY_S = 60.0


@dataclass
class Machine:
    """A machine whose server is not set up, and what its terminal says."""

    folder: Path
    env: dict[str, str]
    process: subprocess.Popen[str]
    address: str
    lines: list[str] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def hears(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self.changed:
                self.lines.append(line)
                self.changed.notify_all()

    def says(self, pattern: re.Pattern[str], nth: int = 1) -> str:
        """Wait until the terminal has said it for the nth time; return what was in it."""
        with self.changed:
            assert self.changed.wait_for(
                lambda: len(pattern.findall("".join(self.lines))) >= nth, _READY_S
            ), "".join(self.lines)
            return str(pattern.findall("".join(self.lines))[nth - 1])


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """`init --browser`, until the test ends."""
    env = environment(tmp_path, f"sqlite:///{tmp_path / 'db'}", keyholder="own")
    where = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "server", "init", "--browser", where]
    process = subprocess.Popen(
        command, env=env, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    found = Machine(tmp_path, env, process, f"http://{where}")
    hearing = threading.Thread(target=found.hears)
    hearing.start()
    try:
        yield found
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=30)
        finally:
            process.kill()
            hearing.join()
        assert process.stderr is not None
        process.stderr.close()


def arrives(at: Screen, machine: Machine) -> None:
    """Open the page as whoever knows nothing but its address; it may still be starting."""
    machine.says(re.compile("Open (http://[^ ]+)"))
    transport = httpx.HTTPTransport(retries=9)
    with httpx.Client(transport=transport, trust_env=False, timeout=_READY_S) as client:
        assert client.get(machine.address + "/first-run").status_code == 200
    at.goto("/")
    at.page.get_by_role("heading").first.wait_for()


def enters(at: Screen, code: str) -> None:
    at.page.get_by_label("Set-up code").fill(code)
    at.page.get_by_role("button", name="Begin").click()


def chooses(at: Screen, **other: str) -> None:
    given = {
        "Your name": "Ada",
        "Name of the parking lot": "North",
        "Time zone": "America/Chicago",
        "Cars that it holds": "50",
        "Passphrase": PHRASE,
        "Once more": PHRASE,
    }
    for label, text in {**given, **other}.items():
        at.page.get_by_label(label, exact=label == "Passphrase").fill(text)
    at.page.get_by_role("button", name="Make the keys").click()


def looks_good(at: Screen) -> None:
    assert serious(at.page) == []


def test_a_server_is_set_up_in_a_browser_and_its_owner_signs_in_there(
    machine: Machine, chromium: Browser
) -> None:
    with screen(chromium, machine.address, WIDTHS["phone"]) as owner:
        arrives(owner, machine)
        owner.says("This server is not set up yet")
        looks_good(owner)
        enters(owner, machine.says(_CODE).lower())
        owner.says("Your passphrase could be these six words")
        looks_good(owner)
        chooses(owner, **{"Time zone": "Chicago", "Once more": "another"})
        owner.says("A time zone as America/Chicago.")
        assert owner.page.get_by_label("Your name").input_value() == "Ada"
        chooses(owner, **{"Once more": "another"})
        owner.says("The two are not the same.")
        chooses(owner)
        owner.page.get_by_label("The six digits").wait_for(timeout=_READY_S * 1000)
        looks_good(owner)
        owner.page.get_by_text("It cannot be scanned").click()
        link = str(owner.page.locator("details a").get_attribute("href"))
        phone = pyotp.TOTP(parse_qs(urlsplit(link).query)["secret"][0])
        owner.page.get_by_label("The six digits").fill("000000")
        owner.page.get_by_role("button", name="It has the code").click()
        owner.says("This is not the code that it should show.")
        owner.page.get_by_label("The six digits").fill(phone.now())
        owner.page.get_by_role("button", name="It has the code").click()
        recovery = owner.page.locator(".recovery").inner_text()
        looks_good(owner)
        owner.page.get_by_role("link", name="It is on paper").click()
        assert recovery not in owner.page.content()
        owner.page.get_by_label("Recovery code").fill("0000-" * 10)
        owner.page.get_by_role("button", name="Set the server up").click()
        owner.says("This is not what stands on the sheet.")
        looks_good(owner)
        owner.page.get_by_label("Recovery code").fill(recovery.lower().replace("-", " "))
        owner.page.get_by_role("button", name="Set the server up").click()
        owner.says("The server is set up")
        looks_good(owner)
        assert machine.process.wait(timeout=60) == 0
        assert recovery not in "".join(machine.lines)
        _signs_in(machine, owner, phone)


def _signs_in(machine: Machine, owner: Screen, phone: pyotp.TOTP) -> None:
    """Serve what was set up; the browser of the walk is approved, and its owner unlocks there."""
    root = machine.folder / "root.pem"
    pack = trust.pack_own((machine.folder / "server/trust.json").read_bytes())
    root.write_bytes(x509.load_der_x509_certificate(pack.root).public_bytes(Encoding.PEM))
    with (
        served(machine.folder, machine.env, machine.folder / "log", root) as server,
        page(server.url, machine.folder / "gui", LOT_GUI_ROOT=str(root)) as address,
    ):
        owner.address = address
        owner.goto("/")
        owner.page.get_by_label("Name").fill("Ada")
        owner.page.get_by_label("Passphrase or password").fill(PHRASE)
        owner.page.get_by_label("One-time code", exact=False).first.fill(phone.now())
        owner.page.get_by_role("button", name="Sign in and unlock").click()
        owner.page.locator(".places").wait_for()
        owner.goto("/first-run")
        owner.says("This server is set up already")


def test_without_the_code_nobody_claims_a_server(machine: Machine, chromium: Browser) -> None:
    with screen(chromium, machine.address, WIDTHS["desk"], "es", scripts=False) as stranger:
        arrives(stranger, machine)
        first = machine.says(_CODE)
        for _ in range(5):
            stranger.page.get_by_label("Código de instalación").fill("0000-0000-0000-0000")
            stranger.page.get_by_role("button", name="Empezar").click()
            stranger.says("No es el código que muestra la máquina.")
        second = machine.says(_CODE, nth=2)
        assert second != first
        for code, is_in in ((first, False), (second, True)):
            stranger.page.get_by_label("Código de instalación").fill(code)
            stranger.page.get_by_role("button", name="Empezar").click()
            said = "Su frase de paso podría ser" if is_in else "No es el código que muestra"
            stranger.says(said)
    with screen(chromium, machine.address, WIDTHS["phone"]) as late:
        late.goto("/first-run")
        enters(late, second)
        late.says("If another browser used it")
    machine.process.send_signal(signal.SIGINT)
    assert machine.process.wait(timeout=30) == 130
    assert not (machine.folder / "keys/founded.json").exists()
