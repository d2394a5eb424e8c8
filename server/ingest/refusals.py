"""Why a batch is not taken; each class is one problem code of the API, and of the edge's sender."""

from __future__ import annotations

from typing import ClassVar

from lot.errors import Damaged, Refused


class NotTaken(Refused):
    """A batch that is not stored, with the problem's code."""

    code: ClassVar[str]
    status: ClassVar[int]


class Unreadable(NotTaken):
    """No batch, or no start: nothing in it can be named."""

    code, status = "malformed", 400


class NeverTaken(NotTaken):
    """For good: `sequence` is the record that can never be taken, None where it is no record."""

    code, status = "record_refused", 422

    def __init__(self, fault: Damaged, sequence: int | None) -> None:
        super().__init__(fault.what, then="the edge signs a tombstone for it and goes on")
        self.sequence = sequence


class CameraUnknown(NotTaken):
    """Waits until the owner adds the camera to the certificate."""

    code, status = "camera_unknown", 403


class Revoked(NotTaken):
    """Its key was revoked, or is certified by nobody: enrol it anew."""

    code, status = "edge_revoked", 403


class Equivocation(NotTaken):
    """Two records of one number: the chain is closed."""

    code, status = "equivocation", 409


class QuotaFull(NotTaken):
    """Goes on when older bytes are a day old."""

    code, status = "quota_full", 507


class Busy(NotTaken):
    """Another process keeps changing the same edge's records."""

    code, status = "busy", 503
