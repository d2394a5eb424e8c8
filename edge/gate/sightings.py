"""Passages become sightings, so that a car is counted once however often it shows (rules 3-5).

Passages are taken in the order in which vehicles appeared. Each continues an earlier one (rule
3), joins a sighting (rule 4), or is a new one. While a passage is open its `last_seen` grows,
so a car that waits in view is one sighting, and nothing runs.

A vehicle that nobody could read for ten minutes is, for all that was decided meanwhile, an
unread one: what it is read as later speaks only from then on. Otherwise no event could ever be
final while a car stands in view unread.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from edge.cameras import Camera
from edge.gate.blindness import Blindness
from edge.gate.matching import STRONG, Spelling, near, same, spelled
from edge.gate.values import PassageKey
from edge.gate.ways import View, opposite_ways, view
from edge.values import Box, Look, Passage
from edge.voting import Voted, surest

UNREAD_MOST = timedelta(minutes=10)  # rule 13; and how long a place is kept (rule 3)
SAME_PLACE_LEAST = 0.5  # intersection over union
BORDER = 0.02  # of the picture: a box so near is cut by it, and where it stands is unknown

Order = tuple[datetime, str, str]
Votes = Callable[[tuple[Look, ...]], Voted | None]


@dataclass(frozen=True, slots=True)
class Member:
    """A passage, with the plate that its looks spell."""

    passage: Passage
    voted: Voted | None
    spelling: Spelling | None
    known_from: datetime | None  # when its plate began to speak; None: unread

    @property
    def key(self) -> PassageKey:
        return self.passage.camera, self.passage.id

    @property
    def order(self) -> Order:
        return self.passage.first_seen, self.passage.camera, self.passage.id

    @property
    def read_late(self) -> bool:
        return self.known_from is not None and self.known_from > self.passage.first_seen


@dataclass(frozen=True, slots=True)
class Trace:
    """That a plate was in view: what remains of a sighting whose event is final."""

    spelling: Spelling
    known_from: datetime
    first_seen: datetime
    last_seen: datetime

    def known_by(self, when: datetime) -> Spelling | None:
        """Return its plate as it was known then."""
        return self.spelling if self.known_from <= when else None

    def asked_for(self, at: datetime) -> bool:
        """Say whether a passage that begins then may be placed by it."""
        return self.first_seen <= at and self.last_seen > at - UNREAD_MOST


def member(passage: Passage, votes: Votes) -> Member:
    """Vote on a passage's looks."""
    voted = votes(passage.looks) if passage.looks else None
    if voted is None:
        return Member(passage, None, None, None)
    read_at = min(look.at for look in passage.looks)
    late = read_at - passage.first_seen >= UNREAD_MOST
    return Member(passage, voted, spelled(voted), read_at if late else passage.first_seen)


