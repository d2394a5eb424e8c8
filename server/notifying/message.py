"""What a message says, locked and unlocked."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `open_text` goes instead of `text` while the vault is open."""

    channel: str
    title: str
    text: str  # no plate
    open_text: str | None = field(default=None, repr=False)
    to: str | None = field(default=None, repr=False)  # a customer's own mail or phone
