"""The desk's printer: a port on the network, or a device of this machine."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path

from lot.errors import Unreachable

_WAITS_S = 5.0
PORT = 9100  # what receipt printers listen on


@dataclass(frozen=True, slots=True)
class Printer:
    """Where tickets are printed: at a host and port, or by a device's file."""

    host: str | None
    port: int
    device: Path | None

    @property
    def said(self) -> str:
        return f"{self.host}:{self.port}" if self.host is not None else str(self.device)


class Unprinted(Unreachable):
    """The printer did not take it."""


def print_out(printer: Printer, data: bytes) -> None:
    """Send a slip; Unprinted where it could not be sent whole."""
    try:
        if printer.host is not None:
            with socket.create_connection((printer.host, printer.port), timeout=_WAITS_S) as wire:
                wire.sendall(data)
        elif printer.device is not None:
            with printer.device.open("wb", buffering=0) as file:
                file.write(data)
    except OSError as error:
        raise Unprinted(
            f"the printer at {printer.said} does not answer: {error.strerror or error}",
            then="see that it is on and has paper, then print again",
        ) from None
