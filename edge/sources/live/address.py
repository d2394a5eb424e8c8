"""What an owner names as a camera's source, and how it is shown without its password."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from lot.errors import WrongUsage

Kind = Literal["rtsp", "mjpeg", "usb", "csi", "file"]
_NUMBER_MAX = 63  # of /dev/video0 … that Linux gives out
_MODEL = Path("/proc/device-tree/model")


@dataclass(frozen=True, slots=True)
class Address:
    """One source. `where` may hold a password, so it is never shown: `shown` is."""

    kind: Kind
    where: str = field(repr=False)
    shown: str


def address(source: str, *, password: str = "", on_jetson: bool | None = None) -> Address:
    """Understand a source: an address, a camera's number, or a file played at its own pace."""
    text = source.strip()
    if text.isdecimal():
        csi_ports = 2 if (_is_jetson() if on_jetson is None else on_jetson) else 0
        return _numbered(text, csi_ports=csi_ports)
    scheme = urlsplit(text).scheme.lower() if "://" in text else ""
    if scheme in ("rtsp", "rtsps"):
        return _networked("rtsp", text, password)
    if scheme in ("http", "https"):
        return _networked("mjpeg", text, password)
    if scheme:
        raise WrongUsage(
            f"{scheme}:// is no source that is known here",
            then="name rtsp://…, http://… (MJPEG), a camera's number, or a file",
        )
    if re.fullmatch(r"/dev/video\d{1,2}", text):
        return Address("usb", text, text)
    if not Path(text).is_file():
        raise WrongUsage(
            f"there is no file {text!r}",
            then="name rtsp://…, http://… (MJPEG), a camera's number, or a file",
        )
    return Address("file", text, text)


def _numbered(text: str, *, csi_ports: int) -> Address:
    number = int(text)
    if number < csi_ports:
        return Address("csi", text, f"CSI port {number}")
    if number > _NUMBER_MAX:
        raise WrongUsage(f"there is no camera {number}", then="name 0 for the first")
    return Address("usb", f"/dev/video{number}", f"/dev/video{number}")


def _networked(kind: Kind, text: str, password: str) -> Address:
    parts = urlsplit(text)
    try:
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise WrongUsage(f"the source's address is wrong: {error}", then="correct it") from None
    if not host:
        raise WrongUsage("the source's address has no host", then="name rtsp://HOST/PATH")
    shown_host = f"[{host}]" if ":" in host else host
    netloc = shown_host + (f":{port}" if port else "")
    # What stands behind a question mark may be a key as well.
    shown = urlunsplit((parts.scheme, netloc, parts.path, "", ""))
    secret = password or unquote(parts.password or "")
    user = unquote(parts.username or "")
    if secret and not user:
        user = "admin"  # what nearly every camera calls the one it is set up by
    login = f"{quote(user, safe='')}:{quote(secret, safe='')}@" if user else ""
    return Address(
        kind, urlunsplit((parts.scheme, login + netloc, parts.path, parts.query, "")), shown
    )


def _is_jetson() -> bool:
    try:
        return "jetson" in _MODEL.read_text(errors="replace").lower()
    except OSError:
        return False
