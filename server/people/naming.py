"""What a person or a lot may be called: two names that look alike would be taken for one."""

from __future__ import annotations

from lot.errors import WrongUsage

NAME_MAX = 64


def check_name(name: str) -> None:
    """Raise WrongUsage for a name that a list would not show as it is."""
    if not 0 < len(name) <= NAME_MAX or not name.isprintable() or name != " ".join(name.split()):
        raise WrongUsage(
            f"a name has from 1 to {NAME_MAX} characters that can be seen, single spaces between",
            then="choose another",
        )
