"""The walk itself: who and where, a passphrase, the phone, the sheet that is typed back.

It is what `init` asks at a terminal, in the same order and by the same rules. Until the sheet was
typed back nothing is set up; whoever breaks off begins anew.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from contract import codes
from contract.digest import H
from contract.head import ID_BYTES
from lot import times
from lot.errors import LotError, WrongUsage
from lot.web.problems import Problem
from server import lot_keeping, setting_up
from server.access.approving import KEY_BYTES
from server.keys import passphrases, phone
from server.keys.founding import Begun, Owner
from server.keys.holder import bodies
from server.lot_keeping import New
from server.people.naming import check_name
from server.settings import ServerSettings

Step = Literal["asks", "making", "phone", "sheet", "done"]
TEXT_DAYS, PICTURE_DAYS = 90, 30
_BROWSER = "the browser that set it up"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the owner chose."""

    owner: str
    passphrase: str = field(repr=False)
    again: str = field(repr=False)
    lot: str
    timezone: str
    capacity: int | None


class Walk:
    """One owner's walk; safe to share between threads."""

    def __init__(self, settings: ServerSettings, now: Callable[[], int]) -> None:
        self._settings, self._now = settings, now
        self._lock = threading.Lock()
        self._wanted: Wanted | None = None
        self._begun: Begun | None = None
        self.step: Step = "asks"
        self.trouble: str | None = None  # why making keys failed
        self.offered = passphrases.offered()
        self.done = threading.Event()

    @property
    def zone_name(self) -> str:
        return str(self._settings.zone)

    @property
    def owner(self) -> str | None:
        return None if self._wanted is None else self._wanted.owner

    @property
    def begun(self) -> Begun | None:
        """Return what was made, while it is shown: seed and recovery code lie in it."""
        return self._begun if self.step in ("phone", "sheet") else None

    def begin(self, wanted: Wanted) -> None:
        """Check what was chosen, and make keys in a thread: that takes a small machine long."""
        _check(wanted)
        with self._lock:
            self._at("asks")
            self.step, self.trouble, self._wanted = "making", None, wanted
        threading.Thread(target=self._make, args=(wanted,), daemon=True).start()

    def phone(self, code: str) -> None:
        """See that the phone has the seed."""
        with self._lock:
            begun = self._begun_at("phone")
            with _of_field("code"):
                phone.check_code(begun.foundation.seed, code)
            self.step = "sheet"

    def typed_back(self, recovery: str) -> str:
        """Set the server up, once the sheet is there; return what this browser is known by."""
        with self._lock:
            begun = self._begun_at("sheet")
            assert self._wanted is not None  # it was begun by it
            made = codes.recovery_code(begun.foundation.recovery)
            with _of_field("recovery"):
                if codes.recovery_code(recovery) != made:
                    raise WrongUsage("this is another sheet's code", then="type this one's")
            now, key = self._now(), secrets.token_urlsafe(KEY_BYTES)
            owner = begun.foundation.account.id
            device = bodies.Device(
                secrets.token_bytes(ID_BYTES),
                1,
                _BROWSER,
                H(key.encode()),
                approved_by=owner,
                made=now,
                is_desk=False,
                closed=False,
            )
            setting_up.complete(self._settings, begun, _lot(self._wanted), now, device)
            self.step, self._begun, self._wanted = "done", None, None
        self.done.set()
        return f"{device.id.hex()}.{key}"

    def _make(self, wanted: Wanted) -> None:
        try:
            owner = Owner(wanted.owner, wanted.passphrase)
            begun = setting_up.begin(self._settings, owner, self._now())
        except LotError as error:
            with self._lock:
                self.step, self.trouble = "asks", str(error)
            return
        with self._lock:
            self.step, self._begun = "phone", begun

    def _at(self, step: Step) -> None:
        if self.step != step:
            raise Problem("conflict", f"the walk is at its step {self.step}")

    def _begun_at(self, step: Step) -> Begun:
        """Return what was begun; Problem where the walk stands elsewhere by now."""
        self._at(step)
        assert self._begun is not None  # every step after `making` has it
        return self._begun


def _check(wanted: Wanted) -> None:
    with _of_field("owner"):
        check_name(wanted.owner)
    with _of_field("lot"):
        check_name(wanted.lot)
    with _of_field("timezone"):
        times.zone(wanted.timezone)
    with _of_field("capacity"):
        lot_keeping.check(_lot(wanted))
    with _of_field("passphrase"):
        passphrases.check_own(wanted.passphrase)
    with _of_field("again"):
        same = map(passphrases.passphrase_bytes, (wanted.passphrase, wanted.again))
        if len(set(same)) != 1:
            raise WrongUsage("the two are not the same", then="type it once more")


@contextmanager
def _of_field(name: str) -> Iterator[None]:
    """Say of which field a complaint is."""
    try:
        yield
    except WrongUsage as error:
        raise Problem("wrong_field", str(error), field=name) from None


def _lot(wanted: Wanted) -> New:
    return New(wanted.lot, wanted.timezone, wanted.capacity, TEXT_DAYS, PICTURE_DAYS)
