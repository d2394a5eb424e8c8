"""Every question that can be put to the keyholder, and what it answers: values only.

Who asks stands in the question as `by`: a session with the rows that vouch for it, which the web
process looks up and the keyholder judges. A question without `by` gives nothing of the vault
away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from contract.audit import AuditHead, ServerClock
from contract.chain import Point
from contract.otp import Typed
from server.access.roles import Right, Role
from server.index.asked import FoundEvent, FoundVisit, Query
from server.index.statistics import Span
from server.keys.holder.bodies import Table

State = Literal["unfounded", "locked", "unlocked"]
GrantPurpose = Literal["export", "erase", "manage_keys"]


# --- who asks -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Vouched:
    """A row as the database keeps it: its bytes, and the keyholder's mac over them."""

    body: bytes
    mac: bytes


@dataclass(frozen=True, slots=True)
class Device:
    """The browser that somebody sits at: its row, and the key out of its cookie."""

    row: Vouched
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Console:
    """Somebody at the machine itself; only a command says so, never a request from the network."""


Via = Device | Console


@dataclass(frozen=True, slots=True)
class Caller:
    """A session: its token, and the rows that say whose it is."""

    token: str = field(repr=False)
    session: Vouched
    account: Vouched
    device: Device | None = None  # None: it was made at the console


# --- how it stands --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Status:
    """How does the keyholder stand?"""


@dataclass(frozen=True, slots=True)
class Condition:
    """How the keyholder stands; nothing in it is secret."""

    state: State
    server: bytes | None  # its id, None before it is founded
    memory_locked: bool
    keeper: bytes | None  # of split mode
    generation: int | None  # of the vault file
    unlocked_at: int | None  # µs UTC, by the wall
    locks_in_s: int | None  # if nobody asks anything


# --- opening, signing in, locking -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unlock:
    """Sign in with a slot, and open the vault if it is shut."""

    account: Vouched
    passphrase: str = field(repr=False)
    typed: Typed
    via: Via
    clock: ServerClock


@dataclass(frozen=True, slots=True)
class GoOn:
    """Go on with what the share keeper answered."""

    ticket: bytes
    answer: bytes


@dataclass(frozen=True, slots=True)
class PairKeeper:
    """Pair with the share keeper whose pack a code was printed over; its answer goes to `GoOn`."""

    by: Caller
    pack: bytes
    code: str = field(repr=False)  # without its address


@dataclass(frozen=True, slots=True)
class KeeperPinned:
    """Which keeper is paired, and the one TLS certificate it is believed by (DER)."""

    keeper: bytes
    tls: bytes


@dataclass(frozen=True, slots=True)
class ForgetShares:
    """Let the keeper forget the shares that no slot needs any more: one a call, Done if none."""

    by: Caller


@dataclass(frozen=True, slots=True)
class Recover:
    """Open the vault with the code of the recovery sheet."""

    account: Vouched  # an owner's
    code: str = field(repr=False)
    via: Via


@dataclass(frozen=True, slots=True)
class SignIn:
    """Sign in with a password; `seed` is the private row of who has a code of their own."""

    account: Vouched
    password: str = field(repr=False)
    pepper: bytes = field(repr=False)
    typed: Typed | None
    seed: SealedRow | None
    via: Via
    clock: ServerClock


@dataclass(frozen=True, slots=True)
class AskKeeper:
    """Carry this to the share keeper, and its answer back with the ticket within a minute."""

    ticket: bytes
    keeper: bytes
    message: bytes


@dataclass(frozen=True, slots=True)
class Admission:
    """Somebody is signed in: store the session's row, give the token to the person."""

    token: str = field(repr=False)
    session: Vouched
    identity: Identity
    opened_vault: bool  # it was shut before: mark the audit, add what came in meanwhile


@dataclass(frozen=True, slots=True)
class Lock:
    """Shut the vault: the process ends, a fresh one begins."""

    by: Caller | Console


@dataclass(frozen=True, slots=True)
class SignOut:
    """End a session for good, whatever the database says of it later."""

    by: Caller


