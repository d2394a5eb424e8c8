"""What systemd hears."""

from __future__ import annotations

import socket
from pathlib import Path

from edge.daemon.notify import Notify


def test_ready_is_said_once_and_the_watchdog_is_fed_at_half_its_time(tmp_path: Path) -> None:
    where = tmp_path / "n"
    now = [0.0]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(where))
        systemd.settimeout(1)
        notify = Notify(
            {"NOTIFY_SOCKET": str(where), "WATCHDOG_USEC": "10000000"}, steady=lambda: now[0]
        )
        notify.ready()
        notify.ready()
        heard = [systemd.recv(100)]
        for second in range(12):
            now[0] = float(second)
            notify.working()
        notify.stopping()
        while heard[-1] != b"STOPPING=1":
            heard.append(systemd.recv(100))
    assert heard == [b"READY=1", *[b"WATCHDOG=1"] * 3, b"STOPPING=1"]


def test_without_systemd_nothing_is_said() -> None:
    Notify({}).ready()
    Notify({}).working()
