"""The keyholder as it runs, against what is set here."""

from __future__ import annotations

from collections.abc import Iterator

from server.doctor.ailment import Ailment


def idle_lock(minutes: int, holds_s: int) -> Iterator[Ailment]:
    """Compare after how long the vault is said to lock itself with what the keyholder goes by.

    It reads its own `.env` once, when it starts: whoever changes the server's changes nothing.
    """
    if holds_s != minutes * 60:
        yield Ailment(
            f"LOT_IDLE_LOCK_MINUTES is {minutes} here, but the keyholder goes by {holds_s // 60}",
            "set it in the keyholder's .env, which is the one that counts, and restart it",
        )
