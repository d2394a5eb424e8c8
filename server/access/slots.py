"""Who can open the vault, and by what: slots, sheet, keeper and keys are changed, and written down.

The keyholder does it and says who may; this carries what the share keeper must hear in between.
Each step waits for the answer to the one before, so a cut anywhere leaves a way in: a share is put,
then the slot is written, then the share that no slot needs is forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from contract.audit import Act, ServerClock
from contract.otp import Typed
from server.access.ledger import Ledger
from server.access.signing_in import Carrier
from server.keys.holder import bodies, calls
from server.keys.holder.calls import AskKeeper, Caller
from server.keys.holder.client import Keyholder
from server.store.database import Database

Led = TypeVar("Led", calls.SlotMade, calls.Done, calls.RecoveryMade)


@dataclass(frozen=True, slots=True)
class Slots:
    """Changes what opens the vault."""

    database: Database
    keyholder: Keyholder
    ledger: Ledger
    carrier: Carrier

    def give(
        self, by: Caller, whose: calls.Vouched, passphrase: str, where: calls.Where = "as_paired"
    ) -> bytes:
        """Write somebody's slot anew, in place of the one they had; return the phone's seed."""
        asked = calls.NewSlot(by, whose, passphrase, where)
        made = self._led(self.keyholder.new_slot(asked), calls.SlotMade)
        self._line(by, "slot_made", {"account": bodies.account(whose.body).id})
        return made.seed

    def take(self, by: Caller, person: bytes) -> None:
        """Take a person's slots away; a share of theirs is forgotten too."""
        self.keyholder.forget_slot(by, person)
        self._line(by, "slot_taken", {"account": person})
        self.tidy(by)

    def tidy(self, by: Caller) -> int:
        """Let the keeper forget every share that no slot needs; return how many."""
        forgotten = 0
        while isinstance(asked := self.keyholder.forget_shares(by), AskKeeper):
            self._led(asked, calls.Done)
            forgotten += 1
        if forgotten:
            self._line(by, "shares_forgotten", {"count": forgotten})
        return forgotten

    def change_passphrase(
        self, by: Caller, passphrase: str, typed: Typed, new: str, clock: ServerClock
    ) -> None:
        """Change one's own passphrase; phone and share stay."""
        asked = calls.ChangePassphrase(by, passphrase, typed, new, clock)
        self._led(self.keyholder.change_passphrase(asked), calls.Done)
        self._line(by, "passphrase_changed")

    def rotate_vault(self, by: Caller, passphrase: str, typed: Typed, clock: ServerClock) -> str:
        """Make a new vault key and RSA pair; return the new sheet's code.

        Nobody else has a slot after it, and what was copied of the old ones opens old copies alone.
        """
        asked = calls.RotateVault(by, passphrase, typed, clock)
        made = self._led(self.keyholder.rotate_vault(asked), calls.RecoveryMade)
        self._line(by, "vault_rotated")
        return made.code

    def rotate_rsa(self, by: Caller) -> None:
        """Make a new RSA pair, which nobody is told of yet."""
        self.keyholder.rotate_rsa(by)
        self._line(by, "rsa_rotated")

    def announce_rsa(self, by: Caller) -> None:
        """Announce the newest RSA pair."""
        self.keyholder.announce_rsa(by)
        self._line(by, "rsa_announced")

    def renew_sheet(self, by: Caller) -> str:
        """Return a new sheet's code; the one before opens nothing any more."""
        code = self.keyholder.renew_recovery(by)
        self._line(by, "sheet_renewed")
        return code

    def unpair(self, by: Caller) -> None:
        """Be without a keeper again; Refused while anybody needs it."""
        self.keyholder.unpair_keeper(by)
        self._line(by, "keeper_unpaired")

    def note_paired(self, by: Caller, pinned: calls.KeeperPinned) -> None:
        """Write down which keeper was paired."""
        self._line(by, "keeper_paired", {"keeper": pinned.keeper})

    def _led(self, found: Led | AskKeeper, kind: type[Led]) -> Led:
        """Return what a call came to, or what the keeper's answer leads it to."""
        if not isinstance(found, AskKeeper):
            return found
        answer = self.carrier.carried(found)
        led = self.keyholder.go_on(calls.GoOn(found.ticket, answer))
        assert isinstance(led, kind)  # what the first call is for
        return led

    def _line(self, by: Caller, act: Act, detail: Mapping[str, object] | None = None) -> None:
        actor = bodies.session(by.session.body).account
        self.database.write(lambda write: self.ledger.line(write, act, detail, actor=actor))
