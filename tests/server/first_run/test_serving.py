"""Beyond this machine the walk shows a certificate whose fingerprint the terminal prints."""

from __future__ import annotations

import hashlib
import re
import signal
import socket
import ssl
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.server.serving import environment, free_port

_READY_S = 60.0
_PRINT = re.compile("([0-9A-F]{2}:){31}[0-9A-F]{2}")
INIT = (sys.executable, "-m", "server", "init")


def test_what_the_terminal_prints_is_what_the_browser_shows(tmp_path: Path) -> None:
    env, port = environment(tmp_path, f"sqlite:///{tmp_path / 'db'}", "own"), free_port()
    command = [*INIT, "--browser", f"0.0.0.0:{port}"]
    with (
        subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as process,
        ExitStack() as ends,
    ):
        ends.callback(process.kill)
        assert process.stderr is not None
        printed = next(found[0] for line in process.stderr if (found := _PRINT.search(line)))
        # Whose certificate it is, is what is looked at here: nobody vouches for it.
        unchecked = httpx.HTTPTransport(retries=9, verify=False)
        with httpx.Client(transport=unchecked, trust_env=False, timeout=_READY_S) as client:
            assert client.get(f"https://127.0.0.1:{port}/first-run").status_code == 200
        shown = ssl.get_server_certificate(("127.0.0.1", port))
        digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(shown)).hexdigest()
        assert printed.replace(":", "").lower() == digest
        process.send_signal(signal.SIGHUP)  # the line to the machine broke
        assert process.wait(timeout=30) == 130
    with pytest.raises(ConnectionRefusedError):  # the page has gone with it
        socket.create_connection(("127.0.0.1", port))
    assert not (tmp_path / "keys/founded.json").exists()


def test_answers_beside_a_browser_are_refused(tmp_path: Path) -> None:
    env = environment(tmp_path, f"sqlite:///{tmp_path / 'db'}", "own")
    command = [*INIT, "--browser", "127.0.0.1:8440", "--owner", "Ada", "--unattended"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--owner, --unattended is asked there; leave it out" in done.stderr
