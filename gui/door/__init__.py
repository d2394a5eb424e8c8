"""The door: sign in and unlock in one step, this browser's approval, sign out, lock."""

from gui.door.door import blueprint

__all__ = ["blueprint"]
