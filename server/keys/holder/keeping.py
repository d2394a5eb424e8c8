"""Slots and keys are changed: each step leaves a vault that opens, whenever the power goes."""

from __future__ import annotations

import os
from dataclasses import replace

from contract import codes, trust
from contract.codes import RECOVERY_BYTES
from contract.otp import SEED_BYTES
from lot.errors import Refused
from server.access.roles import Right, limit
from server.keys import passphrases, slots, vault_open
from server.keys.folder import read
from server.keys.holder import calls, trying
from server.keys.holder.admitting import slot_of
from server.keys.holder.desk import Desk, now_us
from server.keys.holder.sessions import allowed
from server.keys.passphrases import passphrase_bytes
from server.keys.slots import Cost, Held
from server.keys.vault_file import RsaPair
from server.keys.vault_open import OpenVault


def new_slot(desk: Desk, asked: calls.NewSlot) -> calls.SlotMade:
    """Give a person a slot with a new seed; the one before goes when the new one is durable."""
    allowed(desk.sessions.present(asked.by), Right.ADMINISTER)
    account = desk.sessions.account(asked.account)
    if limit(account.role, Right.UNLOCK) is None:
        raise Refused(f"{account.role.value}s have no slot", then="give them a password")
    passphrases.check_own(asked.passphrase)
    seed = os.urandom(SEED_BYTES)
    slot = _write_slot(desk, account.id, asked.passphrase, Held(desk.vault.key, seed))
    desk.safe.seeds.pop(account.id, None)
    return calls.SlotMade(slot, seed)


def change_passphrase(desk: Desk, asked: calls.ChangePassphrase) -> calls.Done:
    """Write one's own slot anew; passphrase and code are both tried first."""
    passphrases.check_own(asked.new)
    person = desk.sessions.present(asked.by).account.id
    held = _tried(desk, person, asked)
    _write_slot(desk, person, asked.new, held)
    return calls.Done()


def renew_recovery(desk: Desk, asked: calls.RenewRecovery) -> calls.RecoveryMade:
    """Make a new sheet; the old one opens nothing of today's any more."""
    vault = desk.vault
    allowed(desk.sessions.present(asked.by), Right.ADMINISTER)
    old = [one for one in desk.folder.slots.found().slots if one.terms.kind == "recovery"]
    code = _write_recovery(desk, vault)
    for slot in old:
        desk.folder.slots.remove(slot.terms.id)
    return calls.RecoveryMade(code)


def forget_slot(desk: Desk, asked: calls.ForgetSlot) -> calls.Done:
    """Take a person's slots away; never one's own, or nobody might be left."""
    present = desk.sessions.present(asked.by)
    allowed(present, Right.ADMINISTER)
    if present.account.id == asked.person:
        raise Refused("nobody takes their own slot away", then="let another owner do it")
    _remove_slots(desk, asked.person, keep=None)
    desk.safe.seeds.pop(asked.person, None)
    return calls.Done()


def rotate_rsa(desk: Desk, asked: calls.RotateRsa) -> calls.Done:
    """Add a new RSA pair to the vault; edges learn it when it is announced."""
    allowed(desk.sessions.present(asked.by), Right.ADMINISTER)
    pair = vault_open.pair_drawn()
    with desk.safe.lock:
        desk.safe.open = vault_open.written(desk.folder, _with_pair(desk.vault, pair), now_us())
    return calls.Done()


def announce_rsa(desk: Desk, asked: calls.AnnounceRsa) -> calls.TrustPack:
    """Announce the newest pair under a number above every one before."""
    allowed(desk.sessions.present(asked.by), Right.ADMINISTER)
    root = trust.pack_own(read(desk.folder.trust_pack)).root
    with desk.safe.lock:
        pack = vault_open.announced(desk.folder, desk.vault, root, now_us())
    return calls.TrustPack(pack, desk.founded.issuing)


def _tried(desk: Desk, person: bytes, asked: calls.ChangePassphrase) -> Held:
    slot = slot_of(desk, person)
    if slot is None:
        raise trying.not_them()
    with desk.derivations.turn():
        clock = trying.clock_now(asked.clock)
        return trying.slot_tried(desk.doors, slot, asked.passphrase, asked.typed, clock)


def _with_pair(vault: OpenVault, pair: RsaPair) -> OpenVault:
    inner = replace(vault.vault, rsa=(*vault.vault.rsa, pair))
    return vault_open.made(vault.founded, vault.key, inner, vault.generation)


def _write_slot(desk: Desk, person: bytes, passphrase: str, held: Held) -> bytes:
    terms = slots.terms_drawn("pass", made=now_us(), person=person, cost=Cost(), keeper=None)
    with desk.derivations.turn():
        kek = slots.kek_of_passphrase(terms, passphrase_bytes(passphrase))
    desk.folder.slots.put(slots.sealed(terms, kek, held))
    _remove_slots(desk, person, keep=terms.id)
    return terms.id


def _remove_slots(desk: Desk, person: bytes, keep: bytes | None) -> None:
    for slot in desk.folder.slots.found().slots:
        if slot.terms.person == person and slot.terms.id != keep:
            desk.folder.slots.remove(slot.terms.id)


def _write_recovery(desk: Desk, vault: OpenVault) -> str:
    code = os.urandom(RECOVERY_BYTES)
    terms = slots.terms_drawn("recovery", made=now_us(), person=None, cost=None, keeper=None)
    desk.folder.slots.put(slots.sealed(terms, slots.kek_of_recovery(terms, code), Held(vault.key)))
    return codes.recovery_text(code)
