"""One writer's chain looked at record by record: what `Chain` finds, without holding its records.

A million records do not fit a Pi's memory. What is gone, what was seen whole once and what the
newest record says are few, and known before the walk begins; of the records only the last is
held. `Chain` is the rule; a test holds this to it.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from contract import signature
from contract.chain import Finding, Link, NamedPart, Point, Run, joined
from contract.head import Erased, Tombstone


@dataclass(frozen=True, slots=True)
class Gone:
    """What signed records say of one writer's records that are not there, or not whole."""

    tombs: tuple[tuple[int, Tombstone], ...] = ()  # with the sequence each was signed at
    erased: tuple[Erased, ...] = ()

    def runs(self) -> list[Run]:
        """Return the runs of whole records that are gone, rising."""
        whole = [(tomb.of, tomb.of) for _, tomb in self.tombs if tomb.parts is None]
        run = [(one.first, one.last) for one in self.erased if one.first and one.last]
        return joined([*whole, *run])


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a chain goes, and the lowest record that its writer still waited for there."""

    newest: int
    waiting: int


class Walk:
    """To be given every record that there is, once each, rising by sequence."""

    def __init__(
        self,
        public: bytes,
        gone: Gone,
        reach: Reach,
        *,
        lows: Sequence[Point] = (),
        until: Point | None = None,
    ) -> None:
        self._until = until
        self._points = _by_sequence([*lows, *([until] if until else [])])
        self._below = max(reach.waiting - 1, *self._points, 0)
        self._newest = reach.newest
        self._runs = gone.runs()
        self._starts = [first for first, _ in self._runs]
        self._keys_gone = {key for one in gone.erased for key in one.keys}
        self._parts_gone = {part for _, tomb in gone.tombs for part in tomb.parts or ()}
        self._claims = _claims(gone)
        self._named = {one.last: one.hash for one in gone.erased if one.last and one.hash}
        self._named.update((tomb.of, tomb.hash) for _, tomb in gone.tombs)
        self._last, self._c = 0, signature.chain_start(public)
        self._early = list(self._of_what_is_not_there([0], 0))

    def past(self, one: Link, lacking: Collection[NamedPart] = ()) -> Iterator[Finding]:
        """Say what is wrong with the next record and with all between it and the last.

        `lacking` are those of its parts that its id's highest revision names and that are not
        there.
        """
        n = one.sequence
        if self._until is not None and n > self._until.sequence:
            yield Finding(n, n, "written after the key was revoked")
            return
        yield from self._between(n)
        before = self._c if self._last == n - 1 else self._named.get(n - 1)
        if before not in (None, one.prev):
            yield Finding(n, n, "prev is not the hash of what stands before")
        yield from self._against(n, one.c)
        if n <= self._below and not self._is_gone(n):
            for part in lacking:
                if part.hash not in self._parts_gone and part.key not in self._keys_gone:
                    yield Finding(n, n, f"damage: part {part.name} missing")
        self._last, self._c = n, one.c

    def ended(self) -> Iterator[Finding]:
        """Say what is wrong beyond the last record."""
        last_gone = self._runs[-1][1] if self._runs else 0
        beyond = max([last_gone, *self._claims, *self._points, self._last]) + 1
        yield from self._between(beyond, holes_to=last_gone)

    def _between(self, n: int, holes_to: int | None = None) -> Iterator[Finding]:
        """Look at what lies between the last record and n: holes, and what was said of them."""
        yield from self._early
        self._early = []
        high = min(n - 1, self._below, n if holes_to is None else holes_to)
        for first, last in self._holes(self._last + 1, high):
            yield Finding(first, last, "damage: missing")
        spoken_of = [s for s in {*self._claims, *self._points} if self._last < s < n]
        yield from self._of_what_is_not_there(sorted(spoken_of), n)

    def _of_what_is_not_there(self, sequences: Iterable[int], n: int) -> Iterator[Finding]:
        for sequence in sequences:
            known = self._c if sequence == 0 else self._named.get(sequence)
            is_cut = known is None and self._newest < sequence and not self._is_gone(sequence)
            if is_cut and sequence in self._points:
                yield Finding(sequence, sequence, "damage: cut, the server once had it")
            yield from self._against(sequence, known)

    def _holes(self, first: int, last: int) -> Iterator[Run]:
        at = max(0, bisect_right(self._starts, first) - 1)
        for start, end in self._runs[at:]:
            if start > last:
                break
            if first < start:
                yield first, start - 1
            first = max(first, end + 1)
        if first <= last:
            yield first, last

    def _is_gone(self, n: int) -> bool:
        at = bisect_right(self._starts, n) - 1
        return at >= 0 and n <= self._runs[at][1]

    def _against(self, n: int, c: bytes | None) -> Iterator[Finding]:
        """Compare a record, or what stands for it, with all that was said of it."""
        for claim in self._claims.pop(n, ()):
            if c != claim.hash and (c is not None or claim.strict):
                yield Finding(claim.at, claim.at, claim.what)
        for known in self._points.pop(n, ()):
            if c not in (None, known):
                yield Finding(n, n, "another record than was once there")


@dataclass(frozen=True, slots=True)
class _Claim:
    """Something signed that says which record stood at a place."""

    at: int  # where a finding is told
    hash: bytes
    what: str
    strict: bool  # what is not known at all is a finding too


def _claims(gone: Gone) -> dict[int, list[_Claim]]:
    found: dict[int, list[_Claim]] = {}
    for at, tomb in gone.tombs:
        what = "a tombstone names another record than is there"
        found.setdefault(tomb.of, []).append(_Claim(at, tomb.hash, what, strict=True))
    for run in gone.erased:
        if run.first and run.last and run.before and run.hash:
            what = "an erasure begins after another record"
            claim = _Claim(run.first, run.before, what, strict=False)
            found.setdefault(run.first - 1, []).append(claim)
            what = "an erasure ends with another record"
            claim = _Claim(run.last, run.hash, what, strict=True)
            found.setdefault(run.last, []).append(claim)
    return found


def _by_sequence(points: Iterable[Point]) -> dict[int, set[bytes]]:
    found: dict[int, set[bytes]] = {}
    for point in points:
        found.setdefault(point.sequence, set()).add(point.hash)
    return found
