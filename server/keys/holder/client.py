"""The keyholder's client: the one way in which the rest of the server asks it anything."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, get_args

from server.desk.noticing import Noticed
from server.index.counted import Statistics
from server.keys.holder import calls, framing, refusals, spelling
from server.keys.holder.framing import Frame
from server.keys.holder.refusals import KeyholderAway

# Three derivations may wait before one, and a new RSA pair takes 20 s on a Pi 3.
ANSWER_S_MAX = 90.0

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Keyholder:
    """Asks the keyholder at its socket, a connection a question.

    Every method raises what the keyholder refuses with (`refusals`), and KeyholderAway where
    nobody answers.
    """

    socket: Path

    def status(self) -> calls.Condition:
        """Return how it stands; never refused."""
        return self._asked(calls.Status(), calls.Condition)

    def unlock(self, asked: calls.Unlock) -> calls.Admission | calls.AskKeeper:
        """Sign in with a slot; in split mode the keeper is asked between this and `go_on`."""
        return self._either(asked, calls.Admission, calls.AskKeeper)

    def go_on(self, asked: calls.GoOn) -> calls.Led:
        """Return what the answer of the share keeper leads to: what the first call is for."""
        said, octets = self._answer(asked)
        kinds = {kind.__name__: kind for kind in get_args(calls.Led)}
        kind = kinds.get(str(said.get("is")) if isinstance(said, dict) else "", calls.Done)
        found: calls.Led = spelling.read(kind, said, octets)
        return found

    def pair_keeper(self, asked: calls.PairKeeper) -> calls.AskKeeper:
        """Return what is posted to a keeper to pair with it; its answer leads to KeeperPinned."""
        return self._asked(asked, calls.AskKeeper)

    def pinned_keeper(self) -> calls.KeeperPinned | None:
        """Return which keeper is paired, None in local mode; also while locked."""
        found = self._either(calls.PinnedKeeper(), calls.KeeperPinned, calls.Done)
        return found if isinstance(found, calls.KeeperPinned) else None

    def unpair_keeper(self, by: calls.Caller) -> None:
        """Be without a keeper again; Refused while a slot needs it."""
        self._asked(calls.UnpairKeeper(by), calls.Done)

    def forget_shares(self, by: calls.Caller) -> calls.Done | calls.AskKeeper:
        """Return what lets the keeper forget a share without a slot, Done where there is none."""
        return self._either(calls.ForgetShares(by), calls.Done, calls.AskKeeper)

    def recover(self, asked: calls.Recover) -> calls.Admission:
        """Open the vault by the recovery sheet; a new one must be made after it."""
        return self._asked(asked, calls.Admission)

    def sign_in(self, asked: calls.SignIn) -> calls.Admission:
        """Sign in with a password."""
        return self._asked(asked, calls.Admission)

    def lock(self, by: calls.Caller | calls.Console) -> None:
        """Shut the vault; when this returns, the process that held it is ending."""
        self._asked(calls.Lock(by), calls.Done)

    def sign_out(self, by: calls.Caller) -> None:
        """End a session for good."""
        self._asked(calls.SignOut(by), calls.Done)

    def who_am_i(self, by: calls.Caller, *, acts: bool = False) -> calls.Identity:
        """Return who a session is; also while locked. Who acts keeps the vault open."""
        return self._asked(calls.WhoAmI(by, acts), calls.Identity)

    def reopen(self, person: bytes) -> None:
        """Forgive a person's misses."""
        self._asked(calls.Reopen(person), calls.Done)

    def confirm(self, asked: calls.Confirm) -> calls.Granted | calls.AskKeeper:
        """Take a fresh code for one purpose and one range."""
        return self._either(asked, calls.Granted, calls.AskKeeper)

    def check_grant(self, asked: calls.CheckGrant) -> None:
        """Say nothing where a fresh code covers it; NeedsCode where none does."""
        self._asked(asked, calls.Done)

    def vouch(self, asked: calls.Vouch) -> bytes:
        """Return the mac over a new version of an account or device, which is noted with it."""
        return self._asked(asked, calls.Mac).mac

    def password(self, asked: calls.SetPassword) -> calls.PasswordMade:
        """Return a password's fields for an account's body."""
        return self._asked(asked, calls.PasswordMade)

    def confirm_versions(self, versions: tuple[calls.Version, ...]) -> None:
        """Say that these versions are committed."""
        self._asked(calls.ConfirmVersions(versions), calls.Done)

    def unsettled(self) -> tuple[calls.Version, ...]:
        """Return the versions that were noted, and never confirmed."""
        return self._asked(calls.UnsettledVersions(), calls.Versions).versions

    def rows_seal(self, asked: calls.RowsSeal) -> tuple[calls.SealedRow, ...]:
        """Return rows under the people key; their versions are noted."""
        return self._asked(asked, calls.RowsSealed).rows

    def rows_open(
        self, asked: calls.RowsOpen
    ) -> tuple[calls.PlainRow | calls.BeyondReach | None, ...]:
        """Return what rows hold; None for one that is damaged, not the newest, or another lot's."""
        return self._asked(asked, calls.RowsOpened).rows

    def open(self, asked: calls.Open) -> tuple[calls.OpenedRecord, ...]:
        """Return what records hold, as far as the session may see."""
        return self._asked(asked, calls.Opened).records

    def details(self, asked: calls.OpenDetails) -> tuple[calls.OpenedDetail, ...]:
        """Return what the details of audit lines say, as far as the session may read them."""
        return self._asked(asked, calls.DetailsOpened).details

    def hold(self, asked: calls.Hold) -> calls.SealedRow:
        """Return the row that holds an event; its version is noted."""
        return self._asked(asked, calls.RowsSealed).rows[0]

    def index_begin(self, zones: Mapping[bytes, str]) -> None:
        """Begin an empty index of these lots; before it nothing can be added or found."""
        spelt = {lot.hex(): zone for lot, zone in zones.items()}
        self._asked(calls.IndexBegin(spelt), calls.Done)

    def index_add(self, asked: calls.IndexAdd) -> tuple[tuple[int, str], ...]:
        """Take records into the index; return what is wrong with which."""
        return self._asked(asked, calls.Faults).faults

    def index_state(self, lot: bytes, days: tuple[int, ...]) -> tuple[calls.Segment, ...]:
        """Return what the index holds of days of a lot, to compare with the rows."""
        return self._asked(calls.IndexState(lot, days), calls.Segments).segments

    def segment_out(self, lot: bytes, day: int) -> calls.SegmentBytes:
        """Return a day's segment, sealed."""
        return self._asked(calls.SegmentOut(lot, day), calls.SegmentBytes)

    def segments_due(self, lot: bytes) -> tuple[int, ...]:
        """Return the days whose segments are to be written."""
        return self._asked(calls.SegmentsDue(lot), calls.Days).days

    def segment_written(self, asked: calls.SegmentWritten) -> None:
        """Say that a segment that was given out is on the disk."""
        self._asked(asked, calls.Done)

    def segments_in(self, asked: calls.SegmentsIn) -> tuple[tuple[int, str], ...]:
        """Give days' segments back; return what is wrong with which."""
        return self._asked(asked, calls.Faults).faults

    def day_dropped(self, lot: bytes, day: int) -> None:
        """Let the index forget a day that was erased."""
        self._asked(calls.DayDropped(lot, day), calls.Done)

    def records_dropped(self, lot: bytes, ids: tuple[str, ...]) -> tuple[int, ...]:
        """Let the index forget records that were erased; return the days that changed."""
        return self._asked(calls.RecordsDropped(lot, ids), calls.Days).days

    def learn(self, lot: bytes) -> calls.Lessons:
        """Learn a lot's lessons from its cars; return them sealed."""
        return self._asked(calls.Learn(lot), calls.Lessons)

    def lessons_in(self, lot: bytes, lessons: calls.Lessons) -> None:
        """Give a lot's lessons back; Damaged where they are torn, altered or another lot's."""
        self._asked(calls.LessonsIn(lot, lessons), calls.Done)

    def search_events(self, asked: calls.SearchEvents) -> calls.EventsFound:
        """Return a page of events."""
        return self._asked(asked, calls.EventsFound)

    def search_visits(self, asked: calls.SearchVisits) -> calls.VisitsFound:
        """Return a page of visits."""
        return self._asked(asked, calls.VisitsFound)

    def visit(self, asked: calls.OneVisit) -> calls.VisitsFound:
        """Return one visit, or a page without rows where there is none to see."""
        return self._asked(asked, calls.VisitsFound)

    def notice(self, asked: calls.Notice) -> tuple[Noticed, ...]:
        """Return the cars that a rule tells of and that were not told."""
        return self._asked(asked, calls.Noticed).cars

    def statistics(self, asked: calls.CountUp) -> Statistics:
        """Return a lot's numbers over a range."""
        return self._asked(asked, Statistics)

    def said_about(self, asked: calls.SaidAbout) -> tuple[bytes, ...]:
        """Return what people said about those of the events that the session may see."""
        return self._asked(asked, calls.Sayings).statements

    def certify(self, asked: calls.Certify | calls.CertifyServer) -> calls.Certified:
        """Return a writer's new certificate; its `n` is noted as a version of `writers`."""
        return self._asked(asked, calls.Certified)

    def invite(self, asked: calls.Invite) -> calls.Invited:
        """Return the code for a new edge."""
        return self._asked(asked, calls.Invited)

    def enrol(self, asked: calls.Enrol) -> calls.Enrolled:
        """Return what a new edge is; WrongCode where it does not know the code."""
        return self._asked(asked, calls.Enrolled)

    def trust(self) -> calls.TrustPack:
        """Return the trust pack; also while locked."""
        return self._asked(calls.Trust(), calls.TrustPack)

    def sign_mark(self, line: bytes) -> bytes:
        """Return the vault's signature over an audit head."""
        return self._asked(calls.SignMark(line), calls.Signature).signature

    def sign_manifest(self, asked: calls.SignManifest) -> bytes:
        """Return the vault's signature over an export's manifest."""
        return self._asked(asked, calls.Signature).signature

    def grant_edge(self, asked: calls.GrantEdge) -> bytes:
        """Return the grant that the edge is shown."""
        return self._asked(asked, calls.EdgeGranted).grant

    def issue_leaf(self, by: calls.Caller, csr: bytes) -> calls.Leaf:
        """Return a certificate for the server's TLS key."""
        return self._asked(calls.IssueLeaf(by, csr), calls.Leaf)

    def new_slot(self, asked: calls.NewSlot) -> calls.SlotMade | calls.AskKeeper:
        """Give a person a slot; theirs from before is gone when it is made."""
        return self._either(asked, calls.SlotMade, calls.AskKeeper)

    def change_passphrase(self, asked: calls.ChangePassphrase) -> calls.Done | calls.AskKeeper:
        """Write one's own slot anew under another passphrase."""
        return self._either(asked, calls.Done, calls.AskKeeper)

    def renew_recovery(self, by: calls.Caller) -> str:
        """Return a new recovery code; the one before opens nothing any more."""
        return self._asked(calls.RenewRecovery(by), calls.RecoveryMade).code

    def forget_slot(
        self, by: calls.Caller, person: bytes, closed: calls.Vouched | None = None
    ) -> None:
        """Take a person's slots away; of who has a closed account without a fresh code."""
        self._asked(calls.ForgetSlot(by, person, closed), calls.Done)

    def slots(self, by: calls.Caller) -> tuple[calls.SlotTold, ...]:
        """Return what every slot says in clear."""
        return self._asked(calls.SlotsKnown(by), calls.SlotsTold).slots

    def rotate_rsa(self, by: calls.Caller) -> None:
        """Make a new RSA pair, not announced yet."""
        self._asked(calls.RotateRsa(by), calls.Done)

    def announce_rsa(self, by: calls.Caller) -> calls.TrustPack:
        """Announce the newest RSA pair; return the new trust pack."""
        return self._asked(calls.AnnounceRsa(by), calls.TrustPack)

    def rotate_vault(self, asked: calls.RotateVault) -> calls.RecoveryMade | calls.AskKeeper:
        """Make a new vault key and RSA pair; only the caller's slot and a new sheet open it."""
        return self._either(asked, calls.RecoveryMade, calls.AskKeeper)

    def _asked(self, request: calls.Request, answer: type[T]) -> T:
        return spelling.read(answer, *self._answer(request))

    def _either(self, request: calls.Request, one: type[T], other: type[U]) -> T | U:
        said, octets = self._answer(request)
        if isinstance(said, dict) and said.get("is") == other.__name__:
            return spelling.read(other, said, octets)
        return spelling.read(one, said, octets)

    def _answer(self, request: calls.Request) -> tuple[object, list[bytes]]:
        octets: list[bytes] = []
        said = {"call": spelling.spelt(request, octets)}
        found = self._exchanged(framing.pieces(Frame(said, octets)))
        if "refused" in found.said:
            raise refusals.read(found.said["refused"])
        return found.said.get("answer"), list(found.octets)

    def _exchanged(self, request: Sequence[bytes]) -> Frame:
        try:
            with socket.socket(socket.AF_UNIX) as link:
                link.settimeout(ANSWER_S_MAX)
                link.connect(str(self.socket))
                for piece in request:
                    link.sendall(piece)
                with link.makefile("rb") as answer:
                    return framing.unframed(answer.read)
        except (OSError, framing.Ended) as error:
            raise KeyholderAway(
                f"the keyholder does not answer at {self.socket}",
                then="start it with python -m server keyholder, or look into its log",
            ) from error
