"""What is asked about a visit, what is suggested, and when nothing is left to ask."""

from __future__ import annotations

import pytest

from gui.pages.day import doubts
from gui.values import Event, Visit

HOUR_US = 3_600_000_000


def event(id_: str, kind: str, at: int, plate: str | None = "8ABC123") -> Event:
    return Event("lot", id_, 1, kind, plate, 900, at, "gate", None, "car", None, (), None)


def visit(
    entry: Event | None,
    exit_: Event | None,
    *flags: str,
    sureness: str = "certain",
    odds: int = 999,
) -> Visit:
    plate = next((one.plate for one in (entry, exit_) if one and one.plate), None)
    return Visit(
        lot="lot",
        id=next(one.id for one in (entry, exit_) if one),
        plate=plate,
        entered_at=entry.at if entry else None,
        left_at=exit_.at if exit_ else None,
        inside=exit_ is None,
        stay_us=None,
        sureness=sureness,
        probability=odds,
        flags=flags,
        entry=entry,
        exit=exit_,
    )


IN, OUT = event("in", "entry", HOUR_US), event("out", "exit", 2 * HOUR_US)
UNREAD = event("unread", "entry", HOUR_US // 2, None)


@pytest.mark.parametrize(
    ("seen", "asks"),
    [
        (visit(IN, OUT), None),
        (visit(IN, OUT, "kind_decided"), None),
        (visit(IN, OUT, "near_match", sureness="likely"), "pair"),
        (visit(IN, OUT, "near_match"), None),
        (visit(IN, OUT, "two_candidates"), "pair"),
        (visit(IN, OUT, "corrected", "two_candidates", sureness="open"), None),
        (visit(IN, OUT, "corrected", "near_match", sureness="open"), "pair"),
        (visit(IN, None), None),
        (visit(IN, None, "missed_exit"), "missed_exit"),
        (visit(IN, None, "checked_out"), None),
        (visit(None, OUT, "missed_entry"), "missed_entry"),
        (visit(None, OUT, "corrected", "missed_entry"), None),
        (visit(UNREAD, None, "unread"), "unread"),
    ],
)
def test_what_a_person_is_asked(seen: Visit, asks: str | None) -> None:
    assert doubts.asked(seen) == asks


@pytest.mark.parametrize(("odds", "what"), [(800, "join"), (400, "split")])
def test_the_likelier_of_one_car_and_two_is_suggested(odds: int, what: str) -> None:
    found = doubts.doubt(visit(IN, OUT, "near_match", sureness="likely", odds=odds), ())
    assert found.suggested == doubts.Answer(what, "in", "out")


def test_the_only_unread_entry_before_is_suggested_as_a_missing_one() -> None:
    left, unread = visit(None, OUT, "missed_entry"), visit(UNREAD, None, "unread")
    later = visit(event("later", "entry", 3 * HOUR_US, None), None, "unread")
    found = doubts.doubt(left, (left, unread, later))
    assert [one.id for one in found.offers] == ["unread"]
    assert found.suggested == doubts.Answer("join", "unread", "out")
    assert doubts.doubt(unread, (left, unread)).suggested == found.suggested


def test_which_of_two_unread_cars_it_was_is_not_guessed() -> None:
    left, unread = visit(None, OUT, "missed_entry"), visit(UNREAD, None, "unread")
    other = visit(event("other", "entry", HOUR_US, None), None, "unread")
    found = doubts.doubt(left, (unread, other))
    assert [one.id for one in found.offers] == ["other", "unread"]
    assert found.suggested == doubts.Answer("kind", "out", "exit")


def test_what_was_just_answered_waits_no_more_though_the_index_does_not_know_yet() -> None:
    left, unread = visit(None, OUT, "missed_entry"), visit(UNREAD, None, "unread")
    assert [one.id for one in doubts.waiting((unread, left))] == ["out", "unread"]
    assert doubts.waiting((unread, left), ("unread", "out")) == []


@pytest.mark.parametrize("spelt", ["", "join", "erase:in:out", ":in:out", "plate::"])
def test_what_no_card_bears_is_no_answer(spelt: str) -> None:
    assert doubts.read(spelt) is None


def test_an_answer_is_read_as_it_was_spelt() -> None:
    for answer in (doubts.Answer("join", "in", "out"), doubts.Answer("plate", "in")):
        assert doubts.read(answer.spelt) == answer
