"""Slots and keys are changed: each step leaves a vault that opens, whenever the power goes."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from contract import codes, trust
from contract.codes import RECOVERY_BYTES
from contract.keeper import Secrets
from contract.otp import SEED_BYTES
from lot.clock import now_us
from lot.errors import Refused
from server.access.roles import Right, limit
from server.keys import pair_drawing, passphrases, slots, vault_open
from server.keys.folder import read
from server.keys.holder import calls, keeper_file, sharing, trying
from server.keys.holder.admitting import slot_of
from server.keys.holder.calls import AskKeeper
from server.keys.holder.desk import Desk
from server.keys.holder.sessions import allowed_in, may_manage_keys
from server.keys.passphrases import passphrase_bytes
from server.keys.slots import SALT_BYTES, VAULT_KEY_BYTES, Cost, Held, Slot, Terms
from server.keys.vault_file import RsaPair
from server.keys.vault_open import OpenVault

Answer = TypeVar("Answer")


def new_slot(desk: Desk, asked: calls.NewSlot) -> calls.SlotMade | AskKeeper:
    """Give a person a slot with a new seed; the one before goes when the new one is durable.

    Where a keeper is paired, seed and share are put there first.
    """
    may_manage_keys(desk.sessions, asked.by)
    account = desk.sessions.account(asked.account)
    if limit(account.role, Right.UNLOCK) is None:
        raise Refused(f"{account.role.value}s have no slot", then="give them a password")
    passphrases.check_own(asked.passphrase)
    vault_key = desk.vault.key
    if asked.where == "on_the_card" or keeper_file.paired(desk.folder) is None:
        seed = os.urandom(SEED_BYTES)
        terms = _terms(account.id)
        _write_slot(desk, terms, asked.passphrase, Held(vault_key, seed), None)
        return calls.SlotMade(terms.id, seed)
    terms = sharing.terms(desk, account.id, Cost())

    def sealed_with(secrets: Secrets) -> calls.SlotMade:
        if desk.vault.key != vault_key:
            raise Refused("the vault was rotated meanwhile", then="begin again")
        _write_slot(desk, terms, asked.passphrase, Held(vault_key), secrets.share)
        return calls.SlotMade(terms.id, secrets.seed)

    return sharing.put(desk, terms, sealed_with)


def change_passphrase(desk: Desk, asked: calls.ChangePassphrase) -> calls.Done | AskKeeper:
    """Write one's own slot anew; passphrase and code are both tried first."""
    passphrases.check_own(asked.new)

    def opened(slot: Slot, held: Held, share: bytes | None) -> calls.Done:
        _write_slot(desk, _renewed(slot.terms), asked.new, held, share)
        return calls.Done()

    return _tried(desk, asked, opened)


def rotate_vault(desk: Desk, asked: calls.RotateVault) -> calls.RecoveryMade | AskKeeper:
    """Make a new vault key and RSA pair; the caller's slot and a new sheet alone open it.

    The new vault lies beside the old one until both ways to it are written, so whenever the power
    goes, the caller's slot opens one of the two.
    """
    allowed_in(desk.sessions.present(asked.by), Right.ADMINISTER, None)
    _ = desk.vault

    def opened(slot: Slot, held: Held, share: bytes | None) -> calls.RecoveryMade:
        pair = pair_drawing.drawn()
        with desk.safe.lock:
            if held.vault_key != desk.vault.key:
                raise Refused("this slot opens another vault", then="sign in again")
            inner = replace(desk.vault.vault, rsa=(*desk.vault.vault.rsa, pair))
            new = vault_open.made(
                desk.founded, os.urandom(VAULT_KEY_BYTES), inner, desk.vault.generation
            )
            new = vault_open.written_beside(desk.folder, new, now_us())
            old = desk.folder.slots.found().slots
            code, sheet = _write_recovery(desk, new)
            renewed = _renewed(slot.terms)
            _write_slot(desk, renewed, asked.passphrase, Held(new.key, held.seed), share)
            vault_open.exchanged(desk.folder)
            desk.safe.open = new
        for one in old:
            if one.terms.id not in (renewed.id, sheet):
                desk.folder.slots.remove(one.terms.id)
        for person in [one for one in desk.safe.seeds if one != slot.terms.person]:
            desk.safe.seeds.pop(person, None)
        return calls.RecoveryMade(code)

    return _tried(desk, asked, opened)


def renew_recovery(desk: Desk, asked: calls.RenewRecovery) -> calls.RecoveryMade:
    """Make a new sheet; the old one opens nothing of today's any more."""
    vault = desk.vault
    may_manage_keys(desk.sessions, asked.by)
    old = [one for one in desk.folder.slots.found().slots if one.terms.kind == "recovery"]
    code, _ = _write_recovery(desk, vault)
    for slot in old:
        desk.folder.slots.remove(slot.terms.id)
    return calls.RecoveryMade(code)


