"""Split mode: what the share keeper is told and asked, and what its answers lead to.

The keyholder reaches no network, so each message is handed to whoever asked, to be carried, and a
ticket says how its answer goes on. The code is spent at the keeper before the passphrase is tried
here.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from contract import codes, keeper, pairing, signature
from contract.keeper import SHARE_BYTES, Answer, Ask, Forget, Parties, Purpose, Secrets
from contract.macs import invite_of
from contract.otp import SEED_BYTES, Outcome, Typed
from contract.pairing import Pair
from lot.clock import now_us
from lot.errors import Refused
from server.access.roles import Right
from server.keys import slots
from server.keys.holder import calls, keeper_file, trying
from server.keys.holder.calls import AskKeeper
from server.keys.holder.desk import Desk
from server.keys.holder.keeper_file import Paired
from server.keys.holder.refusals import Closed
from server.keys.holder.sessions import allowed_in, may_manage_keys
from server.keys.passphrases import passphrase_bytes
from server.keys.slots import Cost, Held, Slot, Terms

Shared = Callable[[bytes], object]


def pair(desk: Desk, asked: calls.PairKeeper) -> AskKeeper:
    """Return what is posted to the keeper, which is pinned when it answers with the code's mac.

    Slots of another keeper open no more with it: their people are given new ones.
    """
    may_manage_keys(desk.sessions, asked.by)
    vault, invitation = desk.vault, codes.invitation(asked.code)
    pack, secret = pairing.pack_invited(asked.pack, invitation), invitation.secret
    said = Pair(
        invite_of(secret),
        desk.founded.server,
        signature.public_half(desk.folder.key()),
        signature.public_half(vault.sign),
    )
    request = pairing.pair_made(said, secret)

    def answered(answer: bytes) -> calls.KeeperPinned:
        pairing.paired_opened(answer, secret, request=request, keeper=pack.keeper)
        known = keeper_file.paired(desk.folder)
        shares = known.shares if known and known.pack.keeper == pack.keeper else frozenset()
        keeper_file.keep(desk.folder, Paired(pack, known.number if known else 0, shares))
        return calls.KeeperPinned(pack.keeper, pack.tls)

    return AskKeeper(desk.tickets.issue(answered), pack.keeper, request)


def pinned(desk: Desk, _: calls.PinnedKeeper) -> calls.KeeperPinned | calls.Done:
    """Return which keeper is paired."""
    known = keeper_file.paired(desk.folder)
    return calls.Done() if known is None else calls.KeeperPinned(known.pack.keeper, known.pack.tls)


def unpair(desk: Desk, asked: calls.UnpairKeeper) -> calls.Done:
    """Be without a keeper again; Refused while a slot needs it, or a share may lie there."""
    allowed_in(desk.sessions.present(asked.by), Right.ADMINISTER, None)
    _, known = desk.vault, keeper_file.paired(desk.folder)
    if known is None:
        return calls.Done()
    if any(one.terms.keeper for one in desk.folder.slots.found().slots):
        raise Refused("a slot needs the keeper", then="bring each back: server keeper back NAME")
    if known.shares:
        raise Refused("the keeper keeps shares", then="let it forget them: server keeper tidy")
    keeper_file.forget(desk.folder)
    return calls.Done()


def go_on(desk: Desk, asked: calls.GoOn) -> object:
    """Do what waited for this answer."""
    return desk.tickets.taken(asked.ticket)(asked.answer)


def put(desk: Desk, terms: Terms, sealed_with: Callable[[Secrets], object]) -> AskKeeper:
    """Bring a new seed and share to the keeper, under the id of the slot that they are for."""
    vault = desk.vault
    known = _known(desk).numbered(now_us()).sharing(terms.id)
    keeper_file.keep(desk.folder, known)  # first: what may lie there is forgotten one day
    secrets = Secrets(os.urandom(SEED_BYTES), os.urandom(SHARE_BYTES))
    request = keeper.put_made(
        _parties(desk, known, terms.id), known.number, secrets, known.pack.hpke
    )

    def answered(answer: bytes) -> object:
        said = keeper.answer_opened(answer, known.pack.sign, request).said
        if said.result != "yes":
            raise Refused("the keeper did not take the share", then="try again")
        return sealed_with(secrets)

    message = keeper.request_signed(request, vault.sign)
    return AskKeeper(desk.tickets.issue(answered), known.pack.keeper, message)


def forget(desk: Desk, asked: calls.ForgetShares) -> AskKeeper | calls.Done:
    """Let the keeper forget one share that no slot needs."""
    allowed_in(desk.sessions.present(asked.by), Right.ADMINISTER, None)
    vault, known = desk.vault, keeper_file.paired(desk.folder)
    if known is None:
        return calls.Done()
    needed = {one.terms.id for one in desk.folder.slots.found().slots}
    spare = sorted(known.shares - needed)
    if not spare:
        return calls.Done()
    known = known.numbered(now_us())
    keeper_file.keep(desk.folder, known)
    request = Forget(_parties(desk, known, spare[0]), known.number)

    def answered(answer: bytes) -> calls.Done:
        said = keeper.answer_opened(answer, known.pack.sign, request).said
        if said.result != "yes":
            raise Refused("the keeper did not forget the share", then="try again")
        keeper_file.keep(desk.folder, _known(desk).without(spare[0]))
        return calls.Done()

    message = keeper.request_signed(request, vault.sign)
    return AskKeeper(desk.tickets.issue(answered), known.pack.keeper, message)


def ask(desk: Desk, slot: Slot, purpose: Purpose, typed: Typed, then: Shared) -> AskKeeper:
    """Ask the keeper whether a code is right; `then` is given the share of a slot where it is."""
    known, eph = _known(desk), X25519PrivateKey.generate()
    if slot.terms.keeper != known.pack.keeper:
        raise Refused("this slot's keeper is not the paired one", then="use the recovery sheet")
    parties = _parties(desk, known, slot.terms.id)
    request = Ask(parties, slot.terms.id, purpose, keeper.box_half(eph), typed)

    def answered(data: bytes) -> object:
        answer = keeper.answer_opened(data, known.pack.sign, request)
        _check(answer)
        return then(keeper.share_opened(answer, eph) or b"")

    message = keeper.request_signed(request, desk.folder.key())
    return AskKeeper(desk.tickets.issue(answered), known.pack.keeper, message)


def opened(desk: Desk, slot: Slot, passphrase: str, share: bytes) -> Held:
    """Return what a slot holds; NotThem, as for a wrong code, where the passphrase is wrong."""
    with desk.derivations.turn():
        kek = slots.kek_of_passphrase(slot.terms, passphrase_bytes(passphrase), share)
    try:
        return slots.opened(slot, kek)
    except Refused:
        raise trying.not_them() from None


def terms(desk: Desk, person: bytes, cost: Cost) -> Terms:
    """Return the terms of a new slot with a share."""
    pinned = _known(desk).pack.keeper
    return slots.terms_drawn("pass+share", made=now_us(), person=person, cost=cost, keeper=pinned)


def _known(desk: Desk) -> Paired:
    found = keeper_file.paired(desk.folder)
    if found is None:
        raise Refused("no share keeper is paired", then="pair one, or use the recovery sheet")
    return found


def _parties(desk: Desk, known: Paired, slot: bytes) -> Parties:
    return Parties(desk.founded.server, known.pack.keeper, slot)


def _check(answer: Answer) -> None:
    if answer.said.result == "closed":  # the misses are counted there, and forgiven there alone
        raise Closed(
            "too many misses in a row",
            then="run python -m edge keeper reopen at the keeper, or use the recovery sheet",
        )
    trying.check(Outcome(answer.said.result, answer.said.wait_s))
