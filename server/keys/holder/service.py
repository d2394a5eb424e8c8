"""What the keyholder does with each question: who answers which, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from threading import Lock
from typing import get_args

from contract import canonical
from contract.canonical import Malformed
from lot.errors import LotError, Refused
from server.access.roles import Right
from server.keys.folder import KeysFolder
from server.keys.holder import (
    admitting,
    auditing,
    bodies,
    calls,
    finding,
    holding,
    keeper_file,
    keeping,
    letting_in,
    looking,
    noticing,
    refusals,
    rows_held,
    sharing,
    signing,
    spelling,
    teaching,
    writers,
)
from server.keys.holder.desk import Desk, desk_at
from server.keys.holder.framing import Frame
from server.keys.holder.idling import Idling
from server.keys.holder.refusals import NotAllowed
from server.keys.holder.sessions import allowed
from server.keys.holder.writers import Invitations

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
        self._idling = Idling(idle_s)
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
        return self._idling.left_s()

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
        if isinstance(answer, calls.Admission):
            self._idling.acted()
        return answer

    def _at_desk(self) -> Desk:
        with self._lock:
            if self._desk is None:
                self._desk = desk_at(self._folder, self._zone)
            return self._desk

    def _condition(self) -> calls.Condition:
        if not self._folder.is_founded:
            locked, idle_s = self._memory_locked, self._idling.idle_s
            return calls.Condition("unfounded", None, locked, None, None, None, None, idle_s)
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
            idle_s=self._idling.idle_s,
        )

    def _answerers(self) -> Mapping[type, _Answerer]:
        return {
            calls.Unlock: admitting.unlock,
            calls.GoOn: sharing.go_on,
            calls.PairKeeper: sharing.pair,
            calls.PinnedKeeper: sharing.pinned,
            calls.UnpairKeeper: sharing.unpair,
            calls.ForgetShares: sharing.forget,
            calls.Recover: admitting.recover,
            calls.SignIn: admitting.sign_in,
            calls.Confirm: admitting.confirm,
            calls.CheckGrant: admitting.check_grant,
            calls.Lock: self._locked,
            calls.SignOut: self._signed_out,
            calls.WhoAmI: self._who,
            calls.Reopen: _reopened,
            calls.Vouch: letting_in.vouched,
            calls.SetPassword: letting_in.password,
            calls.ConfirmVersions: _confirmed,
            calls.UnsettledVersions: _unsettled,
            calls.RowsSeal: rows_held.sealed,
            calls.RowsOpen: rows_held.opened,
            calls.Open: self._opened,
            calls.OpenDetails: auditing.opened,
            calls.Hold: holding.held,
            calls.IndexBegin: finding.begun,
            calls.IndexAdd: finding.added,
            calls.IndexState: finding.state,
            calls.SegmentOut: finding.segment_out,
            calls.SegmentsIn: finding.segments_in,
            calls.SegmentWritten: finding.segment_written,
            calls.SegmentsDue: finding.segments_due,
            calls.DayDropped: finding.day_dropped,
            calls.RecordsDropped: finding.records_dropped,
            calls.Learn: teaching.learn,
            calls.LessonsIn: teaching.lessons_in,
            calls.SearchEvents: finding.events,
            calls.SearchVisits: finding.visits,
            calls.OneVisit: finding.visit,
            calls.Notice: noticing.noticed,
            calls.CountUp: finding.counted,
            calls.SaidAbout: finding.said_about,
            calls.Certify: writers.certified,
            calls.CertifyServer: writers.server_certified,
            calls.Invite: lambda desk, asked: writers.invited(desk, self._invitations, asked),
            calls.Enrol: lambda desk, asked: writers.enrolled(desk, self._invitations, asked),
            calls.Trust: signing.trust_pack,
            calls.SignMark: signing.mark,
            calls.SignManifest: signing.signed_manifest,
            calls.GrantEdge: signing.edge_granted,
            calls.IssueLeaf: signing.leaf,
            calls.NewSlot: keeping.new_slot,
            calls.ChangePassphrase: keeping.change_passphrase,
            calls.RenewRecovery: keeping.renew_recovery,
            calls.ForgetSlot: keeping.forget_slot,
            calls.SlotsKnown: keeping.slots_known,
            calls.RotateRsa: keeping.rotate_rsa,
            calls.AnnounceRsa: keeping.announce_rsa,
            calls.RotateVault: keeping.rotate_vault,
        }

    def _locked(self, desk: Desk, asked: calls.Lock) -> calls.Done:
        if isinstance(asked.by, calls.Caller):
            allowed(desk.sessions.present(asked.by), Right.SEE_VISITS)
        self.must_lock = True
        return calls.Done()

    def _signed_out(self, desk: Desk, asked: calls.SignOut) -> calls.Done:
        session = desk.sessions.present(asked.by).session
        desk.sessions.end(session)
        self._idling.left(session.id)
        return calls.Done()

    def _who(self, desk: Desk, asked: calls.WhoAmI) -> calls.Identity:
        present = desk.sessions.present(asked.by)
        if asked.acts:
            self._idling.acted(present.session.id if _is_at_desk(asked.by) else None)
        return admitting.identity(desk, present)

    def _opened(self, desk: Desk, asked: calls.Open) -> calls.Opened:
        found = looking.opened(desk, asked)
        if desk.sessions.is_exporting(asked.by):
            self._idling.acted()
        return found


def _is_at_desk(by: calls.Caller) -> bool:
    """Say whether a caller that was judged sits at a browser that was approved as a desk."""
    return by.device is not None and bodies.device(by.device.row.body).is_desk


def _reopened(desk: Desk, asked: calls.Reopen) -> calls.Done:
    desk.doors.reopen(asked.person)
    return calls.Done()


def _confirmed(desk: Desk, asked: calls.ConfirmVersions) -> calls.Done:
    for one in asked.versions:
        desk.newest.confirm(one)
    return calls.Done()


def _unsettled(desk: Desk, _: calls.UnsettledVersions) -> calls.Versions:
    return calls.Versions(desk.newest.unsettled())
