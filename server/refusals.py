"""How the server's own rooms say no; the API has a code for each."""

from __future__ import annotations

from lot.errors import Refused, Unreachable


class NotThere(Refused):
    """There is no such thing, or nothing of it may be seen."""


class Changed(Refused):
    """It was changed since the asker read it."""


class AlreadyThere(Refused):
    """There is one already."""


class TooMany(Refused):
    """As many as may do this at once."""


class EdgeAway(Unreachable):
    """The edge that could do it does not answer, or none was heard from."""


class KeeperAway(Unreachable):
    """The share keeper does not answer, or none is paired."""