class Sighting:
    """One vehicle seen once, by one camera or several that can see it."""

    def __init__(self, first: Member, votes: Votes) -> None:
        self._votes = votes
        self.members: list[Member] = []
        self.first_seen = first.passage.first_seen
        self.last_seen = first.passage.last_seen
        self.voted: Voted | None = None
        self.spelling: Spelling | None = None
        self.known_from: datetime | None = None
        self.others: dict[str, float] = {}  # other plates read strongly on it, the surest each
        self._looks: tuple[Look, ...] = ()  # the surest of all members that spell its plate
        self.add(first)

    def add(self, one: Member) -> None:
        self.members.append(one)
        self.last_seen = max(self.last_seen, one.passage.last_seen)
        for text, confidence in one.passage.others:
            if confidence >= STRONG:
                self.others[text] = max(confidence, self.others.get(text, 0.0))
        if one.voted is not None and one.spelling is not None:
            self._hear(one, one.voted, one.spelling)
        if self.voted is not None:
            self.others.pop(self.voted.plate, None)

    def _hear(self, one: Member, voted: Voted, spelling: Spelling) -> None:
        if self.spelling is not None and not _alike(self.spelling, spelling):
            self.others[voted.plate] = max(voted.confidence, self.others.get(voted.plate, 0.0))
            return
        if self._looks:
            self._looks = surest((*self._looks, *one.passage.looks))
            voted = self._votes(self._looks) or voted
            spelling = spelled(voted)
        else:
            self._looks = one.passage.looks
        self.voted, self.spelling = voted, spelling
        if self.known_from is None or (one.known_from and one.known_from < self.known_from):
            self.known_from = one.known_from

    @property
    def key(self) -> PassageKey:
        return self.members[0].key

    @property
    def order(self) -> Order:
        """Return its turn among all sightings: when it was first seen, or was read so late."""
        _, camera, passage = self.members[0].order
        late = self.known_from is not None and self.known_from - self.first_seen >= UNREAD_MOST
        return (self.known_from if late and self.known_from else self.first_seen), camera, passage

    @property
    def texts(self) -> tuple[str, ...]:
        """Return every plate read on it, its own first."""
        own = () if self.spelling is None else (self.spelling.text,)
        return own + tuple(self.others)

    @property
    def moved(self) -> bool:
        return any(one.passage.moved for one in self.members)

    def passages_at(self, camera: str) -> list[Passage]:
        return [one.passage for one in self.members if one.passage.camera == camera]

    def known_by(self, when: datetime) -> Spelling | None:
        """Return its plate as it was known then."""
        return self.spelling if self.known_from is not None and self.known_from <= when else None

    def in_view(self, when: datetime) -> set[str]:
        """Return the cameras that have it in view."""
        return {
            one.passage.camera
            for one in self.members
            if one.passage.first_seen <= when <= one.passage.last_seen
        }

    def standing(self) -> Iterator[Passage]:
        """Give each camera's last passage, where it stood inside the picture at the end."""
        for camera in sorted({one.passage.camera for one in self.members}):
            last = max(self.passages_at(camera), key=lambda p: p.last_seen)
            if last.stood_last is not None and not _at_border(last.stood_last):
                yield last

    def views(self, cameras: Mapping[str, Camera]) -> list[View]:
        """Return what each camera saw of it, the first to see it first."""
        names = dict.fromkeys(one.passage.camera for one in self.members)
        return [view(cameras[name], self.passages_at(name)) for name in names]


