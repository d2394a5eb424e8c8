"""Everyone's way in: the rules of the one-time code with a lock, a clock and a folder.

Keyholder and share keeper each have their own folder, which no database and no backup of one holds.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Lock

from contract import otp
from contract.canonical import sized
from contract.head import ID_BYTES
from contract.otp import Door, Hit, Outcome, Remembered, wait_after
from lot.errors import Unreadable
from lot.files import remove, write_private


class Doors:
    """The doors of all persons of one process. One is tried at a time, whoever it is."""

    def __init__(self, folder: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._monotonic = monotonic
        self._started_at_s = monotonic()
        self._doors: dict[bytes, Door] = {}
        self._lock = Lock()

    def tried(self, person: bytes, attempt: Callable[[Door], Hit | None]) -> Outcome:
        """Let `attempt` try what a person typed; what the outcome says is on the disk.

        An attempt that raises has cost its miss.
        """
        with self._lock:
            door = self._door(person)

            def keep(remembered: Remembered) -> None:
                self._keep(person, remembered)
                # In memory too, or an attempt that raises would be tried again for nothing.
                opens_at_s = self._monotonic() + wait_after(remembered.misses)
                self._doors[person] = replace(door, remembered=remembered, opens_at_s=opens_at_s)

            self._doors[person], outcome = otp.tried(
                door, attempt, keep=keep, monotonic=self._monotonic
            )
            return outcome

    def reopen(self, person: bytes) -> None:
        """Forgive a person's misses, as only the console may."""
        with self._lock:
            door = self._door(person).reopened(self._monotonic())
            self._keep(person, door.remembered)
            self._doors[person] = door

    def renew(self, person: bytes, remembered: Remembered) -> None:
        """Write anew what is remembered of a person, as only the console may.

        For a file that is damaged: nobody then knows which codes were used, and the caller says
        from which step on they are good again.
        """
        with self._lock:
            self._keep(person, remembered)
            self._doors[person] = Door.after_start(remembered, self._monotonic())

    def forget(self, person: bytes) -> None:
        """Remove what is remembered of a person who is gone for good."""
        with self._lock:
            self._doors.pop(person, None)
            remove(self._path(person))

    def _door(self, person: bytes) -> Door:
        if person not in self._doors:
            remembered = self._remembered(person)
            self._doors[person] = Door.after_start(remembered, self._started_at_s)
        return self._doors[person]

    def _remembered(self, person: bytes) -> Remembered:
        path = self._path(person)
        try:
            return otp.decoded(path.read_bytes())
        except FileNotFoundError:
            return Remembered()
        except OSError as error:
            raise Unreadable(
                f"cannot read {path}: {error.strerror or error}",
                then="give the folder to the user that runs this",
            ) from error

    def _keep(self, person: bytes, remembered: Remembered) -> None:
        write_private(self._path(person), otp.encoded(remembered))

    def _path(self, person: bytes) -> Path:
        sized("person", person, ID_BYTES)
        return self._folder / f"{person.hex()}.otp"
