"""The demo from its start to its end, by its own commands: the eyes alone are toys."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from models.demonstration.standing import OWNER, PASSPHRASE
from tests.edge.delivery.serving import ROOT, until
from tests.edge.toys import PLATES
from tests.models.demonstration.toy_demo import CAR

pytestmark = pytest.mark.long
COMMAND = [sys.executable, "-m", "tests.models.demonstration.toy_demo"]
ENV = {**os.environ, "PYTHONPATH": str(ROOT)}
PLATE = PLATES[CAR.plate]
_SLOWEST_S = 120


def test_without_a_terminal_it_ends_by_itself_and_leaves_nothing_running(tmp_path: Path) -> None:
    done = subprocess.run(
        COMMAND,
        cwd=tmp_path,
        env=ENV,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SLOWEST_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert f"entry  {PLATE}" in done.stdout
    assert "sealed in the vault now: 1" in done.stdout
    assert PASSPHRASE not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    with pytest.raises(httpx.ConnectError):
        _Browser(done.stdout)
    for path in (tmp_path / "lot").rglob("*"):
        assert not path.is_file() or PLATE.encode() not in path.read_bytes(), path


def test_at_a_terminal_a_browser_comes_in_by_what_is_printed_and_ctrl_c_ends_it_all(
    tmp_path: Path,
) -> None:
    with _Terminal(tmp_path).running() as terminal:
        terminal.waits_for("Ctrl-C ends the demo")
        browser = _Browser(terminal.screen)
        terminal.type("123")
        terminal.waits_for("six digits let a browser in")
        terminal.type("000000")
        terminal.waits_for("no browser that waits shows this number")
        terminal.type(browser.ask())
        terminal.waits_for("desk tablet may sign in now")
        (code,) = re.findall(r"one-time code +([0-9]{6})", terminal.screen)
        browser.sign_in(code)
        terminal.type("")
        terminal.waits_for(r"the next code is there in|one-time code(?s:.*)one-time code")
        terminal.waits_for("sealed in the vault now: 1")
        terminal.type("p")
        terminal.waits_for("vault now: 1(?s:.*)vault now: ")  # joined to the first, or not
        until(lambda: PLATE in re.sub("<[^>]*>|\\s", "", browser.page("/visits")), seconds=60)
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.process.wait(60) == 0
        terminal.waits_for("All is ended")
    with pytest.raises(httpx.ConnectError):
        browser.page("/")
    browser.close()


class _Terminal:
    """A terminal with somebody before it."""

    def __init__(self, folder: Path) -> None:
        self._ours, theirs = pty.openpty()
        self.screen = ""
        self.process = subprocess.Popen(
            COMMAND,
            cwd=folder,
            env=ENV,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    @contextmanager
    def running(self) -> Iterator[_Terminal]:
        try:
            yield self
        finally:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(60)
            self._reading.join()
            os.close(self._ours)

    def type(self, text: str) -> None:
        os.write(self._ours, f"{text}\n".encode())

    def waits_for(self, pattern: str) -> None:
        def is_there() -> bool:
            assert self.process.poll() is None or re.search(pattern, self.screen), self.screen
            return re.search(pattern, self.screen) is not None

        until(is_there, seconds=_SLOWEST_S)

    def _read(self) -> None:
        while True:
            try:
                read = os.read(self._ours, 65_536)
            except OSError:  # as Linux says that nobody has the other side any more
                return
            self.screen += read.decode()


class _Browser:
    """A browser on the page that the demo printed, with what it keeps."""

    def __init__(self, screen: str) -> None:
        (address,) = re.findall(r"The page is open at +(http://[0-9.:]+)/", screen)
        self._client = httpx.Client(base_url=address, trust_env=False, timeout=60)
        self._cookies: dict[str, str] = {}
        self._csrf = re.findall(r'name="csrf" value="([0-9a-f]+)"', self.page("/device"))[0]

    def close(self) -> None:
        self._client.close()

    def page(self, path: str) -> str:
        return self._kept(self._client.get(path, headers=self._cookie())).text

    def ask(self) -> str:
        fields = {"csrf": self._csrf, "name": "desk tablet"}
        asked = self._kept(self._client.post("/device", data=fields, headers=self._cookie()))
        (number,) = re.findall(r"<strong>([0-9]{6})</strong>", asked.text)
        return str(number)

    def sign_in(self, code: str) -> None:
        fields = {"csrf": self._csrf, "name": OWNER, "secret": PASSPHRASE, "code": code}
        answer = self._kept(self._client.post("/sign-in", data=fields, headers=self._cookie()))
        assert answer.status_code == 302, answer.text

    def _cookie(self) -> dict[str, str]:
        """Loopback is safe to a browser, so it sends what httpx holds back without TLS."""
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}

    def _kept(self, answer: httpx.Response) -> httpx.Response:
        for one in answer.headers.get_list("set-cookie"):
            name, _, rest = one.partition("=")
            self._cookies[name] = rest.partition(";")[0]
        return answer
