"""What runs here, by which clock, whom browsers and edges believe, and what nobody has tried."""

from __future__ import annotations

from importlib import metadata
from typing import Any

from flask import Blueprint, render_template

from gui.carried import carried, server
from gui.server_api import Problem
from gui.sides import frame

blueprint = Blueprint("about", __name__)


@blueprint.get("/more/about")
def page() -> str:
    """Show it."""
    status: dict[str, Any] = server().get("/status", carried().holder)
    return render_template(
        "pages/about/about.html",
        frame=frame("more"),
        version=metadata.version("lotkeeper"),
        status=status,
        clock_words=_clock_words(),
        prints=_fingerprints(),
        untried=_untried(),
    )


def _fingerprints() -> dict[str, str] | None:
    """Return them pair by pair, as on the recovery sheet; None before there is a vault."""
    try:
        said: dict[str, Any] = server().get("/fingerprints", carried().holder)
    except Problem as problem:
        if problem.code != "gone":
            raise
        return None
    return {name: bytes.fromhex(text).hex(":").upper() for name, text in said.items()}


def _clock_words() -> dict[str, str]:
    _ = carried().words
    return {
        "ntp": _("held by a time server"),
        "rtc": _("from the machine's own clock; no time server was heard"),
        "hand": _("set by hand; no time server was heard"),
        "behind": _("behind what was written before: set it, nothing is forgotten until then"),
    }


def _untried() -> tuple[str, ...]:
    _ = carried().words
    return (
        _("on a Jetson: the gate was run on other machines only"),
        _("with TensorRT, OpenALPR or EasyOCR: what speaks to them is written and was never run"),
        _("with a real ticket printer: its bytes were taken by a port of the tests"),
        _("beside a recorder or a home system of a real house"),
    )