@dataclass(frozen=True, slots=True)
class WhoAmI:
    """Whose session is this, and what may they do?"""

    by: Caller


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is signed in."""

    account: bytes
    name: str
    role: Role
    lots: tuple[bytes, ...]  # none: all
    session: bytes
    device: bytes | None
    ends: int
    unlocked: bool


@dataclass(frozen=True, slots=True)
class Reopen:
    """Forgive a person's misses; taken from root or the keyholder's own user alone."""

    person: bytes


@dataclass(frozen=True, slots=True)
class Range:
    """What a grant is for: a lot, and the times from `first` on and before `last`."""

    lot: bytes | None
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Confirm:
    """Type a fresh code for one purpose and one range; good for ten minutes."""

    by: Caller
    typed: Typed
    purpose: GrantPurpose
    range: Range
    seed: SealedRow | None  # of who has no slot
    clock: ServerClock


@dataclass(frozen=True, slots=True)
class Granted:
    """A fresh code was right."""

    purpose: GrantPurpose
    range: Range
    seconds: int


@dataclass(frozen=True, slots=True)
class CheckGrant:
    """Does a fresh code of this session cover a purpose and range? NeedsCode where not."""

    by: Caller
    purpose: GrantPurpose
    range: Range


@dataclass(frozen=True, slots=True)
class Done:
    """It is done, and there is nothing to say."""


# --- rows -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a row or certificate, by the table it stands in."""

    table: str
    id: bytes
    version: int
    gone: bool = False  # the row is deleted with it


@dataclass(frozen=True, slots=True)
class Vouch:
    """Vouch for an account's or device's new version; it is noted, confirm it after the commit."""

    by: Caller
    table: Table
    body: bytes


@dataclass(frozen=True, slots=True)
class SetPassword:
    """Derive a password's hash, as the account's body keeps it."""

    by: Caller
    password: str = field(repr=False)
    pepper: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PasswordMade:
    """A password's fields for an account's body."""

    salt: bytes
    memory_kib: int
    rounds: int
    hash: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Mac:
    """The keyholder's mac over a body."""

    mac: bytes


@dataclass(frozen=True, slots=True)
class ConfirmVersions:
    """These versions are committed: the ones before them count no more."""

    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class NewestVersions:
    """Which version of each row of a table is the newest?"""

    table: str


@dataclass(frozen=True, slots=True)
class Versions:
    """The newest of each row."""

    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class SealedRow:
    """A row under the people key, with its place."""

    table: str
    id: bytes
    version: int
    box: bytes


@dataclass(frozen=True, slots=True)
class PlainRow:
    """A row's content as canonical JSON; empty where the row is deleted with this version."""

    table: str
    id: bytes
    version: int
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class RowsSeal:
    """Seal rows, and note their versions."""

    by: Caller
    right: Right
    lot: bytes | None
    rows: tuple[PlainRow, ...]


@dataclass(frozen=True, slots=True)
class RowsOpen:
    """Open rows that are the newest of their place."""

    by: Caller
    right: Right
    lot: bytes | None
    rows: tuple[SealedRow, ...]


@dataclass(frozen=True, slots=True)
class RowsSealed:
    """Sealed rows, in the order of the question."""

    rows: tuple[SealedRow, ...]


@dataclass(frozen=True, slots=True)
class RowsOpened:
    """Open rows, in the order of the question; None where one is damaged or was put back."""

    rows: tuple[PlainRow | None, ...]


