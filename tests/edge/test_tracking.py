"""A vehicle in view is one track, however it drives and whatever the detector does to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.tracking import (
    PATIENCE_SECONDS,
    PATIENCE_STANDING_SECONDS,
    Track,
    Tracker,
)
from edge.values import Box, Detection, Kind
from tests.edge.traffic import Driver, Faults, Path, at, pictures, straight

TENTHS = [i / 10 for i in range(80)]


def tracks_of(
    drivers: Sequence[Driver],
    times: Sequence[float] = TENTHS,
    faults: Faults = Faults(),  # noqa: B008  # frozen, so shared safely
    seed: int = 1,
) -> tuple[dict[int, Counter[int]], list[Track]]:
    """Return which tracks followed each driver and for how many pictures, and every sure track."""
    tracker, random = Tracker(), Random(seed)  # noqa: S311  # seeded, no secret
    followed: dict[int, Counter[int]] = {i: Counter() for i in range(len(drivers))}
    ended: dict[int, Track] = {}
    for frame, (seconds, said, truth) in enumerate(pictures(drivers, times, faults, random)):
        tracked = tracker.step(at(seconds), frame, said)
        for track in tracked.live:
            if track.last_seen == at(seconds) and truth:
                nearest = max(truth, key=lambda i: truth[i].iou(track.box))
                if truth[nearest].iou(track.box) > 0.5:
                    followed[nearest][track.id] += 1
        ended |= {t.id: t for t in (*tracked.live, *tracked.ended)}
    return followed, [t for t in ended.values() if t.surely]


def assert_one_track_each(followed: dict[int, Counter[int]]) -> None:
    assert all(len(tracks) == 1 for tracks in followed.values()), followed
    numbers = [number for tracks in followed.values() for number in tracks]
    assert len(set(numbers)) == len(numbers), followed


def test_a_car_that_drives_through_is_one_track() -> None:
    followed, tracks = tracks_of([Driver(straight((-0.1, 0.5), (0.2, 0.0)))])
    assert_one_track_each(followed)
    assert len(tracks) == 1


@pytest.mark.parametrize("lengths_a_second", [1, 3, 5, 7])
def test_a_fast_car_is_held_at_ten_pictures_a_second(lengths_a_second: float) -> None:
    car = Driver(straight((-0.05, 0.5), (0.1 * lengths_a_second, 0.0)), width=0.1, height=0.1)
    assert_one_track_each(tracks_of([car])[0])


@pytest.mark.parametrize("rate", [3, 5, 10, 25])
def test_the_rate_of_pictures_does_not_matter(rate: int) -> None:
    times = [i / rate for i in range(6 * rate)]
    cars = [
        Driver(straight((0.1, 0.3), (0.15, 0.0))),
        Driver(straight((0.9, 0.7), (-0.12, 0.02))),
    ]
    assert_one_track_each(tracks_of(cars, times)[0])


def test_two_cars_that_cross_do_not_swap() -> None:
    cars = [
        Driver(straight((0.0, 0.5), (0.15, 0.01))),
        Driver(straight((1.0, 0.6), (-0.15, -0.01))),
    ]
    assert_one_track_each(tracks_of(cars, faults=Faults(tremble=0.02))[0])


def test_a_car_that_overtakes_does_not_swap() -> None:
    cars = [
        Driver(straight((0.1, 0.5), (0.08, 0.0))),
        Driver(straight((-0.1, 0.55), (0.16, 0.0))),
    ]
    assert_one_track_each(tracks_of(cars, faults=Faults(tremble=0.02))[0])


def test_a_queue_that_moves_up_keeps_its_order() -> None:
    def stop_and_go(offset: float) -> Path:
        def path(t: float) -> tuple[float, float]:
            moved = 0.12 * min(max(t - 2.0, 0.0), 1.0) + 0.12 * min(max(t - 5.0, 0.0), 1.0)
            return 0.15 + offset + moved, 0.5

        return path

    cars = [Driver(stop_and_go(0.19 * i), width=0.17) for i in range(4)]
    assert_one_track_each(tracks_of(cars, faults=Faults(tremble=0.02, misses=0.1))[0])


def test_a_kind_that_flickers_does_not_split_a_track_and_is_decided_by_vote() -> None:
    faults = Faults(kinds=("car", "truck", "car", "car", "bus"))
    followed, tracks = tracks_of([Driver(straight((0.1, 0.5), (0.1, 0.0)))], faults=faults)
    assert_one_track_each(followed)
    assert [t.kind for t in tracks] == ["car"]


def test_a_car_seen_as_car_and_truck_at_once_is_one_track() -> None:
    tracker = Tracker()
    for i in range(10):
        box = Box(0.3, 0.3, 0.5, 0.5)
        twice = [Detection(box, "car", 0.6), Detection(box, "truck", 0.7)]
        tracked = tracker.step(at(i / 10), i, twice)
    assert [t.kind for t in tracked.live] == ["truck"]


def test_a_piece_of_a_car_that_leaves_is_no_track_for_the_next_car_to_adopt() -> None:
    tracker = Tracker()
    leaving = Detection(Box(0.0, 0.54, 0.46, 1.0), "car", 0.6)
    tracker.step(at(0.0), 0, [leaving])
    tracker.step(at(0.1), 1, [leaving, Detection(Box(0.32, 0.57, 0.46, 1.0), "car", 0.65)])
    entering = Detection(Box(0.53, 0.81, 1.0, 1.0), "car", 0.7)
    tracked = tracker.step(at(0.5), 2, [entering])
    assert [(t.first_seen, t.box) for t in tracked.live if t.last_frame == 2] == [
        (at(0.5), entering.box)
    ]
    assert len(tracked.live) == 2  # the one that left and the one that came


def test_a_motorcycle_before_a_truck_is_its_own_track_though_one_border_cuts_both() -> None:
    truck = Detection(Box(0.1, 0.0, 0.9, 1.0), "truck", 0.8)
    motorcycle = Detection(Box(0.4, 0.6, 0.6, 1.0), "motorcycle", 0.6)
    assert len(Tracker().step(at(0.0), 0, [truck, motorcycle]).live) == 2


def test_a_standing_car_keeps_its_track_while_the_detector_flickers() -> None:
    car = Driver(straight((0.5, 0.5), (0.0, 0.0)))
    times = [i / 10 for i in range(600)]
    for seed in range(5):
        followed, tracks = tracks_of([car], times, Faults(misses=0.45, doubtful=0.3), seed)
        assert_one_track_each(followed)
        assert len(tracks) == 1


def test_a_car_hidden_for_longer_than_the_patience_is_a_new_track() -> None:
    hidden = PATIENCE_STANDING_SECONDS + 0.5
    times = [i / 10 for i in range(30)] + [3.0 + hidden + i / 10 for i in range(30)]
    tracker = Tracker()
    numbers = set()
    for frame, seconds in enumerate(sorted({*times, *(i / 10 for i in range(30, 90))})):
        visible = not 3.0 <= seconds < 3.0 + hidden
        said = [Detection(Box(0.4, 0.4, 0.6, 0.6), "car", 0.9)] if visible else []
        numbers |= {t.id for t in tracker.step(at(seconds), frame, said).live}
    assert numbers == {1, 2}


def test_a_doubtful_box_continues_a_track_but_never_begins_one() -> None:
    tracker = Tracker()
    doubtful = Detection(Box(0.4, 0.4, 0.6, 0.6), "car", 0.15)
    assert tracker.step(at(0.0), 0, [doubtful]).live == ()
    sure = Detection(doubtful.box, "car", 0.8)
    tracker.step(at(0.1), 1, [sure])
    (track,) = tracker.step(at(0.2), 2, [doubtful]).live
    assert track.seen == 2


def test_nothing_moved_for_an_hour_and_the_standing_car_is_the_same() -> None:
    tracker = Tracker()
    box = Box(0.4, 0.4, 0.6, 0.6)
    for i in range(10):
        tracker.step(at(i / 10), i, [Detection(box, "car", 0.9)])
    (resting,) = tracker.rest(at(3600.0), 11).live
    assert resting.last_seen == at(3600.0)
    (track,) = tracker.step(at(3600.1), 12, [Detection(box, "car", 0.9)]).live
    assert track.id == resting.id
    assert track.box == box


def test_what_had_driven_off_before_nothing_moved_does_not_stay_for_ever() -> None:
    tracker = Tracker()
    for i in range(10):
        x = 0.5 + 0.04 * i
        tracker.step(at(i / 10), i, [Detection(Box(x, 0.4, x + 0.1, 0.5), "car", 0.9)])
    tracker.step(at(1.0), 10, [])
    tracked = tracker.rest(at(1.0 + 2 * PATIENCE_SECONDS), 11)
    assert tracked.live == ()
    assert [t.last_seen for t in tracked.ended] == [at(0.9)]


def test_a_standing_car_that_set_off_unseen_does_not_stay_for_ever() -> None:
    """It was looked for in vain while it drove as another track; then nothing moved any more."""
    tracker = Tracker()
    for i in range(10):
        tracker.step(at(i / 10), i, [Detection(Box(0.4, 0.4, 0.5, 0.5), "car", 0.9)])
    for i in range(10, 15):
        tracker.step(at(i / 10), i, [])
    assert len(tracker.rest(at(1.5), 15).live) == 1  # it may flicker yet
    tracked = tracker.rest(at(1.0 + 2 * PATIENCE_STANDING_SECONDS), 16)
    assert tracked.live == ()
    assert [t.last_seen for t in tracked.ended] == [at(0.9)]


def test_after_a_gap_that_nobody_vouched_for_every_track_is_new() -> None:
    tracker = Tracker()
    box = Box(0.4, 0.4, 0.6, 0.6)
    for i in range(10):
        tracker.step(at(i / 10), i, [Detection(box, "car", 0.9)])
    tracked = tracker.step(at(60.0), 10, [Detection(box, "car", 0.9)])
    assert [t.id for t in tracked.ended] == [1]
    assert [t.id for t in tracked.live] == [2]


def test_time_that_runs_backwards_is_refused() -> None:
    tracker = Tracker()
    tracker.step(at(1.0), 0, [])
    with pytest.raises(ValueError, match="backwards"):
        tracker.step(at(0.9), 1, [])


def plate_of(vehicle: Box) -> Box:
    """Where a plate sits: low, in the middle, a sixth as wide as the vehicle."""
    x, width, height = vehicle.centre[0], vehicle.width / 6, vehicle.width / 12
    y = vehicle.top + 0.75 * vehicle.height
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def test_a_plate_belongs_to_its_vehicle_and_is_carried_with_it() -> None:
    tracker = Tracker()
    car = Driver(straight((0.1, 0.5), (0.9, 0.0)), width=0.2)  # five plate widths a picture
    numbers = set()
    for i in range(9):
        box = car.box(i / 10)
        assert box is not None
        said = [Detection(box, "car", 0.9), Detection(plate_of(box), "plate", 0.7)]
        for track in tracker.step(at(i / 10), i, said).live:
            if track.kind == "plate":
                numbers.add(track.id)
                assert track.vehicle is not None
    assert len(numbers) == 1


def test_the_plate_of_the_car_behind_is_not_given_to_the_car_before() -> None:
    front, behind = Box(0.3, 0.45, 0.7, 0.9), Box(0.35, 0.2, 0.65, 0.55)
    plates = [plate_of(front), plate_of(behind)]
    assert plates[1].overlap(front) > 0  # else the case proves nothing
    tracker = Tracker()
    said = [Detection(front, "car", 0.9), Detection(behind, "car", 0.8)]
    said += [Detection(plate, "plate", 0.7) for plate in plates]
    for i in range(4):
        tracked = tracker.step(at(i / 10), i, said)
    box_of = {t.id: t.box for t in tracked.live}
    owners = {t.box: box_of[t.vehicle] for t in tracked.live if t.vehicle is not None}
    assert owners == {plates[0]: front, plates[1]: behind}


@pytest.mark.parametrize("since", [0.0, 3.0])
def test_a_sign_over_which_a_car_drives_is_not_on_it(since: float) -> None:
    tracker = Tracker()
    sign = Box(0.48, 0.54, 0.51, 0.56)
    car = Driver(straight((-0.2, 0.5), (0.2, 0.0), since=since), first=since)
    for i in range(90):
        said = [Detection(sign, "plate", 0.7)]
        if (box := car.box(i / 10)) is not None:
            said += [Detection(box, "car", 0.9), Detection(plate_of(box), "plate", 0.8)]
        tracked = tracker.step(at(i / 10), i, said)
        owners = {t.box: t.vehicle for t in tracked.live if t.kind == "plate"}
        if since or (box is not None and box.left > sign.left - 0.1):
            assert owners[sign] is None
        if box is not None and box.left > sign.left - 0.1:
            assert plate_of(box).right > 0.98 or owners[plate_of(box)] is not None


def test_a_plate_long_alone_is_its_vehicle_s_once_it_goes_along() -> None:
    tracker = Tracker()
    car = Driver(lambda t: (0.4 + 0.1 * max(0.0, t - 5), 0.5))
    owned = []
    for i in range(70):
        box = car.box(i / 10)
        assert box is not None
        said = [Detection(plate_of(box), "plate", 0.8)]
        said += [Detection(box, "car", 0.9)] if i >= 40 else []
        plates = [t for t in tracker.step(at(i / 10), i, said).live if t.kind == "plate"]
        owned.append(plates[0].vehicle is not None)
        assert len(plates) == 1
    assert not any(owned[:50])
    assert all(owned[55:])


def test_a_plate_stays_on_its_car_when_the_car_turns_off() -> None:
    tracker = Tracker()
    for i in range(40):
        away = 0.01 * min(i, 25)  # it drives away, then turns right: its side comes into view
        side = 0.02 * max(0, i - 25)
        rear = Box(0.5, 0.5 - away, 0.7, 0.8 - away)
        plate = Box(0.57, 0.7 - away, 0.63, 0.73 - away)
        said = [
            Detection(Box(rear.left, rear.top, rear.right + side, rear.bottom), "car", 0.9),
            Detection(plate, "plate", 0.8),
        ]
        (one,) = (t for t in tracker.step(at(i / 10), i, said).live if t.kind == "plate")
        assert one.vehicle is not None


def test_a_plate_without_a_vehicle_has_a_track_of_its_own() -> None:
    tracker = Tracker()
    for i in range(4):
        x = 0.3 + 0.01 * i
        said = [Detection(Box(x, 0.5, x + 0.06, 0.52), "plate", 0.7)]
        tracked = tracker.step(at(i / 10), i, said)
    assert [(t.kind, t.vehicle, t.seen) for t in tracked.live] == [("plate", None, 4)]


LANES = st.lists(
    st.tuples(
        st.floats(0.03, 0.35),  # speed, fractions of the picture a second
        st.booleans(),  # to the left
        st.floats(0.0, 3.0),  # when it sets off
    ),
    min_size=1,
    max_size=4,
)
KINDS: tuple[Kind, ...] = ("car", "truck")


@settings(deadline=None, max_examples=60)
@given(LANES, st.integers(0, 10_000), st.floats(0.0, 0.025), st.floats(0.0, 0.15))
def test_cars_that_stay_apart_are_one_track_each_and_never_swap(
    lanes: list[tuple[float, bool, float]], seed: int, tremble: float, misses: float
) -> None:
    cars = []
    for i, (speed, leftward, first) in enumerate(lanes):
        start, across = (1.1, -speed) if leftward else (-0.1, speed)
        path = straight((start, 0.12 + 0.24 * i), (across, 0.0), since=first)
        cars.append(Driver(path, width=0.16, height=0.14, first=first))
    faults = Faults(tremble, misses, doubtful=0.1, false_alarms=0.03, kinds=KINDS)
    followed, _ = tracks_of(cars, [i / 10 for i in range(120)], faults, seed)
    for tracks in followed.values():
        ours = sum(tracks.values())
        assert not tracks or max(tracks.values()) >= 0.95 * ours - 2, followed
    main = [max(tracks, key=lambda n: tracks[n]) for tracks in followed.values() if tracks]
    assert len(set(main)) == len(main), followed


@settings(deadline=None, max_examples=60)
@given(
    st.floats(0.01, 0.3),
    st.lists(st.floats(0.04, 0.5), min_size=5, max_size=40),
    st.integers(0, 10_000),
)
def test_the_stutter_of_the_pictures_does_not_break_a_track(
    speed: float, gaps: list[float], seed: int
) -> None:
    times = [sum(gaps[:i]) for i in range(len(gaps))]
    car = Driver(straight((0.05, 0.5), (speed, 0.0)))
    followed, _ = tracks_of([car], times, Faults(tremble=0.015), seed)
    assert len(followed[0]) <= 1
