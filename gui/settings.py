"""The page's settings."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from gui.printer import PORT, Printer
from lot import times
from lot.errors import LotError, WrongSettings
from lot.settings import Variables


@dataclass(frozen=True, slots=True)
class GuiSettings:
    """What one start of the page goes by."""

    server: str
    root: Path | None
    certificate: Path | None
    key: Path | None
    zone: tzinfo
    printer: Printer | None = None


def settings_from(values: Mapping[str, str]) -> GuiSettings:
    """Read the page's settings, or name every wrong one at once."""
    read = Variables(values, "gui")
    server = read.text("LOT_GUI_SERVER")
    if not server.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        read.refuse("LOT_GUI_SERVER must begin with https://; plain http is for loopback alone")
    name = read.text("LOT_TIMEZONE")
    try:
        zone = times.zone(name) if name else times.system_zone()
    except LotError as error:
        read.refuse(str(error))
        zone = times.zone("UTC")
    certificate, key = _file(read, "LOT_GUI_CERTIFICATE"), _file(read, "LOT_GUI_KEY")
    if (certificate is None) != (key is None):
        read.refuse("LOT_GUI_CERTIFICATE and LOT_GUI_KEY are set together")
    root, printer = _file(read, "LOT_GUI_ROOT"), _printer(read)
    settings = GuiSettings(server, root, certificate, key, zone, printer)
    read.done()
    return settings


def trusted(settings: GuiSettings) -> ssl.SSLContext | None:
    """Return what the server's certificate is checked against; None for plain loopback."""
    if settings.server.startswith("http://"):
        return None
    try:
        context = ssl.create_default_context(cafile=settings.root)
    except ssl.SSLError:
        raise WrongSettings(
            [f"LOT_GUI_ROOT={settings.root} holds no certificate; name the server's root as PEM"]
        ) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def _printer(read: Variables) -> Printer | None:
    given = read.text("LOT_GUI_PRINTER")
    if not given:
        return None
    if given.startswith("/"):
        return Printer(None, PORT, Path(given))
    host, mark, port = given.partition(":")
    if not host or (mark and not (port.isdecimal() and 0 < int(port) < 65_536)):
        read.refuse(f"LOT_GUI_PRINTER={given} is no printer; write HOST:PORT, or /dev/usb/lp0")
        return None
    return Printer(host, int(port) if mark else PORT, None)


def _file(read: Variables, name: str) -> Path | None:
    given = read.text(name)
    if not given:
        return None
    if not Path(given).is_file():
        read.refuse(f"{name}={given} is no file")
    return Path(given)