# --- records --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """A record as it lies: envelope ‖ signature, its writer's certificate, wraps and parts."""

    record: bytes
    certificate: bytes
    wraps: tuple[bytes, ...]
    parts: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Open:
    """Open records for somebody; `reason` where the role must give one."""

    by: Caller
    records: tuple[SealedRecord, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """What the parts hold, by name; or why nothing of it is shown."""

    contents: Mapping[str, bytes] = field(repr=False)
    fault: str | None


@dataclass(frozen=True, slots=True)
class Opened:
    """Open records, in the order of the question."""

    records: tuple[OpenedRecord, ...]


# --- the index ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IndexBegin:
    """Begin an index of these lots, empty: their zones by the lots' ids in hex."""

    zones: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class IndexAdd:
    """Take records into the index; what is damaged among them is answered, and left out."""

    lot: bytes
    records: tuple[SealedRecord, ...]


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with which of the things asked about, by their place in the question."""

    faults: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class IndexState:
    """What does the index hold of these days of a lot?"""

    lot: bytes
    days: tuple[int, ...]  # since 1970, by the lot's zone


@dataclass(frozen=True, slots=True)
class Segment:
    """A day of a lot in the index: how many records and what they are, to compare with rows."""

    day: int  # since 1970
    count: int
    digest: bytes
    is_written: bool  # what is in memory is on the disk too


@dataclass(frozen=True, slots=True)
class Segments:
    """The index's days of a lot."""

    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class SegmentOut:
    """Give a day's segment, sealed, to be written."""

    lot: bytes
    day: int


@dataclass(frozen=True, slots=True)
class SegmentBytes:
    """A sealed segment, and its own key as the index key wraps it: a file each."""

    generation: int  # the how manieth writing of the day: it rises
    sealed: bytes
    key: bytes


@dataclass(frozen=True, slots=True)
class SegmentIn:
    """Take a day's segment from the disk: after IndexBegin, before any record of the lot."""

    lot: bytes
    day: int
    segment: SegmentBytes


@dataclass(frozen=True, slots=True)
class SegmentWritten:
    """A day's segment is on the disk, under this generation."""

    lot: bytes
    day: int
    generation: int


@dataclass(frozen=True, slots=True)
class SegmentsDue:
    """Which days of a lot are not on the disk as they stand in the index?"""

    lot: bytes


@dataclass(frozen=True, slots=True)
class Days:
    """Days since 1970, by the lot's zone."""

    days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DayDropped:
    """A day was erased: the index forgets it."""

    lot: bytes
    day: int


@dataclass(frozen=True, slots=True)
class SearchEvents:
    """Find events."""

    by: Caller
    query: Query
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SearchVisits:
    """Find visits."""

    by: Caller
    query: Query
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class OneVisit:
    """Show one visit by its id."""

    by: Caller
    lot: bytes
    visit: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CountUp:
    """Give a lot's numbers over a range."""

    by: Caller
    lot: bytes
    span: Span


@dataclass(frozen=True, slots=True)
class SaidAbout:
    """What did people say about events?"""

    by: Caller
    lot: bytes
    events: tuple[str, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Sayings:
    """Statements as their records hold them, the earliest first."""

    statements: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class EventsFound:
    """A page of events."""

    rows: tuple[FoundEvent, ...]
    cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class VisitsFound:
    """A page of visits."""

    rows: tuple[FoundVisit, ...]
    cursor: str | None
    total: int


# --- writers --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Certify:
    """Sign a writer's certificate: more cameras, or revoked with the last record that counts."""

    by: Caller
    certificate: bytes  # the one before, whose key and lot stay
    cameras: tuple[str, ...]
    until: Point | None


@dataclass(frozen=True, slots=True)
class CertifyServer:
    """Sign the certificate of the server's own writer."""

    by: Caller
    public: bytes


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate; note its `n` as the version, confirm after the commit."""

    certificate: bytes
    writer: bytes
    n: int


@dataclass(frozen=True, slots=True)
class Invite:
    """Print a code for a new edge: good for 15 minutes, once."""

    by: Caller
    lot: bytes
    cameras: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Invited:
    """The code as it is shown, without its address."""

    code: str = field(repr=False)
    seconds: int


@dataclass(frozen=True, slots=True)
class Enrol:
    """Take an edge's request; `audit` is the newest head."""

    request: bytes
    audit: AuditHead


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What to store of the new edge, and what to answer it after the commit."""

    welcome: bytes
    certificate: bytes
    lot: bytes
    writer: bytes
    name: str
    n: int
    token_hash: bytes
    state_key: bytes = field(repr=False)
    api: SealedRow  # the token and certificate of its own API, under the people key


# --- what the vault signs -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trust:
    """Give the trust pack; it lies in the keyholder's folder, so also while locked."""


@dataclass(frozen=True, slots=True)
class TrustPack:
    """The trust pack, and the issuing CA's certificate (DER) for the chain of the leaf."""

    pack: bytes
    issuing: bytes


@dataclass(frozen=True, slots=True)
class SignMark:
    """Sign the audit's head, as a `mark` keeps it."""

    head: bytes


@dataclass(frozen=True, slots=True)
class Signature:
    """64 bytes by the vault signing key."""

    signature: bytes


@dataclass(frozen=True, slots=True)
class SignManifest:
    """Sign an export's manifest; needs a grant to export its range."""

    by: Caller
    manifest: bytes  # its JSON, as contract.manifest spells it
    lot: bytes | None


@dataclass(frozen=True, slots=True)
class IssueLeaf:
    """Sign a certificate for the server's TLS key, for names in the lot's own network."""

    csr: bytes  # DER


@dataclass(frozen=True, slots=True)
class Leaf:
    """The leaf and the issuing CA (DER), and when it should be renewed (µs UTC)."""

    leaf: bytes
    issuing: bytes
    renew_at: int


# --- slots and keys -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewSlot:
    """Give a person a slot, in place of the one they have; the seed is shown once, as QR code."""

    by: Caller
    account: Vouched
    passphrase: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SlotMade:
    """A slot was written; `seed` is for the authenticator."""

    slot: bytes
    seed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChangePassphrase:
    """Change one's own passphrase; the phone stays as it is."""

    by: Caller
    passphrase: str = field(repr=False)
    typed: Typed
    new: str = field(repr=False)
    clock: ServerClock


@dataclass(frozen=True, slots=True)
class RenewRecovery:
    """Make a new recovery code in place of the one before."""

    by: Caller


@dataclass(frozen=True, slots=True)
class RecoveryMade:
    """The recovery code as it stands on the sheet."""

    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ForgetSlot:
    """Take a person's slots away."""

    by: Caller
    person: bytes


@dataclass(frozen=True, slots=True)
class RotateRsa:
    """Make a new RSA pair; it is announced only by `AnnounceRsa`, once the backup holds it."""

    by: Caller


@dataclass(frozen=True, slots=True)
class AnnounceRsa:
    """Announce the newest RSA pair in the key statement."""

    by: Caller


@dataclass(frozen=True, slots=True)
class RotateVault:
    """Make a new vault key and RSA pair: old slots open only what was before.

    Nobody's passphrase is known here but the caller's; everyone else gets a new slot.
    """

    by: Caller
    passphrase: str = field(repr=False)
    typed: Typed
    clock: ServerClock


Led = Admission | Granted | KeeperPinned | SlotMade | RecoveryMade | Done  # by a keeper's answer

Request = (
    Status
    | Unlock
    | GoOn
    | PairKeeper
    | ForgetShares
    | Recover
    | SignIn
    | Lock
    | SignOut
    | WhoAmI
    | Reopen
    | Confirm
    | CheckGrant
    | Vouch
    | SetPassword
    | ConfirmVersions
    | NewestVersions
    | RowsSeal
    | RowsOpen
    | Open
    | IndexBegin
    | IndexAdd
    | IndexState
    | SegmentOut
    | SegmentIn
    | SegmentWritten
    | SegmentsDue
    | DayDropped
    | SearchEvents
    | SearchVisits
    | OneVisit
    | CountUp
    | SaidAbout
    | Certify
    | CertifyServer
    | Invite
    | Enrol
    | Trust
    | SignMark
    | SignManifest
    | IssueLeaf
    | NewSlot
    | ChangePassphrase
    | RenewRecovery
    | ForgetSlot
    | RotateRsa
    | AnnounceRsa
    | RotateVault
)