class Grouping:
    """Takes members in their order and says of which sighting each is."""

    def __init__(
        self,
        cameras: Mapping[str, Camera],
        window: timedelta,
        blindness: Blindness,
        votes: Votes,
        traces: Iterable[Trace] = (),
    ) -> None:
        self._cameras = cameras
        self._window = window
        self._blindness = blindness
        self._votes = votes
        self._reachable: list[Sighting] = []
        self.closed: dict[PassageKey, Sighting] = {}
        # Which passage is not of which sighting by its way alone: an open one may yet turn.
        self.barred: set[tuple[PassageKey, PassageKey]] = set()
        self._by_text: dict[str, list[Sighting | Trace]] = defaultdict(list)
        for trace in traces:
            self._by_text[trace.spelling.text].append(trace)

    def add(self, one: Member) -> Sighting:
        """Decide of which sighting a passage is."""
        self._forget(one)
        found = self._continued(one) or self._joined(one)
        if found is not None and (found.key in self.closed or _contradicted(one, found)):
            found = None  # nothing is added to a final event any more
        return self._placed(one, found)

    def add_closed(self, one: Member, sighting: PassageKey) -> None:
        """Put a passage where it was when its event became final, whatever is known since."""
        self._forget(one)
        self.closed[sighting] = self._placed(one, self.closed.get(sighting))

    def within_reach(self, s: Sighting, at: datetime) -> bool:
        """Say whether a passage that begins then may be of that sighting."""
        return at - s.last_seen < self._window or any(
            self._blindness.sight(p.camera, p.last_seen, at) <= UNREAD_MOST for p in s.standing()
        )

    def in_view(self, spelling: Spelling, during: Sighting) -> bool:
        """Say whether another sighting of this plate overlaps that one."""
        return any(
            other is not during
            and other.first_seen <= during.last_seen
            and other.last_seen >= during.first_seen
            for other in self._of_plate(spelling, during.last_seen)
        )

    def _forget(self, one: Member) -> None:
        at = one.passage.first_seen
        self._reachable = [s for s in self._reachable if self.within_reach(s, at)]

    def _placed(self, one: Member, found: Sighting | None) -> Sighting:
        if found is None:
            found = Sighting(one, self._votes)
            self._reachable.append(found)
        else:
            found.add(one)
        for text in found.texts:
            known = self._by_text[text]
            if not any(known_one is found for known_one in known[-8:]):
                known.append(found)
        return found

    # Rule 3

    def _continued(self, one: Member) -> Sighting | None:
        """Find the sighting whose vehicle stands where, or as, this one stood at first."""
        place = one.passage.stood_first
        if place is None or _at_border(place):
            return None
        best: tuple[bool, datetime] | None = None
        found = None
        for s in self._reachable:
            for p in s.standing():
                if p.camera != one.passage.camera or p.last_seen > one.passage.first_seen:
                    continue
                spelling = s.known_by(one.passage.first_seen)
                equal = spelling is not None and not one.read_late and _one_plate(spelling, one, s)
                since = p.last_seen if spelling is not None else _unread_since(one, s)
                if (equal or self._keeps_place(one, s, p, place)) and not self._seen_since(
                    one, s, since
                ):
                    rank = (equal, p.last_seen)
                    if best is None or rank > best:
                        best, found = rank, s
        return found

    def _keeps_place(self, one: Member, s: Sighting, before: Passage, place: Box) -> bool:
        """Where one or both are unread, only the place can tell, and it soon has another car."""
        at = one.passage.first_seen
        if not _one_is_unread(one, s, at):
            return False
        stood = before.stood_last
        return (
            stood is not None
            and at - before.last_seen <= UNREAD_MOST
            and stood.iou(place) >= SAME_PLACE_LEAST
        )

    def _seen_since(self, one: Member, s: Sighting, since: datetime) -> bool:
        """Say whether another sighting of either's plate came between."""
        at = one.passage.first_seen
        return any(
            other is not s and other.first_seen < at and other.last_seen > since
            for spelling in (one.spelling, s.spelling)
            if spelling is not None
            for other in self._of_plate(spelling, at)
        )

    def _of_plate(self, spelling: Spelling, known_by: datetime) -> Iterator[Sighting | Trace]:
        """Give the sightings of a plate that were known to be of it then, the latest first."""
        for other in reversed(self._by_text.get(spelling.text, ())):
            known = other.known_by(known_by)
            if known is not None and same(known, spelling):
                yield other

    # Rule 4

    def _joined(self, one: Member) -> Sighting | None:
        if one.spelling is not None and not one.read_late:
            found = self._latest(one, self._equal) or self._latest(one, self._near)
            if found is not None:
                return found if self._may_join(one, found) else None
        return self._only_in_view(one)

    def _latest(self, one: Member, alike: Callable[[Member, Sighting], bool]) -> Sighting | None:
        found = [
            s
            for s in self._reachable
            if one.passage.first_seen - s.last_seen < self._window and alike(one, s)
        ]
        return max(found, key=lambda s: s.last_seen, default=None)

    def _equal(self, one: Member, s: Sighting) -> bool:
        spelling = s.known_by(one.passage.first_seen)
        return spelling is not None and _one_plate(spelling, one, s)

    def _near(self, one: Member, s: Sighting) -> bool:
        """Two that differ in one weak character are never joined from two gates, nor where one
        camera has both at once."""
        spelling = s.known_by(one.passage.first_seen)
        if spelling is None or one.spelling is None or not near(spelling, one.spelling):
            return False
        camera = one.passage.camera
        return self._gate(camera) in self._gates(s) and camera not in s.in_view(
            one.passage.first_seen
        )

    def _only_in_view(self, one: Member) -> Sighting | None:
        """Two cameras of a gate have one vehicle each in view, and one of them is unread: it is
        the same vehicle, unless this camera already has that one in view too."""
        camera, at = one.passage.camera, one.passage.first_seen
        found = []
        for s in self._reachable:
            seeing = s.in_view(at)
            if seeing and camera not in seeing and self._gate(camera) in map(self._gate, seeing):
                found.append(s)
        if len(found) != 1:
            return None
        (only,) = found
        if only.known_by(at) is None and self._seen_since(one, only, _unread_since(one, only)):
            return None
        return only if _one_is_unread(one, only, at) and self._may_join(one, only) else None

    def _may_join(self, one: Member, s: Sighting) -> bool:
        if not self.reaches(one.passage, s):
            return False
        if self._opposite(one, s):
            self.barred.add((one.key, s.key))
            return False
        return True

    def reaches(self, passage: Passage, s: Sighting) -> bool:
        """Say whether gates, roles and times allow one vehicle, whatever was read."""
        gap = passage.first_seen - s.last_seen
        if gap <= timedelta(0):
            return True
        return gap < self._window and not self._kept_apart(passage.camera, s)

    def _kept_apart(self, camera: str, s: Sighting) -> bool:
        """Other gates and opposite roles see one vehicle only at the same time."""
        roles = {self._cameras[one.passage.camera].role for one in s.members}
        own = self._cameras[camera].role
        opposite = {"entry": "exit", "exit": "entry"}.get(own)
        return self._gate(camera) not in self._gates(s) or (opposite in roles and own not in roles)

    def _opposite(self, one: Member, s: Sighting) -> bool:
        camera = one.passage.camera
        new = view(self._cameras[camera], [one.passage])
        for old in s.views(self._cameras):
            if new.direction and old.direction and new.direction != old.direction:
                return True
            if old.camera.name == camera and opposite_ways(old.ends, new.ends):
                return True
        return False

    def _gate(self, camera: str) -> str:
        return self._cameras[camera].gate

    def _gates(self, s: Sighting) -> set[str]:
        return {self._gate(one.passage.camera) for one in s.members}


