"""A ticket as an ESC/POS printer takes it: a few lines, its number large, its link as a QR code."""

from __future__ import annotations

import unicodedata
from typing import Protocol

from gui.words import Clock, Words


class Faced(Protocol):
    """What a ticket shows."""

    @property
    def lot(self) -> str: ...
    @property
    def spelt(self) -> str: ...
    @property
    def bay(self) -> str | None: ...
    @property
    def came(self) -> int: ...


_QR_DOTS = (
    6  # a module: 41 of them are 31 mm, which fits on 58 mm and a phone reads at arm's length
)


def plain(text: str) -> str:
    """Return a text without any control: a bay named ESC @ must not command a printer."""
    return "".join(one for one in text if unicodedata.category(one)[0] != "C")


def bytes_of(face: Faced, link: str, _: Words, clock: Clock) -> bytes:
    """Return what the printer is sent."""
    # Imported where something is printed: with Pillow it takes 18 MB and half a second.
    from escpos.printer import Dummy

    paper = Dummy()
    paper.set(align="center", bold=True, normal_textsize=True)
    paper.textln(plain(face.lot))
    paper.set(align="center", bold=True, double_width=True, double_height=True)
    paper.textln(face.spelt)
    if face.bay:
        paper.textln(plain(_("bay %(bay)s", bay=face.bay)))
    paper.set(align="center", bold=False, normal_textsize=True)
    paper.textln(plain(f"{clock.local(face.came):%Y-%m-%d %H:%M}"))
    paper.ln()
    paper.qr(link, size=_QR_DOTS, native=True)
    paper.ln()
    paper.textln(plain(_("Keep this ticket. Your car is called with it.")))
    paper.cut()
    found: bytes = paper.output
    return found
