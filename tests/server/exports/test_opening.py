"""Events of a range are opened a batch at a time, each as its highest revision says it."""

from sqlalchemy import update

from server.exports.opening import Opening
from server.exports.tables import event_lines
from server.records.sealed import Shelf
from server.store.tables import texts
from server.verify.opening import tried, with_opened
from tests.contract.writers import LOT, NOON
from tests.server.exports.test_exports import CHICAGO, rows
from tests.server.holding import CALLER, Opener
from tests.server.verify.filled import HOUR, Filled, whats


def opening(house: Filled) -> Opening:
    return Opening(house.db, Shelf(house.db, house.pictures, house.wraps), Opener(), CALLER)


def test_a_range_is_opened_by_time_with_the_pictures_asked_for() -> None:
    house = Filled()
    house.events(6)
    shots = list(opening(house).range(LOT, NOON + HOUR, NOON + 4 * HOUR, "plate"))
    assert [shot.event.first_seen for shot in shots] == [NOON + n * HOUR for n in (1, 2, 3)]
    assert [sorted(shot.pictures) for shot in shots] == [["plate"], [], ["plate"]]
    assert [sorted(shot.pictures) for shot in opening(house).range(LOT, None, None)] == [[]] * 6


def test_an_event_is_told_once_as_its_highest_revision_says_it() -> None:
    house = Filled()
    first = house.put(house.edge.an_event({"plate": b"early"}), house.edge)
    second = house.put(
        house.edge.an_event({"plate": b"later"}, id=first.head.id, revision=2), house.edge
    )
    for shots in (
        list(opening(house).range(LOT, None, None, "plate")),
        list(opening(house).named(LOT, [first.head.id], "plate")),
    ):
        assert [(shot.event.revision, shot.pictures) for shot in shots] == [
            (2, {"plate": b"later"})
        ]
    assert second.head.id == first.head.id


def test_what_does_not_open_is_counted_and_the_rest_goes_on() -> None:
    house = Filled()
    made = house.events(3)
    hashed = made[1].envelope.parts[0].hash
    house.db.execute(update(texts).where(texts.c.hash == hashed).values(sealed=b"altered"))
    asked = opening(house)
    told = rows(event_lines((shot.event for shot in asked.range(LOT, None, None)), CHICAGO))
    assert [row["sequence"] for row in told] == ["1", "3"]
    assert len(asked.untold.faults) == 1
    assert asked.untold.faults[0].startswith("record 2 of ")


def test_a_batch_is_no_larger_than_the_keyholder_takes() -> None:
    house = Filled()
    for n in range(5):
        house.put(house.edge.an_event({"clip": bytes(3_000_000), "plate": b"%d" % n}), house.edge)
    asked = opening(house)
    assert len(list(asked.range(LOT, None, None, "clip"))) == 5
    assert isinstance(asked.keyholder, Opener)
    assert asked.keyholder.asked == [3, 2]


def test_verify_tries_every_part_where_that_is_asked() -> None:
    house = Filled()
    house.events(4)
    shelf = Shelf(house.db, house.pictures, house.wraps)
    found = tried(house.db, shelf, Opener().open, CALLER, None)
    assert (found.parts, found.faults) == (6, ())
    report = with_opened(house.verified(), found)
    assert (report.opened, report.is_whole) == (6, True)
    house.wraps.files.clear()
    closed = tried(house.db, shelf, Opener().open, CALLER, None)
    assert closed.parts == 0
    assert len(whats(with_opened(report, closed))) == 4