def forget_slot(desk: Desk, asked: calls.ForgetSlot) -> calls.Done:
    """Take a person's slots away; never one's own, or nobody might be left.

    Of who has a closed account it asks for no fresh code, as closing does not: it gives nobody
    anything.
    """
    if asked.closed is not None and _is_closed(desk, asked.closed, asked.person):
        present = desk.sessions.present(asked.by)
        allowed_in(present, Right.ADMINISTER, None)
    else:
        present = may_manage_keys(desk.sessions, asked.by)
    if present.account.id == asked.person:
        raise Refused("nobody takes their own slot away", then="let another owner do it")
    _remove_slots(desk, asked.person, keep=None)
    desk.safe.seeds.pop(asked.person, None)
    return calls.Done()


def _is_closed(desk: Desk, row: calls.Vouched, person: bytes) -> bool:
    account = desk.sessions.newest_account(row)
    return account.id == person and account.closed


def slots_known(desk: Desk, asked: calls.SlotsKnown) -> calls.SlotsTold:
    """Return what every slot says in clear."""
    allowed_in(desk.sessions.present(asked.by), Right.ADMINISTER, None)
    found = desk.folder.slots.found().slots
    return calls.SlotsTold(
        tuple(
            calls.SlotTold(one.terms.id, one.terms.person, one.terms.keeper, one.terms.made)
            for one in found
        )
    )


def rotate_rsa(desk: Desk, asked: calls.RotateRsa) -> calls.Done:
    """Add a new RSA pair to the vault; edges learn it when it is announced."""
    allowed_in(desk.sessions.present(asked.by), Right.ADMINISTER, None)
    pair = pair_drawing.drawn()
    with desk.safe.lock:
        desk.safe.open = vault_open.written(desk.folder, _with_pair(desk.vault, pair), now_us())
    return calls.Done()


def announce_rsa(desk: Desk, asked: calls.AnnounceRsa) -> calls.TrustPack:
    """Announce the newest pair under a number above every one before."""
    allowed_in(desk.sessions.present(asked.by), Right.ADMINISTER, None)
    root = trust.pack_own(read(desk.folder.trust_pack)).root
    with desk.safe.lock:
        pack = vault_open.announced(desk.folder, desk.vault, root, now_us())
    return calls.TrustPack(pack, desk.founded.issuing)


def _tried(
    desk: Desk,
    asked: calls.ChangePassphrase | calls.RotateVault,
    then: Callable[[Slot, Held, bytes | None], Answer],
) -> Answer | AskKeeper:
    """Try the caller's own passphrase and code; `then` is given the slot, open, and its share."""
    slot = slot_of(desk, desk.sessions.present(asked.by).account.id)
    if slot is None:
        raise trying.not_them()
    if slot.terms.keeper is None:
        with desk.derivations.turn():
            clock = trying.clock_now(asked.clock)
            held = trying.slot_tried(desk.doors, slot, asked.passphrase, asked.typed, clock)
        return then(slot, held, None)

    def shared(share: bytes) -> Answer:
        return then(slot, sharing.opened(desk, slot, asked.passphrase, share), share)

    return sharing.ask(desk, slot, "rewrap", asked.typed, shared)


def _with_pair(vault: OpenVault, pair: RsaPair) -> OpenVault:
    inner = replace(vault.vault, rsa=(*vault.vault.rsa, pair))
    return vault_open.made(vault.founded, vault.key, inner, vault.generation)


def _terms(person: bytes) -> Terms:
    return slots.terms_drawn("pass", made=now_us(), person=person, cost=Cost(), keeper=None)


def _renewed(terms: Terms) -> Terms:
    """Return a slot's terms with a fresh salt; its id stays, by which the keeper knows it."""
    return replace(terms, salt=os.urandom(SALT_BYTES), cost=Cost(), made=now_us())


def _write_slot(desk: Desk, terms: Terms, passphrase: str, held: Held, share: bytes | None) -> None:
    assert terms.person is not None
    with desk.derivations.turn():
        kek = slots.kek_of_passphrase(terms, passphrase_bytes(passphrase), share)
    desk.folder.slots.put(slots.sealed(terms, kek, held))
    _remove_slots(desk, terms.person, keep=terms.id)
    desk.safe.seeds.pop(terms.person, None)
    if held.seed is not None:
        desk.safe.seeds[terms.person] = held.seed


def _remove_slots(desk: Desk, person: bytes, keep: bytes | None) -> None:
    for slot in desk.folder.slots.found().slots:
        if slot.terms.person == person and slot.terms.id != keep:
            desk.folder.slots.remove(slot.terms.id)


def _write_recovery(desk: Desk, vault: OpenVault) -> tuple[str, bytes]:
    code = os.urandom(RECOVERY_BYTES)
    terms = slots.terms_drawn("recovery", made=now_us(), person=None, cost=None, keeper=None)
    desk.folder.slots.put(slots.sealed(terms, slots.kek_of_recovery(terms, code), Held(vault.key)))
    return codes.recovery_text(code), terms.id
