"""What the owner keeps on paper and on the phone: the recovery sheet and the code's seed."""

from __future__ import annotations

import base64
import html
from io import BytesIO, StringIO
from urllib.parse import quote

import segno

_ISSUER = "Lotkeeper"


def otp_address(seed: bytes, name: str) -> str:
    """Return the address that an authenticator reads out of a QR code."""
    secret = base64.b32encode(seed).decode("ascii").rstrip("=")
    return f"otpauth://totp/{_ISSUER}:{quote(name, safe='')}?secret={secret}&issuer={_ISSUER}"


def qr_text(address: str) -> str:
    """Return a QR code for a terminal."""
    drawn = StringIO()
    segno.make(address, micro=False).terminal(out=drawn, compact=True)
    return drawn.getvalue()


def qr_png(address: str) -> bytes:
    """Return a QR code as a picture."""
    drawn = BytesIO()
    segno.make(address, micro=False).save(drawn, kind="png", scale=8)
    return drawn.getvalue()


def fingerprint(digest: bytes) -> str:
    """Return a fingerprint as browsers show one, to be compared pair by pair."""
    return ":".join(f"{byte:02X}" for byte in digest)


def page(*, name: str, day: str, recovery: str, root: bytes, sign: bytes) -> bytes:
    """Return the recovery sheet as a page to print, that needs nothing else."""
    return _PAGE.format(
        name=html.escape(name),
        day=html.escape(day),
        recovery=html.escape(recovery),
        root=fingerprint(root),
        sign=fingerprint(sign),
    ).encode()


_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Recovery sheet</title>
<style>
body {{ font: 12pt/1.5 serif; margin: 2cm }}
code {{ font: 14pt monospace; overflow-wrap: anywhere }}
</style>
<h1>Recovery sheet of the vault of {name}</h1>
<p>Made on {day}. Keep it where nobody looks, away from the server. Whoever has it and the
server's card opens everything.</p>
<h2>Recovery code</h2>
<p><code>{recovery}</code></p>
<p>If phone or passphrase are lost: <code>python -m server unlock --recovery</code>. Afterwards
make a new sheet and destroy this one.</p>
<h2>Fingerprints, to compare</h2>
<p>Root certificate, SHA-256, when a phone installs it:<br><code>{root}</code></p>
<p>Vault signing key, SHA-256, in exports and reports:<br><code>{sign}</code></p>
</html>
"""
