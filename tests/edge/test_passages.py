"""A vehicle's stay in view becomes one passage that says what was seen and no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.cameras import Camera, Lane
from edge.passages import Passages, Seen, Told
from edge.passing import PLATES_MOST
from edge.reading.crops import Condition
from edge.tracking import Tracked, Tracker
from edge.values import Border, Box, Detection, Look, Passage, Reading
from tests.edge.traffic import Driver, Faults, Path, at, pictures, straight

NORTH = Camera("north")
GOOD = Condition(120.0, 1.0, 120.0)


def plate_of(vehicle: Box) -> Box:
    x, width, height = vehicle.centre[0], vehicle.width / 6, vehicle.width / 14
    y = vehicle.top + 0.75 * vehicle.height
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def read(text: str, seconds: float, frame: int, box: Box, sure: float = 0.97) -> Look:
    reading = Reading(text, (sure,) * len(text), ((),) * len(text), "crnn")
    return Look(reading, at(seconds), frame, box, 120.0, 1.0)


class Run:
    """Drives cars past a camera and keeps all that the gate is told."""

    def __init__(self, camera: Camera = NORTH, *, width: int = 1920, rate: float = 10.0) -> None:
        self.tracker = Tracker()
        self.passages = Passages(camera, prefix="p-", legible_pixels=70)
        self.width, self.rate = width, rate
        self.told: list[Told] = []
        self.frame = 0

    def see(
        self,
        seconds: float,
        said: Sequence[Detection],
        texts: Callable[[Box], str | None] = lambda _: None,
        condition: Condition = GOOD,
        *,
        sure: float = 0.97,
    ) -> Told:
        tracked = self.tracker.step(at(seconds), self.frame, said)
        plates = [t for t in tracked.live if t.kind == "plate" and t.last_seen == at(seconds)]
        looks = {
            t.id: [read(text, seconds, self.frame, t.box, sure)]
            for t in plates
            if (text := texts(t.box)) is not None
        }
        conditions = {t.id: condition for t in plates}
        return self._tell(seconds, tracked, looks, conditions)

    def rest(self, seconds: float) -> Told:
        return self._tell(seconds, self.tracker.rest(at(seconds), self.frame), {}, {})

    def _tell(
        self,
        seconds: float,
        tracked: Tracked,
        looks: Mapping[int, Sequence[Look]],
        conditions: Mapping[int, Condition],
    ) -> Told:
        told = self.passages.step(Seen(at(seconds), tracked, self.width, looks, conditions))
        self.told.append(told)
        self.frame += 1
        return told

    def drive(
        self,
        drivers: Sequence[Driver],
        seconds: float,
        faults: Faults = Faults(tremble=0.01),  # noqa: B008  # frozen, so shared safely
        *,
        plates: Mapping[int, str] | None = None,
        seed: int = 1,
        sure: float = 0.97,
    ) -> list[Passage]:
        """Return every passage that ended, those still open at the end of all among them."""
        times = [i / self.rate for i in range(round(seconds * self.rate))]
        names = plates or {}
        for moment, said, truth in pictures(drivers, times, faults, Random(seed)):  # noqa: S311  # seeded, no secret
            mounted = {plate_of(truth[i]): text for i, text in names.items() if i in truth}
            visible = [
                Detection(box, "plate", 0.8)
                for box in mounted
                if min(box.left, box.top, 1 - box.right, 1 - box.bottom) > 0
            ]

            def text(box: Box, mounted: Mapping[Box, str] = mounted) -> str | None:
                if self.frame % 4:
                    return None  # only some crops are read
                return next((t for b, t in mounted.items() if b.iou(box) > 0.5), None)

            self.see(moment, [*said, *visible], text, sure=sure)
        return self.ended()

    def ended(self) -> list[Passage]:
        self.told.append(self.passages.finish())
        return [p for told in self.told for p in told.ended]


def only(passages: Sequence[Passage]) -> Passage:
    assert len(passages) == 1, passages
    return passages[0]


def test_a_car_that_drives_through_came_by_one_border_and_left_by_the_other() -> None:
    run = Run()
    car = Driver(straight((-0.2, 0.5), (0.25, 0.0)))
    passage = only(run.drive([car], 8, plates={0: "ABC1234"}))
    assert (passage.came_by, passage.left_by) == ("left", "right")
    assert passage.moved
    assert passage.went_length
    assert passage.ended
    assert passage.vehicle == "car"
    assert passage.stood_first is None
    assert passage.stood_last is None
    assert {look.reading.text for look in passage.looks} == {"ABC1234"}
    assert passage.no_plate is None
    assert passage.best_frame in {look.frame for look in passage.looks}


@pytest.mark.parametrize("fast", [0.05, 0.2, 0.8])
@pytest.mark.parametrize(
    ("start", "across", "came", "left"),
    [
        ((-0.2, 0.5), (1, 0), "left", "right"),
        ((1.2, 0.4), (-1, 0), "right", "left"),
        ((0.5, -0.2), (0, 1), "top", "bottom"),
        ((0.4, 1.2), (0, -1), "bottom", "top"),
        ((-0.1, 0.7), (1, 0.7), "left", "bottom"),
    ],
)
def test_every_border_is_told_at_every_speed(
    start: tuple[float, float],
    across: tuple[float, float],
    came: Border,
    left: Border,
    fast: float,
) -> None:
    car = Driver(straight(start, (across[0] * fast, across[1] * fast)), width=0.22, height=0.2)
    passage = only(Run().drive([car], 2 + 1.5 / fast))
    assert (passage.came_by, passage.left_by) == (came, left)


@pytest.mark.parametrize("fast", [0.2, 0.5, 0.8])
def test_a_car_that_is_found_only_when_it_is_whole_came_by_that_border_all_the_same(
    fast: float,
) -> None:
    car = Driver(straight((-0.2, 0.5), (fast, 0.0)), visible=0.99)
    passage = only(Run(rate=7).drive([car], 2 + 1.5 / fast))
    assert (passage.came_by, passage.left_by) == ("left", "right")


def test_a_car_first_seen_in_the_middle_came_by_no_border() -> None:
    car = Driver(straight((0.4, 0.5), (0.2, 0.0)))
    passage = only(Run().drive([car], 6))
    assert (passage.came_by, passage.left_by) == (None, "right")
    assert not passage.went_length


def test_a_car_in_view_when_the_recording_ends_has_not_left() -> None:
    car = Driver(straight((-0.2, 0.5), (0.25, 0.0)))
    passage = only(Run().drive([car], 2.5))
    assert (passage.came_by, passage.left_by) == ("left", None)
    assert passage.ended


def test_a_car_along_the_lower_border_came_by_the_side_and_not_from_below() -> None:
    car = Driver(straight((-0.2, 0.95), (0.2, 0.0)), width=0.3, height=0.3)
    passage = only(Run().drive([car], 8))
    assert (passage.came_by, passage.left_by) == ("left", "right")


def turning(until: float) -> Path:
    """Comes in from the left until that time and goes back as it came."""

    def path(t: float) -> tuple[float, float]:
        return -0.2 + 0.2 * (t if t < until else 2 * until - t), 0.5

    return path


@pytest.mark.parametrize(("until", "went"), [(1.2, False), (3.0, True)])
def test_a_car_that_turns_back_has_gone_its_own_length_or_not(until: float, went: bool) -> None:
    passage = only(Run().drive([Driver(turning(until))], 2 * until + 3))
    assert (passage.came_by, passage.left_by) == ("left", "left")
    assert passage.went_length is went


def test_a_parked_car_never_moved_and_stood_where_it_is() -> None:
    car = Driver(straight((0.5, 0.5), (0.0, 0.0)))
    passage = only(Run().drive([car], 20, Faults(tremble=0.02, misses=0.2)))
    assert not passage.moved
    assert passage.stood_first is not None
    assert passage.stood_last is not None
    assert passage.stood_first.iou(passage.stood_last) > 0.8
    assert (passage.came_by, passage.left_by) == (None, None)


def test_a_car_parked_in_view_that_leaves_stood_first_and_left() -> None:
    car = Driver(lambda t: (0.4 + 0.25 * max(0.0, t - 3), 0.5))
    passage = only(Run().drive([car], 8))
    assert passage.stood_first is not None
    assert passage.stood_first.iou(Box(0.3, 0.425, 0.5, 0.575)) > 0.8
    assert passage.stood_last is None
    assert (passage.came_by, passage.left_by, passage.moved) == (None, "right", True)


def test_one_wrong_box_does_not_make_a_parked_car_move() -> None:
    run = Run()
    right, wrong = Box(0.4, 0.4, 0.6, 0.6), Box(0.4, 0.3, 0.7, 0.6)
    for i in range(40):
        box = wrong if i in (3, 20) else right
        run.see(i / 10, [Detection(box, "car", 0.9)])
    passage = only(run.ended())
    assert not passage.moved
    assert passage.stood_first is not None
    assert passage.stood_first == passage.stood_last


def test_a_car_that_comes_to_park_stood_last_only() -> None:
    car = Driver(lambda t: (-0.2 + 0.25 * min(t, 3.0), 0.5))
    passage = only(Run().drive([car], 8))
    assert passage.stood_first is None
    assert passage.stood_last is not None
    assert passage.stood_last.iou(Box(0.45, 0.425, 0.65, 0.575)) > 0.8
    assert (passage.came_by, passage.left_by) == ("left", None)


def test_a_car_that_waits_two_minutes_at_the_barrier_is_one_passage() -> None:
    def path(t: float) -> tuple[float, float]:
        return -0.2 + 0.2 * (min(t, 3.5) + max(0.0, t - 123.5)), 0.5

    run = Run(rate=5)
    passage = only(run.drive([Driver(path)], 130, Faults(0.02, misses=0.1), plates={0: "ABC1234"}))
    assert (passage.came_by, passage.left_by) == ("left", "right")
    assert passage.moved
    assert passage.stood_first is None
    assert len(passage.looks) == 10


def test_a_car_that_waits_while_nothing_moves_stands_and_goes_on() -> None:
    run = Run()
    box = Box(0.4, 0.4, 0.6, 0.6)
    for i in range(20):
        run.see(i / 10, [Detection(box, "car", 0.9)])
    for i in range(1, 60):
        (passage,) = run.rest(2.0 + i).open
    assert passage.last_seen == at(61.0)
    assert passage.stood_last == box
    assert not passage.moved


def test_a_van_that_hides_a_waiting_car_makes_two_passages_that_stand_in_one_place() -> None:
    def arriving(t: float) -> tuple[float, float]:
        return min(-0.2 + 0.3 * t, 0.5), 0.4

    run = Run()
    random = Random(3)  # noqa: S311  # seeded, no secret
    waiting = Driver(arriving)
    van = Driver(lambda t: (1.3 - 0.15 * (t - 8), 0.5), width=0.5, height=0.55, first=8)
    for i in range(250):
        seconds = i / 10
        (_, said, truth) = next(pictures([waiting, van], [seconds], Faults(0.01), random))
        if 1 in truth and 0 in truth:
            car, before = truth[0], truth[1]
            said = [d for d in said if d.box.iou(before) > 0.5]
            if before.right < car.right:  # it uncovers the car from the right
                seen = Box(max(before.right, car.left), car.top, car.right, car.bottom)
            else:
                seen = Box(car.left, car.top, min(before.left, car.right), car.bottom)
            if seen.width > 0.3 * car.width:
                said.append(Detection(seen, "car", 0.8))
        run.see(seconds, said)
    cars = sorted(
        (p for p in run.ended() if p.came_by != "right"), key=lambda p: (p.first_seen, p.id)
    )
    assert len(cars) == 2
    first, second = cars
    assert first.came_by == "left"
    assert first.left_by is None
    assert first.stood_last is not None
    assert second.stood_first is not None
    assert first.stood_last.iou(second.stood_first) >= 0.5


LANES = (
    Lane("in", ((0.0, 0.3), (1.0, 0.3), (1.0, 0.6), (0.0, 0.6)), ((0.0, 0.45), (1.0, 0.45))),
    Lane("far", ((0.0, 0.0), (1.0, 0.0), (1.0, 0.1), (0.0, 0.1)), ((0.0, 0.05), (1.0, 0.05))),
)


@pytest.mark.parametrize(
    ("start", "across", "lane"),
    [
        ((-0.2, 0.4), (0.2, 0.0), ("in", "along")),
        ((1.2, 0.4), (-0.2, 0.0), ("in", "against")),
        ((0.5, -0.2), (0.0, 0.2), ("in", "touched")),
        ((-0.2, 0.8), (0.2, 0.0), None),
    ],
)
def test_a_lane_is_used_along_its_arrow_against_it_or_only_touched(
    start: tuple[float, float], across: tuple[float, float], lane: tuple[str, str] | None
) -> None:
    run = Run(Camera("north", lanes=LANES))
    passage = only(run.drive([Driver(straight(start, across))], 8))
    used = passage.lane
    assert (used and (used.name, used.how)) == lane


def test_what_is_never_in_the_region_of_interest_is_no_passage() -> None:
    region = ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0))
    cars = [
        Driver(straight((-0.2, 0.2), (0.2, 0.0))),
        Driver(straight((-0.2, 0.7), (0.2, 0.0))),
    ]
    passage = only(Run(Camera("north", region=region)).drive(cars, 8))
    assert passage.moved


def unread(
    box: Box, said: Condition | None, *, covered: bool = False, width: int = 1920
) -> Passage:
    run = Run(width=width)
    for i in range(10):
        detections = [Detection(box, "car", 0.9)]
        if said is not None:
            detections.append(Detection(plate_of(box), "plate", 0.8))
        if covered:
            before = Box(box.left, box.top + 0.3 * box.height, box.right, box.bottom + 0.15)
            detections.append(Detection(before, "truck", 0.95))
        run.see(i / 10, detections, condition=said or GOOD)
    return min(
        run.ended(), key=lambda p: abs(p.stood_last.bottom - box.bottom) if p.stood_last else 1
    )


NEAR, FAR = Box(0.3, 0.3, 0.7, 0.7), Box(0.4, 0.4, 0.45, 0.44)


@pytest.mark.parametrize(
    ("box", "condition", "why", "legible"),
    [
        (NEAR, None, "none_found", True),
        (FAR, None, "too_small", False),
        (NEAR, Condition(100, 0.05, 120), "blurred", True),
        (NEAR, Condition(100, 1.0, 10), "dark", True),
        (FAR, Condition(16, 1.0, 120), "too_small", False),
        (NEAR, GOOD, "hidden", True),  # nothing is wrong with the crop, and nothing is read
    ],
)
def test_a_vehicle_that_was_not_read_says_why(
    box: Box, condition: Condition | None, why: str, legible: bool
) -> None:
    passage = unread(box, condition)
    assert passage.looks == ()
    assert (passage.no_plate, passage.legible) == (why, legible)


def test_a_text_that_is_hardly_likely_is_no_reading() -> None:
    car = Driver(straight((-0.2, 0.5), (0.25, 0.0)))
    doubtful = only(Run().drive([car], 8, plates={0: "ABC1234"}, sure=0.05))
    assert (doubtful.looks, doubtful.no_plate) == ((), "hidden")
    weak = only(Run().drive([car], 8, plates={0: "ABC1234"}, sure=0.85))
    assert weak.looks


def test_a_vehicle_behind_another_is_hidden() -> None:
    assert unread(NEAR, None, covered=True).no_plate == "hidden"


def test_a_plate_on_no_vehicle_is_a_passage_without_one_once_it_was_read() -> None:
    run = Run()
    box = Box(0.4, 0.5, 0.45, 0.52)
    for i in range(20):
        run.see(i / 10, [Detection(box, "plate", 0.8)], lambda _: "PHONE12")
    passage = only(run.ended())
    assert passage.vehicle is None
    assert not passage.moved
    assert passage.looks
    run = Run()
    for i in range(20):
        run.see(i / 10, [Detection(box, "plate", 0.8)])
    assert run.ended() == []


@pytest.mark.parametrize(("sure", "told"), [(0.8, 0), (0.995, 1)])
def test_a_plate_alone_seen_once_is_told_only_if_it_was_read_strongly(
    sure: float, told: int
) -> None:
    run = Run()
    run.see(
        0.0, [Detection(Box(0.4, 0.5, 0.45, 0.52), "plate", 0.8)], lambda _: "ABC1234", sure=sure
    )
    for i in range(1, 10):
        run.see(i / 10, [])
    assert len(run.ended()) == told


def test_a_sign_gives_no_car_that_passes_its_text() -> None:
    run = Run()
    sign = Box(0.48, 0.54, 0.51, 0.56)
    car = Driver(straight((-0.2, 0.5), (0.2, 0.0), since=3.0), first=3.0)
    for i in range(110):
        said = [Detection(sign, "plate", 0.7)]
        if (box := car.box(i / 10)) is not None:
            said += [Detection(box, "car", 0.9), Detection(plate_of(box), "plate", 0.8)]
        run.see(i / 10, said, lambda b: "STOP" if b.iou(sign) > 0.5 else "ABC1234")
    passages = sorted(run.ended(), key=lambda p: p.first_seen)
    texts = [{look.reading.text for look in p.looks} for p in passages]
    assert [(p.vehicle, t) for p, t in zip(passages, texts, strict=True)] == [
        (None, {"STOP"}),
        ("car", {"ABC1234"}),
    ]
    assert passages[1].others == ()
    assert passages[1].first_seen > at(3)


def test_a_plate_found_before_its_vehicle_is_not_told_twice() -> None:
    run = Run()
    car = Box(0.3, 0.3, 0.6, 0.6)
    for i in range(30):
        said = [Detection(plate_of(car), "plate", 0.8)]
        said += [Detection(car, "car", 0.9)] if i > 5 else []
        run.see(i / 10, said, lambda _: "ABC1234")
    passage = only(run.ended())
    assert passage.vehicle == "car"
    assert passage.first_seen == at(0)


def test_a_trailer_s_plate_is_another_plate_of_the_same_passage() -> None:
    run = Run()
    for i in range(20):
        x = 0.02 * i
        rig = Box(0.05 + x, 0.3, 0.6 + x, 0.7)
        own = Box(0.1 + x, 0.6, 0.18 + x, 0.63)
        trailer = Box(0.45 + x, 0.6, 0.51 + x, 0.63)
        said = [Detection(rig, "truck", 0.9)]
        said += [Detection(box, "plate", 0.8) for box in (own, trailer)]

        def text(box: Box, own: Box = own) -> str:
            return "TRK1234" if box.iou(own) > 0.5 else "TRL5678"

        run.see(i / 10, said, text)
    passage = only(run.ended())
    texts = {look.reading.text for look in passage.looks}
    assert len(texts) == 1
    others = [plate for plate, _ in passage.others]
    assert texts | set(others) == {"TRK1234", "TRL5678"}
    assert all(confidence >= 0.9 for _, confidence in passage.others)


def test_a_plate_lost_for_a_while_is_still_one_plate() -> None:
    run = Run()
    car = Box(0.3, 0.3, 0.6, 0.6)
    for i in range(60):
        said = [Detection(car, "car", 0.9)]
        said += [Detection(plate_of(car), "plate", 0.8)] if not 15 < i < 50 else []
        run.see(i / 10, said, lambda _: "ABC1234")
    passage = only(run.ended())
    assert passage.others == ()
    assert len({look.reading.text for look in passage.looks}) == 1


def test_a_plate_that_is_lost_all_day_long_takes_no_more_room() -> None:
    run = Run()
    car = Box(0.3, 0.3, 0.6, 0.6)
    numbers = set()
    for i in range(40):
        for j in range(4):
            said = [Detection(car, "car", 0.9), Detection(plate_of(car), "plate", 0.8)]
            run.see(15 * i + j / 10, said, lambda _: "ABC1234")
            numbers |= {t.id for t in run.tracker.rest(at(15 * i + j / 10), 0).live}
        for j in range(4, 60):
            run.see(15 * i + j / 10, [Detection(car, "car", 0.9)])
        run.rest(15 * i + 14.9)
    assert len(numbers) > 40
    (passing,) = run.passages._passing.values()
    assert len(passing.plates) <= PLATES_MOST + 1
    assert only(run.ended()).others == ()


def test_the_cab_within_a_truck_is_no_vehicle_of_its_own() -> None:
    run = Run()
    for i in range(30):
        x = -0.1 + 0.03 * i
        truck = Box(0.0 + x, 0.2, 0.6 + x, 0.7)
        cab = Box(0.42 + x, 0.3, 0.6 + x, 0.7)
        said = [Detection(truck, "truck", 0.9), Detection(cab, "car", 0.6)]
        said.append(Detection(plate_of(cab), "plate", 0.8))
        run.see(i / 10, said, lambda _: "TRK1234")
    passage = only(run.ended())
    assert passage.vehicle == "truck"
    assert {look.reading.text for look in passage.looks} == {"TRK1234"}


def test_a_car_that_passes_before_a_bus_is_a_vehicle_of_its_own() -> None:
    bus = Driver(straight((0.5, 0.45), (0.0, 0.0)), width=0.7, height=0.5, kind="bus")
    car = Driver(straight((-0.1, 0.55), (0.2, 0.0)), width=0.2, height=0.2)
    passages = Run().drive([bus, car], 8, plates={1: "ABC1234"})
    assert sorted(str(p.vehicle) for p in passages) == ["bus", "car"]


def test_ids_are_unique_and_the_same_in_every_replay() -> None:
    cars = [Driver(straight((-0.2, 0.2 + 0.3 * i), (0.1 + 0.05 * i, 0.0))) for i in range(3)]
    one, again = (Run().drive(cars, 12, Faults(0.02, 0.1, 0.1, 0.05), seed=7) for _ in range(2))
    assert one == again
    assert len({p.id for p in one}) == len(one)
    assert all(p.id.startswith("p-") for p in one)


@settings(deadline=None, max_examples=20, report_multiple_bugs=False)
@given(
    st.lists(st.tuples(st.floats(0.05, 0.4), st.booleans(), st.floats(0, 3)), max_size=3),
    st.integers(0, 10_000),
)
def test_what_is_open_ends_once_under_its_id_and_never_shrinks(
    lanes: list[tuple[float, bool, float]], seed: int
) -> None:
    cars = []
    for i, (speed, leftward, first) in enumerate(lanes):
        start, across = (1.15, -speed) if leftward else (-0.15, speed)
        path = straight((start, 0.15 + 0.3 * i), (across, 0.0), since=first)
        cars.append(Driver(path, width=0.18, height=0.16, first=first))
    run = Run()
    faults = Faults(0.02, 0.1, 0.1, 0.05)
    names = {i: f"ABC{i}234" for i in range(len(cars))}
    ended = run.drive(cars, 9, faults, plates=names, seed=seed)
    assert len({p.id for p in ended}) == len(ended)
    last: dict[str, Passage] = {}
    for told in run.told:
        for passage in (*told.open, *told.ended):
            before = last.get(passage.id)
            if before is not None:
                assert not before.ended
                assert passage.first_seen <= before.first_seen
                assert passage.last_seen >= before.last_seen
                assert passage.moved or not before.moved
            assert passage.left_by is None or passage.ended
            assert passage.first_seen <= passage.last_seen
            assert len(passage.looks) <= 10
            last[passage.id] = passage
    assert all(p.ended for p in last.values())


@settings(deadline=None, max_examples=25)
@given(
    st.floats(0.05, 0.5),
    st.floats(0.1, 0.3),
    st.sampled_from(["left", "right", "top", "bottom"]),
    st.floats(0.0, 0.02),
    st.integers(0, 10_000),
)
def test_a_car_that_crosses_the_picture_came_by_one_side_and_left_by_the_opposite(
    speed: float, size: float, side: Border, tremble: float, seed: int
) -> None:
    starts: dict[Border, tuple[tuple[float, float], tuple[float, float]]] = {
        "left": ((-0.2, 0.5), (speed, 0.0)),
        "right": ((1.2, 0.5), (-speed, 0.0)),
        "top": ((0.5, -0.2), (0.0, speed)),
        "bottom": ((0.5, 1.2), (0.0, -speed)),
    }
    opposite: dict[Border, Border] = {
        "left": "right",
        "right": "left",
        "top": "bottom",
        "bottom": "top",
    }
    car = Driver(straight(*starts[side]), width=size, height=size)
    passage = only(Run().drive([car], 2 + 1.5 / speed, Faults(tremble), seed=seed))
    assert (passage.came_by, passage.left_by) == (side, opposite[side])
    assert passage.moved
    assert passage.went_length
