"""The set-up code: who has it stands at the machine, so nobody else on the network claims a server.

It is good once. Five wrong ones make another, printed as the first was.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from contract import codes
from lot.errors import WrongUsage
from lot.files import remove, write_private
from lot.web.problems import Problem

CODE_BYTES = 10  # 80 bit: nobody guesses it, so wrong ones need no waiting
WRONG_MAX = 5
_TOKEN_BYTES = 32


class SetUpCode:
    """One code at a time, and whose browser it let in; safe to share between threads."""

    def __init__(self, path: Path | None, show: Callable[[str], None]) -> None:
        """`path` is where it is kept for who looks at the machine; `show` tells its terminal."""
        self._path, self._show, self._lock = path, show, Lock()
        self._wrong = 0
        self._token: str | None = None
        self._code = b""
        self._renew()

    def enter(self, typed: str) -> str:
        """Return the token of the browser that typed the code; Problem for all others."""
        with self._lock:
            if self._token is not None:
                raise Problem(
                    "setup_code_wrong",
                    "the code was used: another browser sets the server up",
                    used=True,
                )
            if not hmac.compare_digest(_bytes(typed), self._code):
                self._wrong += 1
                if self._wrong >= WRONG_MAX:
                    self._renew()
                raise Problem("setup_code_wrong", "this is not the code that the machine shows")
            self._token = secrets.token_urlsafe(_TOKEN_BYTES)
            self.forget()
            return self._token

    def check(self, token: str) -> None:
        """Raise Problem for who did not enter the code."""
        known = self._token
        if known is None or not hmac.compare_digest(token.encode(), known.encode()):
            raise Problem("unauthenticated", "enter the set-up code first")

    def forget(self) -> None:
        """Remove the file: a code that was used, or whose server is gone, opens nothing."""
        if self._path is not None:
            remove(self._path)

    def _renew(self) -> None:
        self._code, self._wrong = secrets.token_bytes(CODE_BYTES), 0
        text = codes.spelled(self._code)
        if self._path is not None:
            write_private(self._path, f"{text}\n".encode())
        self._show(text)


def kept_at(run: Path) -> Path | None:
    """Return where the code is kept below a folder in memory; None where that is not ours."""
    folder = run / "lotkeeper"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        return None
    return folder / "setup-code" if os.access(folder, os.W_OK | os.X_OK) else None


def _bytes(typed: str) -> bytes:
    try:
        return codes.unspelled(typed, CODE_BYTES)
    except WrongUsage:
        return b""
