"""The edge's `.env`: it holds the token, so it is for its own user alone."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path

from lot.errors import Refused, Unreadable
from lot.files import write_private


def check_private(path: Path) -> None:
    """Refuse a `.env` that others may read; one that is not there is no fault."""
    if not path.exists():
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise Refused(
            f"{path} can be read by others (mode {mode:o}), and holds a token",
            then=f"chmod 600 {path}; if somebody may have read it, rotate the token",
        )


def with_values(path: Path, values: Mapping[str, str]) -> None:
    """Put values into a `.env`, whose other lines stay as they are."""
    check_private(path)
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(
            f"cannot read {path}: {error}", then="mend the file, or move it away"
        ) from error
    kept = [line for line in lines if _name(line) not in values]
    put = [f"{name}={value}" for name, value in values.items()]
    write_private(path, "".join(f"{line}\n" for line in [*kept, *put]).encode())


def _name(line: str) -> str:
    return line.removeprefix("export ").partition("=")[0].strip()
