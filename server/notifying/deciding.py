"""What there is to tell: pure functions of rules, of what stands, and of the time.

A rule that told something is quiet for a while; what happens meanwhile is told together with what
comes next, so that a camera with a loose contact sends one message and not a thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lot.words import Words
from server.desk.matching import MINUTE_US
from server.desk.noticing import NAMED_MAX, Named, Noticed
from server.notifying.message import Message
from server.notifying.spoken import words
from server.store.alarms import Alarm
from server.store.notify_rules import Kind, Rule

BLIND, SILENT = "blind", "edge_silent"  # as alarms are called
_ALARMS: dict[str, Kind] = {BLIND: "blind", SILENT: "silent"}


@dataclass(frozen=True, slots=True)
class Place:
    """A lot, as messages speak of it."""

    name: str
    clock: Callable[[int], str]  # µs UTC to what its clocks show
    edges: Mapping[bytes, str] = field(default_factory=dict)  # their names


def is_quiet(rule: Rule, sent: int | None, now: int) -> bool:
    """Say whether a rule spoke so lately that it is silent; a clock put back ends no quiet."""
    last = max(sent or 0, rule.told or 0)
    return last > 0 and now - last < rule.quiet_minutes * MINUTE_US


def kind_of(alarm: Alarm) -> Kind:
    """Return which kind of rule tells of an alarm."""
    return _ALARMS.get(alarm.kind, "alarm")


def new_alarms(rule: Rule, standing: Iterable[Alarm]) -> list[Alarm]:
    """Return the alarms that stand and that a rule has not told of, the newest first."""
    since = rule.made if rule.told is None else rule.told
    return [one for one in standing if kind_of(one) == rule.kind and one.at > since]


def of_alarms(rule: Rule, place: Place, new: Sequence[Alarm]) -> Message:
    """Say which alarms stand; none of them names a plate."""
    _ = words(rule.language)
    lines = [f"{place.clock(one.at)}  {_said(one, place, _)}" for one in new[:NAMED_MAX]]
    title = _.count("%(lot)s: an alarm", "%(lot)s: %(n)d alarms", len(new), lot=place.name)
    return Message(rule.channel, title, _lines(lines, len(new), _))


def _said(alarm: Alarm, place: Place, _: Words) -> str:
    """Say what an alarm is; one that is unknown here, as it was written down."""
    edge = place.edges.get(alarm.writer or b"")
    if alarm.kind == BLIND and alarm.camera is not None:
        return _("the camera %(camera)s sees nothing", camera=alarm.camera)
    if alarm.kind == SILENT and edge is not None:
        return _("%(edge)s has not been heard from for five minutes", edge=edge)
    why = alarm.said.partition(": ")[2]
    known = {
        "audit_fork": _("this edge was told another audit line than is here"),
        "audit_rollback": _(
            "this edge was told audit lines that are not here: the server was put back, or its "
            "audit was cut"
        ),
        "equivocation": _(
            "two records of one number: a copied or restored edge; its chain is closed"
        ),
    }
    if why:
        known["retention"] = _("retention waits: %(why)s", why=why)
        known["keys_part"] = _("the backup's keys part is old: %(why)s", why=why)
    return known.get(alarm.kind, alarm.said)


def is_full(inside: int, capacity: int | None) -> bool:
    """Say whether a lot that somebody counts has no place left."""
    return capacity is not None and capacity > 0 and inside >= capacity


def of_fullness(rule: Rule, place: Place, inside: int, capacity: int) -> Message:
    """Say that no place is left."""
    _ = words(rule.language)
    text = _("Cars inside: %(cars)d. Places: %(places)d.", cars=inside, places=capacity)
    return Message(rule.channel, _("%(lot)s is full", lot=place.name), text)


def of_hits(rule: Rule, place: Place, new: Sequence[Noticed]) -> Message:
    """Say who came; without plates, how many."""
    _, count = words(rule.language), len(new)
    named = [f"{place.clock(one.at)}  {_listed(one, _)}" for one in _named(new)]
    return Message(
        rule.channel,
        _.count(
            "%(lot)s: a car on a list came in",
            "%(lot)s: %(n)d cars on a list came in",
            count,
            lot=place.name,
        ),
        _.count(
            "A car on a list came in. Open the page to see which.",
            "%(n)d cars on a list came in. Open the page to see which.",
            count,
        ),
        _lines(named, count, _) if named else None,
    )


def _listed(one: Named, _: Words) -> str:
    """Say a plate and its list; those that the page offers in the reader's words."""
    lists = {"staff": _("staff"), "vip": _("VIP"), "blocked": _("blocked")}
    list_ = lists.get(one.list or "", one.list)
    if one.perhaps is None:
        return f"{one.plate} ({list_})"
    perhaps = _("%(plate)s, perhaps %(listed)s", plate=one.plate, listed=one.perhaps)
    return f"{perhaps} ({list_})"


def of_overstays(rule: Rule, place: Place, new: Sequence[Noticed]) -> Message:
    """Say who stays for long; without plates, how many."""
    _, count = words(rule.language), len(new)
    hours = _.count("an hour", "%(n)d hours", rule.hours or 0)
    named = [
        _(
            "%(plate)s, since %(time)s",
            plate=one.plate or _("not read"),
            time=place.clock(one.at),
        )
        for one in _named(new)
    ]
    return Message(
        rule.channel,
        _.count(
            "%(lot)s: a car has stayed long",
            "%(lot)s: %(n)d cars have stayed long",
            count,
            lot=place.name,
        ),
        _.count(
            "A car has been inside for more than %(hours)s.",
            "%(n)d cars have been inside for more than %(hours)s.",
            count,
            hours=hours,
        ),
        _lines(named, count, _) if named else None,
    )


def of_test(channel: str, language: str, to: str | None) -> Message:
    """Say that this is a test."""
    _ = words(language)
    text = _("This is a test. Messages of your lot arrive here.")
    return Message(channel, _("Lotkeeper: a test"), text, to=to)


def _named(new: Iterable[Noticed]) -> list[Named]:
    return [one.named for one in new if one.named is not None][:NAMED_MAX]


def _lines(named: Sequence[str], count: int, _: Words) -> str:
    rest = count - len(named)
    more = [_.count("and %(n)d more", "and %(n)d more", rest)] if rest > 0 else []
    return "\n".join([*named, *more])
