"""HOST:PORT, as it is typed where one listens and where one looks for the other side."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lot.errors import WrongUsage

PORT_MAX = 65_535
_FORM = re.compile(
    r"(?:(?P<host>[A-Za-z0-9][A-Za-z0-9.-]{0,252})|\[(?P<numbers>[0-9a-fA-F:.]{2,45})\])"
    r":(?P<port>[0-9]{1,5})"
)
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody listens."""

    host: str  # a name, or an address without its brackets
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        return self.host in _LOOPBACK


def address(text: str) -> Address:
    """Return what `HOST:PORT` says; WrongUsage for all else."""
    found = address_in(text.strip())
    if found is None:
        raise WrongUsage(
            f"{text} is no HOST:PORT", then="write one as lot.local:8443, 0.0.0.0:8443 or [::]:8443"
        )
    return found


def address_in(text: str) -> Address | None:
    """Return what `HOST:PORT` says, None for all else."""
    found = _FORM.fullmatch(text)
    if found is None or not 0 < int(found["port"]) <= PORT_MAX:
        return None
    return Address(found["host"] or found["numbers"], int(found["port"]))
