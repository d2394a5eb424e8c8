"""What the keyholder does with each question: who answers which, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import tzinfo
from threading import Lock
from typing import get_args

from contract import canonical, manifest, signature
from contract.canonical import Malformed
from lot.errors import LotError, Refused
from server.access.roles import Right
from server.keys import authority
from server.keys.folder import KeysFolder, read
from server.keys.holder import (
    admitting,
    bodies,
    calls,
    finding,
    keeper_file,
    keeping,
    looking,
    refusals,
    rows_held,
    sharing,
    spelling,
    trying,
    writers,
)
from server.keys.holder.desk import Desk, desk_at, now_us
from server.keys.holder.framing import Frame
from server.keys.holder.refusals import NotAllowed
from server.keys.holder.sessions import allowed
from server.keys.holder.writers import Invitations
from server.keys.slots import Cost

_Answerer = Callable[..., object]
_REQUESTS: Mapping[str, type] = {kind.__name__: kind for kind in get_args(calls.Request)}


class Service:
    """Answers questions; one a process, shared by its threads."""

    def __init__(
        self, folder: KeysFolder, zone: tzinfo, *, memory_locked: bool, idle_s: int
    ) -> None:
        self._folder = folder
        self._zone = zone
        self._memory_locked = memory_locked
        self._idle_s = idle_s
        self._asked_at_s = time.monotonic()
        self._lock = Lock()
        self._desk: Desk | None = None
        self._invitations = Invitations()
        self._answers = self._answerers()
        self.must_lock = False

    def answered(self, frame: Frame, *, trusted: bool) -> Frame:
        """Return the answer to a frame, a refusal too; `trusted` is root or our own user."""
        octets: list[bytes] = []
        try:
            answer = spelling.spelt(self._answer(frame, trusted=trusted), octets)
            return Frame({"answer": answer}, octets)
        except Malformed as fault:
            error = Refused(f"this cannot be done: {fault}", then="ask for something else")
            return Frame({"refused": refusals.spelt(error)}, [])
        except LotError as error:
            return Frame({"refused": refusals.spelt(error)}, [])

    def idle_left_s(self) -> float | None:
        """Return in how many seconds the vault locks itself; None while it is shut."""
        if self._desk is None or not self._desk.is_unlocked:
            return None
        return self._idle_s - (time.monotonic() - self._asked_at_s)

    def _answer(self, frame: Frame, *, trusted: bool) -> object:
        with canonical.reading("a question to the keyholder"):
            asked = frame.said.get("call")
            name = asked.get("is") if isinstance(asked, dict) else None
            kind = _REQUESTS.get(name) if isinstance(name, str) else None
            if kind not in self._answers and kind is not calls.Status:
                raise Malformed("it asks for nothing that is known")
        assert kind is not None
        request: object = spelling.read(kind, asked, frame.octets)
        if isinstance(request, calls.Status):
            return self._condition()
        if isinstance(request, calls.Reopen) and not trusted:
            raise NotAllowed("only root or the keyholder's user may do that", then="use sudo")
        answer = self._answers[kind](self._at_desk(), request)
        # What nobody signed in asked for keeps no vault open.
        if hasattr(request, "by") or isinstance(answer, calls.Admission):
            self._asked_at_s = time.monotonic()
        return answer

    def _at_desk(self) -> Desk:
        with self._lock:
            if self._desk is None:
                self._desk = desk_at(self._folder, self._zone)
            return self._desk

    def _condition(self) -> calls.Condition:
        if not self._folder.is_founded:
            return calls.Condition("unfounded", None, self._memory_locked, None, None, None, None)
        desk, left = self._at_desk(), self.idle_left_s()
        vault, keeper = desk.safe.open, keeper_file.paired(self._folder)
        return calls.Condition(
            state="locked" if vault is None else "unlocked",
            server=desk.founded.server,
            memory_locked=self._memory_locked,
            keeper=None if keeper is None else keeper.pack.keeper,
            generation=None if vault is None else vault.generation,
            unlocked_at=desk.safe.opened_at,
            locks_in_s=None if left is None else max(0, int(left)),
        )

    def _answerers(self) -> Mapping[type, _Answerer]:
        return {
            calls.Unlock: admitting.unlock,
            calls.GoOn: sharing.go_on,
            calls.PairKeeper: sharing.pair,
            calls.ForgetShares: sharing.forget,
            calls.Recover: admitting.recover,
            calls.SignIn: admitting.sign_in,
            calls.Confirm: admitting.confirm,
            calls.CheckGrant: admitting.check_grant,
            calls.Lock: self._locked,
            calls.SignOut: _signed_out,
            calls.WhoAmI: _who,
            calls.Reopen: _reopened,
            calls.Vouch: _vouched,
            calls.SetPassword: _password,
            calls.ConfirmVersions: _confirmed,
            calls.NewestVersions: _newest,
            calls.RowsSeal: rows_held.sealed,
            calls.RowsOpen: rows_held.opened,
            calls.Open: looking.opened,
            calls.IndexBegin: finding.begun,
            calls.IndexAdd: finding.added,
            calls.IndexState: finding.state,
            calls.SegmentOut: finding.segment_out,
            calls.SegmentIn: finding.segment_in,
            calls.SegmentWritten: finding.segment_written,
            calls.SegmentsDue: finding.segments_due,
            calls.DayDropped: finding.day_dropped,
            calls.SearchEvents: finding.events,
            calls.SearchVisits: finding.visits,
            calls.OneVisit: finding.visit,
            calls.CountUp: finding.counted,
            calls.SaidAbout: finding.said_about,
            calls.Certify: writers.certified,
            calls.CertifyServer: writers.server_certified,
            calls.Invite: lambda desk, asked: writers.invited(desk, self._invitations, asked),
            calls.Enrol: lambda desk, asked: writers.enrolled(desk, self._invitations, asked),
            calls.Trust: _trust,
            calls.SignMark: _mark,
            calls.SignManifest: _manifest,
            calls.IssueLeaf: _leaf,
            calls.NewSlot: keeping.new_slot,
            calls.ChangePassphrase: keeping.change_passphrase,
            calls.RenewRecovery: keeping.renew_recovery,
            calls.ForgetSlot: keeping.forget_slot,
            calls.RotateRsa: keeping.rotate_rsa,
            calls.AnnounceRsa: keeping.announce_rsa,
            calls.RotateVault: keeping.rotate_vault,
        }

    def _locked(self, desk: Desk, asked: calls.Lock) -> calls.Done:
        if isinstance(asked.by, calls.Caller):
            allowed(desk.sessions.present(asked.by), Right.SEE_VISITS)
        self.must_lock = True
        return calls.Done()


def _signed_out(desk: Desk, asked: calls.SignOut) -> calls.Done:
    desk.sessions.end(desk.sessions.present(asked.by).session)
    return calls.Done()


def _who(desk: Desk, asked: calls.WhoAmI) -> calls.Identity:
    return admitting.identity(desk, desk.sessions.present(asked.by))


def _reopened(desk: Desk, asked: calls.Reopen) -> calls.Done:
    desk.doors.reopen(asked.person)
    return calls.Done()


def _vouched(desk: Desk, asked: calls.Vouch) -> calls.Mac:
    allowed(desk.sessions.present(asked.by), Right.ADMINISTER)
    if asked.table == "sessions":
        raise NotAllowed("sessions are made by signing in", then="sign in")
    body = bodies.decoded(asked.table, asked.body)
    desk.newest.note(asked.table, body.id, body.version)
    return calls.Mac(desk.voucher.vouched(asked.table, asked.body).mac)


def _password(desk: Desk, asked: calls.SetPassword) -> calls.PasswordMade:
    allowed(desk.sessions.present(asked.by), Right.ADMINISTER)
    with desk.derivations.turn():
        made = trying.password_made(asked.password, asked.pepper, Cost())
    return calls.PasswordMade(made.salt, made.cost.memory_kib, made.cost.rounds, made.hash)


def _confirmed(desk: Desk, asked: calls.ConfirmVersions) -> calls.Done:
    for one in asked.versions:
        desk.newest.confirm(one.table, one.id, one.version)
    return calls.Done()


def _newest(desk: Desk, asked: calls.NewestVersions) -> calls.Versions:
    return calls.Versions(desk.newest.of(asked.table))


def _trust(desk: Desk, _: calls.Trust) -> calls.TrustPack:
    return calls.TrustPack(read(desk.folder.trust_pack), desk.founded.issuing)


def _mark(desk: Desk, asked: calls.SignMark) -> calls.Signature:
    canonical.sized("a head", asked.head, 32)
    return calls.Signature(signature.signature(desk.vault.sign, signature.MARK, asked.head))


def _manifest(desk: Desk, asked: calls.SignManifest) -> calls.Signature:
    vault, present = desk.vault, desk.sessions.present(asked.by)
    allowed(present, Right.EXPORT, asked.lot)
    said = manifest.read(asked.manifest)
    wanted = calls.Range(asked.lot, said.first, said.last)
    desk.sessions.check_grant(present.session, "export", wanted)
    if (said.server, said.by) != (desk.founded.server, present.account.id):
        raise NotAllowed("the manifest is not of this server and person", then="export anew")
    return calls.Signature(signature.signature(vault.sign, signature.EXPORT, asked.manifest))


def _leaf(desk: Desk, asked: calls.IssueLeaf) -> calls.Leaf:
    issuing = desk.founded.issuing
    made = authority.leaf_issued(
        asked.csr, issuing, desk.vault.vault.issuing, authority.utc(now_us())
    )
    return calls.Leaf(made.leaf, issuing, int(made.renew_at.timestamp()) * 1_000_000)
