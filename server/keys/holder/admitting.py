"""Letting people in: with a slot, with the recovery sheet, with a password, with a fresh code."""

from __future__ import annotations

from collections.abc import Mapping

from contract import canonical, codes
from contract.otp import SEED_BYTES, Typed
from lot.clock import now_us
from lot.errors import Refused
from server.access.roles import Right, limit
from server.access.rows import SEEDS
from server.keys import slots, vault_open
from server.keys.holder import calls, rows_held, sharing, trying
from server.keys.holder.bodies import Account
from server.keys.holder.calls import Admission, AskKeeper, Identity, SealedRow, Vouched
from server.keys.holder.desk import Desk
from server.keys.holder.refusals import NotAllowed, SignedOut
from server.keys.holder.sessions import EVERYWHERE, Present, allowed_in
from server.keys.rows import Place
from server.keys.slots import Held, Slot

_RIGHTS: Mapping[calls.GrantPurpose, Right] = {
    "export": Right.EXPORT,
    "erase": Right.ERASE,
    "admit": Right.ADMINISTER,
    "manage_keys": Right.ADMINISTER,
}


def unlock(desk: Desk, asked: calls.Unlock) -> Admission | AskKeeper:
    """Open a slot: that is signing in, also while the vault is open already."""
    device = desk.sessions.device(asked.via)  # a stranger reaches no Argon2
    account = desk.sessions.account(asked.account)
    if limit(account.role, Right.UNLOCK) is None:
        raise NotAllowed(f"{account.role.value}s have no slot", then="sign in with the password")
    slot = slot_of(desk, account.id)
    if slot is None:
        raise trying.not_them()

    def admitted(held: Held) -> Admission:
        opened = _open(desk, held.vault_key)
        if held.seed is not None:
            desk.safe.seeds[account.id] = held.seed
        return _let_in(desk, asked.account, device, opened_vault=opened, manages=device is None)

    if slot.terms.keeper is None:
        return admitted(_held(desk, slot, asked))

    def shared(share: bytes) -> Admission:
        return admitted(sharing.opened(desk, slot, asked.passphrase, share))

    return sharing.ask(desk, slot, "unlock", asked.typed, shared)


def recover(desk: Desk, asked: calls.Recover) -> Admission:
    """Open the vault by the sheet; whoever has it is taken for the owner who is named."""
    device = desk.sessions.device(asked.via)
    account = desk.sessions.account(asked.account)
    if limit(account.role, Right.ADMINISTER) is None:
        raise NotAllowed("the recovery sheet is the owner's", then="name an owner's account")
    code = codes.recovery_code(asked.code)
    for slot in desk.folder.slots.found().slots:
        if slot.terms.kind != "recovery":
            continue
        try:
            held = slots.opened(slot, slots.kek_of_recovery(slot.terms, code))
        except Refused:
            continue
        opened = _open(desk, held.vault_key)
        return _let_in(desk, asked.account, device, opened_vault=opened, manages=True)
    raise Refused("this recovery code opens nothing here", then="compare it with the newest sheet")


def sign_in(desk: Desk, asked: calls.SignIn) -> Admission:
    """Sign in with a password, and the code of who has one."""
    device = desk.sessions.device(asked.via)
    account = desk.sessions.account(asked.account)
    kept = account.password
    if kept is None:
        raise trying.not_them()
    code = None
    if account.code:
        seed = _seed(desk, account, asked.seed)
        code = trying.by_seed(seed, _typed(asked.typed), trying.clock_now(asked.clock))
    with desk.derivations.turn():
        trying.password_tried(
            desk.doors,
            account.id,
            lambda: trying.password_is(kept, asked.password, asked.pepper),
            code,
        )
    return _let_in(desk, asked.account, device, opened_vault=False, manages=False)