def _alike(one: Spelling, other: Spelling) -> bool:
    return same(one, other) or near(one, other)


def _one_plate(known: Spelling, one: Member, s: Sighting) -> bool:
    """Say whether both bear one plate; of a trailer's two, either will do."""
    if one.spelling is None:
        return False
    return (
        same(known, one.spelling)
        or one.spelling.text in s.others
        or any(text == known.text and sure >= STRONG for text, sure in one.passage.others)
    )


def _one_is_unread(one: Member, s: Sighting, at: datetime) -> bool:
    """Say whether either was unread then."""
    return one.spelling is None or one.read_late or s.known_by(at) is None


def _unread_since(one: Member, s: Sighting) -> datetime:
    """Return since when an unread vehicle was whatever it will be read as: it came, or, for so
    long must traces be kept, ten minutes ago.
    """
    return max(s.first_seen, one.passage.first_seen - UNREAD_MOST)


def _contradicted(one: Member, s: Sighting) -> bool:
    """Say whether what was read since shows that it was another vehicle after all.

    It is then a sighting of its own: who else it might have been is long decided.
    """
    if one.spelling is None or s.spelling is None:
        return False
    return not (_alike(one.spelling, s.spelling) or _one_plate(s.spelling, one, s))


def _at_border(box: Box) -> bool:
    return min(box.left, box.top) <= BORDER or max(box.right, box.bottom) >= 1.0 - BORDER
