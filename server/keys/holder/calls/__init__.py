"""Every question that can be put to the keyholder, and what it answers: values only.

A question goes one way: a method of `client` puts it, `spelling` and `framing` bring it over the
socket and back, and `service` has one table of who answers which. A new one is a value here, a
line in `Request`, a line in that table and a method of the client.

Who asks stands in the question as `by`: a session with the rows that vouch for it, which the web
process looks up and the keyholder judges. A question without `by` gives nothing of the vault
away, but for `Notice`, which a rule stands for that an owner sealed.
"""

from __future__ import annotations

from server.keys.holder.calls.asking import (
    Caller,
    Console,
    Device,
    Done,
    Via,
    Vouched,
)
from server.keys.holder.calls.finding import (
    CountUp,
    EventsFound,
    Notice,
    Noticed,
    OneVisit,
    SaidAbout,
    Sayings,
    SearchEvents,
    SearchVisits,
    VisitsFound,
)
from server.keys.holder.calls.fresh_codes import (
    CheckGrant,
    Confirm,
    Granted,
    GrantPurpose,
    Range,
)
from server.keys.holder.calls.indexing import (
    DayDropped,
    Days,
    DaySegment,
    Faults,
    IndexAdd,
    IndexBegin,
    IndexState,
    Learn,
    Lessons,
    LessonsIn,
    RecordsDropped,
    Segment,
    SegmentBytes,
    SegmentOut,
    Segments,
    SegmentsDue,
    SegmentsIn,
    SegmentWritten,
)
from server.keys.holder.calls.records import (
    DetailsOpened,
    Hold,
    Open,
    OpenDetails,
    Opened,
    OpenedDetail,
    OpenedRecord,
    SealedDetail,
    SealedRecord,
)
from server.keys.holder.calls.rows import (
    GONE,
    BeyondReach,
    ConfirmVersions,
    Mac,
    PasswordMade,
    PlainRow,
    RowsOpen,
    RowsOpened,
    RowsSeal,
    RowsSealed,
    SealedRow,
    SetPassword,
    UnsettledVersions,
    Version,
    Versions,
    Vouch,
)
from server.keys.holder.calls.share_keeper import (
    AskKeeper,
    ForgetShares,
    GoOn,
    KeeperPinned,
    PairKeeper,
    PinnedKeeper,
    UnpairKeeper,
)
from server.keys.holder.calls.signing import (
    EdgeGranted,
    GrantEdge,
    IssueLeaf,
    Leaf,
    Signature,
    SignManifest,
    SignMark,
    Trust,
    TrustPack,
)
from server.keys.holder.calls.signing_in import (
    Admission,
    Identity,
    Lock,
    Recover,
    Reopen,
    SignIn,
    SignOut,
    Unlock,
    WhoAmI,
)
from server.keys.holder.calls.slots import (
    AnnounceRsa,
    ChangePassphrase,
    ForgetSlot,
    NewSlot,
    RecoveryMade,
    RenewRecovery,
    RotateRsa,
    RotateVault,
    SlotMade,
    SlotsKnown,
    SlotsTold,
    SlotTold,
    Where,
)
from server.keys.holder.calls.standing import (
    Condition,
    State,
    Status,
)
from server.keys.holder.calls.writers import (
    Certified,
    Certify,
    CertifyServer,
    Enrol,
    Enrolled,
    Invite,
    Invited,
)

__all__ = (
    "GONE",
    "Admission",
    "AnnounceRsa",
    "AskKeeper",
    "BeyondReach",
    "Caller",
    "Certified",
    "Certify",
    "CertifyServer",
    "ChangePassphrase",
    "CheckGrant",
    "Condition",
    "Confirm",
    "ConfirmVersions",
    "Console",
    "CountUp",
    "DayDropped",
    "DaySegment",
    "Days",
    "DetailsOpened",
    "Device",
    "Done",
    "EdgeGranted",
    "Enrol",
    "Enrolled",
    "EventsFound",
    "Faults",
    "ForgetShares",
    "ForgetSlot",
    "GoOn",
    "GrantEdge",
    "GrantPurpose",
    "Granted",
    "Hold",
    "Identity",
    "IndexAdd",
    "IndexBegin",
    "IndexState",
    "Invite",
    "Invited",
    "IssueLeaf",
    "KeeperPinned",
    "Leaf",
    "Learn",
    "Led",
    "Lessons",
    "LessonsIn",
    "Lock",
    "Mac",
    "NewSlot",
    "Notice",
    "Noticed",
    "OneVisit",
    "Open",
    "OpenDetails",
    "Opened",
    "OpenedDetail",
    "OpenedRecord",
    "PairKeeper",
    "PasswordMade",
    "PinnedKeeper",
    "PlainRow",
    "Range",
    "RecordsDropped",
    "Recover",
    "RecoveryMade",
    "RenewRecovery",
    "Reopen",
    "Request",
    "RotateRsa",
    "RotateVault",
    "RowsOpen",
    "RowsOpened",
    "RowsSeal",
    "RowsSealed",
    "SaidAbout",
    "Sayings",
    "SealedDetail",
    "SealedRecord",
    "SealedRow",
    "SearchEvents",
    "SearchVisits",
    "Segment",
    "SegmentBytes",
    "SegmentOut",
    "SegmentWritten",
    "Segments",
    "SegmentsDue",
    "SegmentsIn",
    "SetPassword",
    "SignIn",
    "SignManifest",
    "SignMark",
    "SignOut",
    "Signature",
    "SlotMade",
    "SlotTold",
    "SlotsKnown",
    "SlotsTold",
    "State",
    "Status",
    "Trust",
    "TrustPack",
    "Unlock",
    "UnpairKeeper",
    "UnsettledVersions",
    "Version",
    "Versions",
    "Via",
    "VisitsFound",
    "Vouch",
    "Vouched",
    "Where",
    "WhoAmI",
)

Led = Admission | Granted | KeeperPinned | SlotMade | RecoveryMade | Done  # by a keeper's answer

Request = (
    Status
    | Unlock
    | GoOn
    | PairKeeper
    | PinnedKeeper
    | UnpairKeeper
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
    | UnsettledVersions
    | RowsSeal
    | RowsOpen
    | Open
    | Hold
    | OpenDetails
    | IndexBegin
    | IndexAdd
    | IndexState
    | SegmentOut
    | SegmentsIn
    | SegmentWritten
    | SegmentsDue
    | DayDropped
    | RecordsDropped
    | Learn
    | LessonsIn
    | SearchEvents
    | SearchVisits
    | OneVisit
    | Notice
    | CountUp
    | SaidAbout
    | Certify
    | CertifyServer
    | Invite
    | Enrol
    | Trust
    | SignMark
    | SignManifest
    | GrantEdge
    | IssueLeaf
    | NewSlot
    | ChangePassphrase
    | RenewRecovery
    | ForgetSlot
    | SlotsKnown
    | RotateRsa
    | AnnounceRsa
    | RotateVault
)