def confirm(desk: Desk, asked: calls.Confirm) -> calls.Granted | AskKeeper:
    """Take a fresh code of who is signed in, for one purpose and one range."""
    present = desk.sessions.present(asked.by)
    allowed_in(present, _RIGHTS[asked.purpose], asked.range.lot)
    person = present.account.id
    slot = None if present.account.code else slot_of(desk, person)
    if slot is not None and slot.terms.keeper is not None:
        _ = desk.vault

        def confirmed(_: bytes) -> calls.Granted:
            return desk.sessions.grant(present.session, asked.purpose, asked.range)

        return sharing.ask(desk, slot, "confirm", asked.typed, confirmed)
    seed = _own_seed(desk, present, asked.seed)
    clock = trying.clock_now(asked.clock)
    trying.check(desk.doors.tried(person, trying.by_seed(seed, asked.typed, clock)))
    return desk.sessions.grant(present.session, asked.purpose, asked.range)


def check_grant(desk: Desk, asked: calls.CheckGrant) -> calls.Done:
    """Refuse what no fresh code of this session covers."""
    _ = desk.vault
    present = desk.sessions.present(asked.by)
    allowed_in(present, _RIGHTS[asked.purpose], asked.range.lot)
    desk.sessions.check_grant(present.session, asked.purpose, asked.range)
    if asked.purpose == "export":
        desk.sessions.begin_export(present.session, asked.range)
    return calls.Done()


def identity(desk: Desk, present: Present) -> Identity:
    """Return who is signed in."""
    account, session = present.account, present.session
    return Identity(
        account=account.id,
        name=account.name,
        role=account.role,
        lots=account.lots,
        session=session.id,
        device=session.device,
        ends=session.ends,
        unlocked=desk.is_unlocked,
    )


def slot_of(desk: Desk, person: bytes) -> Slot | None:
    """Return a person's newest slot."""
    found = [one for one in desk.folder.slots.found().slots if one.terms.person == person]
    return found[-1] if found else None


def _held(desk: Desk, slot: Slot, asked: calls.Unlock) -> Held:
    with desk.derivations.turn():
        return trying.slot_tried(
            desk.doors, slot, asked.passphrase, asked.typed, trying.clock_now(asked.clock)
        )


def _open(desk: Desk, vault_key: bytes) -> bool:
    """Open the vault if it is shut; say whether it was. Also then the key is tried."""
    with desk.safe.lock:
        found = vault_open.opened(desk.folder, vault_key)
        known = desk.safe.open
        was_shut = known is None
        if known is None or known.key != found.key:  # else of before a rotation that was cut
            desk.safe.open = found
        if was_shut:
            desk.safe.opened_at = now_us()
        return was_shut


def _let_in(
    desk: Desk, row: Vouched, device: bytes | None, *, opened_vault: bool, manages: bool
) -> Admission:
    """Make a session; it `manages` keys for ten minutes where that is what the code was typed for.

    That is at the console, and after the recovery sheet, which must be made anew.
    """
    account = desk.sessions.account(row)
    token, session_row, session = desk.sessions.made(account, device)
    if manages:
        desk.sessions.grant(session, "manage_keys", EVERYWHERE)
    who = identity(desk, Present(account, session))
    return Admission(token, session_row, who, opened_vault)


def _typed(typed: Typed | None) -> Typed:
    if typed is None:
        raise trying.not_them()
    return typed


def _own_seed(desk: Desk, present: Present, row: SealedRow | None) -> bytes:
    """Return the seed of who is signed in: out of their row, or as their slot gave it."""
    person = present.account.id
    if present.account.code:
        return _seed(desk, present.account, row)
    seed = desk.safe.seeds.get(person)
    if seed is None:
        raise SignedOut(
            "the vault was locked since you signed in", then="sign in with passphrase and code"
        )
    return seed


def _seed(desk: Desk, account: Account, row: SealedRow | None) -> bytes:
    """Return the seed out of a person's private row: so who has one signs in while unlocked."""
    if row is None or (row.table, row.id) != (SEEDS, account.id):
        raise Refused(
            "the row of the one-time code is not there", then="ask the owner for a new one"
        )
    people = desk.vault.vault.people
    desk.newest.check(row.as_version)
    place = Place(row.table, row.id, row.version)
    return _seed_in(rows_held.content_of(row.box, people, place, None))


def _seed_in(content: dict[str, object]) -> bytes:
    with canonical.reading("the row of a one-time code"):
        seed = canonical.octets(content.get("seed"), "seed")
        canonical.sized("seed", seed, SEED_BYTES)
        return seed
