"""Who may call an operation of the vault; what an operation is, `lot.web.operations` says."""

from __future__ import annotations

from enum import Enum

from lot.web import operations
from lot.web.operations import JSON, JSON_BYTES_MAX, OCTETS, PREFIX, Bytes, Pace, View
from server.access.roles import Right

__all__ = [
    "AUTOMATIC",
    "JSON",
    "JSON_BYTES_MAX",
    "OCTETS",
    "PREFIX",
    "Access",
    "Bound",
    "Bytes",
    "Door",
    "Operation",
    "Pace",
    "Room",
    "View",
]

AUTOMATIC = "Lot-Automatic"  # a header of what a page asks by itself: it keeps no vault open


class Door(Enum):
    """Who may call an operation that no right of a person stands for."""

    ANYBODY = "anybody"
    THIS_MACHINE = "this_machine"  # or who may administer: what a monitor here reads
    DEVICE = "device"  # an approved browser, nobody signed in yet
    EDGE = "edge"
    SIGNED_IN = "signed_in"  # whoever it is


Access = Door | Right
Operation = operations.Operation[Access]
Bound = operations.Bound[Access]
Room = operations.Room[Access]
