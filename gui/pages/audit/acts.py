"""What is done here, in words: one for every act that a line of the audit may name."""

from __future__ import annotations

from collections.abc import Mapping

from gui.words import Words


def acts(_: Words) -> Mapping[str, str]:
    """Return what somebody did, as it reads after their name."""
    return {**_cars(_), **_doors(_), **_people(_), **_lots(_), **_keys(_), **_evidence(_)}


def of(act: str, _: Words) -> str:
    """Return an act in words; one that a later server knows, as it calls it."""
    return acts(_).get(act, act.replace("_", " "))


def _cars(_: Words) -> dict[str, str]:
    return {
        "look": _("looked at a car, or at the desk"),
        "search": _("searched"),
        "rows_read": _("read lists, customers or bookings"),
        "live": _("watched a camera live"),
        "photo_read": _("let a photo be read"),
        "statement": _("corrected what cameras told"),
        "typed": _("typed in a car"),
        "count": _("counted by hand"),
        "customer_told": _("told a customer that the car is ready"),
        "export": _("exported"),
        "plate_erased": _("forgot a plate"),
        "held": _("kept an event beyond its days"),
        "row": _("changed a row of lists, customers, bookings or tickets"),
    }


def _doors(_: Words) -> dict[str, str]:
    return {
        "unlock": _("unlocked the vault"),
        "lock": _("locked the vault"),
        "recover": _("unlocked the vault with the recovery sheet"),
        "sign_in": _("signed in"),
        "sign_out": _("signed out"),
        "sign_in_refused": _("was refused at the door"),
        "refused": _("was refused"),
        "confirm": _("typed a fresh code"),
        "device_approved": _("approved a browser"),
        "device_refused": _("sent a browser away"),
        "device_revoked": _("took a browser's approval back"),
    }


def _people(_: Words) -> dict[str, str]:
    return {
        "user_added": _("added an account"),
        "user_changed": _("changed or closed an account"),
        "slot_made": _("gave somebody a passphrase of their own"),
        "slot_taken": _("took somebody's passphrase away"),
        "passphrase_changed": _("changed their passphrase"),
    }


def _lots(_: Words) -> dict[str, str]:
    return {
        "lot_added": _("added a lot"),
        "lot_changed": _("changed a lot"),
        "edge_invited": _("made a code for a new box at the gate"),
        "edge_enrolled": _("enrolled a box at the gate"),
        "edge_cameras": _("let a box at the gate tell of more cameras"),
        "edge_revoked": _("sent a box at the gate away for good"),
        "token_rotated": _("gave a box at the gate a new token"),
        "token_revoked": _("let a box at the gate in no more"),
        "notify_added": _("added a rule of messages"),
        "notify_changed": _("changed a rule of messages"),
        "notify_dropped": _("let a rule of messages go"),
        "notify_tested": _("tried a channel"),
        "notify_told": _("sent a message about cars"),
        "alarm": _("raised an alarm"),
        "alarm_ended": _("ended an alarm"),
    }


def _keys(_: Words) -> dict[str, str]:
    return {
        "set_up": _("set up the server"),
        "sheet_renewed": _("made a new recovery sheet"),
        "rsa_rotated": _("made a new pair of keys"),
        "rsa_announced": _("announced a new pair of keys to the gates"),
        "vault_rotated": _("made the vault's key anew"),
        "keeper_paired": _("paired with a box that keeps shares"),
        "keeper_unpaired": _("parted from the box that keeps shares"),
        "shares_forgotten": _("let the box that keeps shares forget some"),
    }


def _evidence(_: Words) -> dict[str, str]:
    return {
        "audit_read": _("read this log"),
        "verify": _("walked all that is kept"),
        "verify_opened": _("walked all that is kept, and opened it"),
        "mark": _("signed this log"),
        "low": _("took stock of a writer"),
        "erased": _("forgot what was due, or was asked to"),
        "retention_confirmed": _("let more be forgotten than goes by itself"),
        "backup": _("made a backup"),
        "restore": _("put a backup back"),
    }
