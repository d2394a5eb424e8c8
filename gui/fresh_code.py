"""A fresh code opens one purpose and range for ten minutes; it is typed beside what it is for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from gui.carried import carried, server
from gui.server_api import Problem

# What is said beside the form instead of on a page of its own: the next try is one field away.
BESIDE = frozenset({"wrong_credentials", "wrong_field", "too_many_tries", "console_needed", "busy"})
BESIDE_ADMITTING = BESIDE | {"code_needed", "conflict"}

Purpose = Literal["export", "erase", "admit"]


def confirm(purpose: Purpose, range_: Mapping[str, object], code: str) -> None:
    """Have a code open a range; Problem where it is none, or not the phone's."""
    typed = "".join(code.split())
    if not re.fullmatch("[0-9]{6}", typed):
        raise Problem(422, "wrong_credentials", "a code has six digits")
    body = {"purpose": purpose, "code": typed, **range_}
    server().send("POST", "/grants", carried().holder, body)


def confirm_admitting(code: str, lot: str | None = None) -> None:
    """Have a code let somebody in, of a lot or of all; none where the last one holds still."""
    if code.strip():
        confirm("admit", {"lot": lot}, code)
