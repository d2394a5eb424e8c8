"""Certificates of TLS that have ended, or soon will."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from server.doctor.ailment import Ailment

# It is renewed at each unlock from 90 days before its end: below that nobody unlocked for long.
_DAYS_MIN = 30


def certificates(folder: Path, now: datetime) -> Iterator[Ailment]:
    """Look at every certificate that lies in the folder."""
    for path in sorted([*folder.glob("*.pem"), *folder.glob("*.crt")]):
        try:
            found = x509.load_pem_x509_certificates(path.read_bytes())
        except ValueError:
            continue  # a key
        except OSError as error:
            yield Ailment(f"{path} cannot be read ({error.strerror})", "give it to this user")
            continue
        for one in found:
            yield from _old(path, one, now)


def _old(path: Path, one: x509.Certificate, now: datetime) -> Iterator[Ailment]:
    ends = one.not_valid_after_utc
    name = one.subject.rfc4514_string()
    if ends <= now:
        yield Ailment(
            f"{path}: the certificate of {name} ended on {ends:%Y-%m-%d}",
            "unlock the server, which renews it, or set an own one anew",
        )
    elif ends <= now + timedelta(days=_DAYS_MIN):
        yield Ailment(
            f"{path}: the certificate of {name} ends on {ends:%Y-%m-%d}",
            "unlock the server, which renews it",
        )
    if one.not_valid_before_utc > now:
        yield Ailment(
            f"{path}: the certificate of {name} begins on {one.not_valid_before_utc:%Y-%m-%d}",
            "set the clock: it is behind, or the certificate was made on a wrong one",
        )
