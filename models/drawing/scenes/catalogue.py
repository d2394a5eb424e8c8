"""The named scenes, each with the events that a right gate makes of it.

Times are chosen so that a scene shows its case and no more: a test decodes every frame.
Unless a scene says otherwise the camera looks out over the drive to the street: cars come
in from the street's left and leave the picture at the bottom; they go out the other way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from models.drawing.scenes.camera import Mount
from models.drawing.scenes.cast import (
    STREET,
    WAY_IN,
    WAY_OUT,
    Cast,
    Way,
    stop_metres,
    stopping,
    through,
)
from models.drawing.scenes.ground import Site
from models.drawing.scenes.light import Condition
from models.drawing.scenes.movement import Drive, length
from models.drawing.scenes.values import Actor, EventKind, Expected, Scene, Sign, Sticker, View

GATE = Mount(height=2.8, lateral=0.0, down=9.5, right=0.0, view=32.0)
_WIDE = Mount(height=2.6, lateral=0.0, down=12.0, right=0.0, view=40.0)
_VIEW = View("gate", GATE)
_LINE = 8.7  # where a nose stands at the barrier
_ROLL = 3.4  # metres a second on the drive: 12 km/h


def scene(
    name: str, condition: Condition = "day", seed: int = 0,
    size: tuple[int, int] = (1280, 720), fps: float = 15.0,
) -> Scene:  # fmt: skip
    """Return the named scene; the same arguments give the same scene. KeyError: no such name."""
    made = SCENES[name](Cast(np.random.default_rng([seed, *name.encode()])))
    return replace(made, name=name, condition=condition, seed=seed, size=size, fps=fps)


def names() -> tuple[str, ...]:
    return tuple(SCENES)


def _made(seconds: float, actors: list[Actor], expected: list[Expected]) -> Scene:
    return Scene(
        "", "day", 0, (1280, 720), 15.0, seconds, (_VIEW,), Site(), tuple(actors), tuple(expected)
    )


def _event(kind: EventKind, actors: list[Actor], actor: int, *, unread: bool = False) -> Expected:
    one = actors[actor]
    plate = (one.front or one.rear) if kind != "exit" else (one.rear or one.front)
    return Expected(kind, None if unread or plate is None else plate.text, actor, "gate")


def _waiting(at: float, model: str, seconds: float, nose: float = _LINE, way: Way = WAY_IN
             ) -> Drive:  # fmt: skip
    return stopping(way, at, _ROLL, ((stop_metres(way, nose, model), seconds),))


def _open_after(drive: Drive) -> tuple[tuple[float, float], ...]:
    """Let the barrier rise a second before the car drives on from its last stop."""
    begins = drive.knots[-2][0]
    return ((begins - 1.5, begins + 7.0),)


def _single_entry(cast: Cast) -> Scene:
    model = cast.model()
    car = cast.car(_waiting(-1.0, model, 3.0), model)
    return replace(_made(22, [car], [_event("entry", [car], 0)]), barrier=_open_after(car.drive))


def _single_exit(cast: Cast) -> Scene:
    car = cast.car(through(WAY_OUT, 0.0, _ROLL))
    return _made(14, [car], [_event("exit", [car], 0)])


def _entry_and_exit(cast: Cast) -> Scene:
    car = cast.car(through(WAY_IN, -1.0, _ROLL))
    cars = [car, cast.again(car, through(WAY_OUT, 46.0, _ROLL))]
    return _made(60, cars, [_event("entry", cars, 0), _event("exit", cars, 1)])


def _in_and_out_quickly(cast: Cast) -> Scene:
    """In and out within the window of 30 seconds: the ways differ, so these are two events."""
    car = cast.car(through(WAY_IN, -1.0, 4.2))
    cars = [car, cast.again(car, through(WAY_OUT, 12.0, 4.2))]
    return _made(25, cars, [_event("entry", cars, 0), _event("exit", cars, 1)])


_QUEUE_STEP = 6.6  # metres from nose to nose
_SERVED = 9.0  # seconds for each car at the line


def _queue(cast: Cast) -> Scene:
    """Four cars come at once; each waits at the line, those behind move up."""
    cars = []
    for number in range(4):
        model = cast.model()
        line = stop_metres(WAY_IN, _LINE, model)
        cars.append(cast.car(_moving_up(number, line), model))
    opened = tuple((12.0 + _SERVED * n, 16.5 + _SERVED * n) for n in range(4))
    events = [_event("entry", cars, number) for number in range(4)]
    return replace(_made(50, cars, events), barrier=opened)


def _moving_up(number: int, line: float) -> Drive:
    """Return the drive of the car that is this far back: it stands in up to three places."""
    places = range(min(number, 2), -1, -1)  # a fourth waits in the street, out of the picture
    begins = -1.0 + 2.6 * min(number, 2) + (_SERVED if number > 2 else 0.0)
    knots = [(begins, 0.0)]
    for place in places:
        metres = line - _QUEUE_STEP * place
        leaves = 13.5 + _SERVED * (number - place) + 0.9 * place
        reached = knots[-1][0] + (metres - knots[-1][1]) / _ROLL * 1.3
        knots += [(reached, metres), (max(reached + 0.5, leaves), metres)]
    whole = length(WAY_IN)
    rest = (whole - knots[-1][1]) / _ROLL * 1.4
    return Drive(WAY_IN, (*knots, (knots[-1][0] + rest, whole)))


def _tailgating(cast: Cast) -> Scene:
    """The second car slips through behind the first, closer than its own length."""
    first = cast.car(_waiting(-1.0, "sedan", 3.0), "sedan")
    stops = stop_metres(WAY_IN, _LINE, "suv") - 6.0
    held = first.drive.knots[-2][0] + 0.4
    knots = ((0.6, 0.0), (held - 2.2, stops), (held, stops))
    whole = length(WAY_IN)
    drive = Drive(WAY_IN, (*knots, (first.drive.knots[-1][0] + 1.9, whole)))
    cars = [first, cast.car(drive, "suv")]
    events = [_event("entry", cars, 0), _event("entry", cars, 1)]
    return replace(_made(26, cars, events), barrier=_open_after(first.drive))


def _waits_two_minutes(cast: Cast) -> Scene:
    model = cast.model()
    car = cast.car(_waiting(-1.0, model, 123.0), model)
    return replace(_made(145, [car], [_event("entry", [car], 0)]), barrier=_open_after(car.drive))


def _hidden_by_van(cast: Cast) -> Scene:
    """A waiting car is hidden for a minute by a van that stands before it on its way out."""
    model = "sedan"
    car = cast.car(_waiting(-2.0, model, 84.0, nose=14.4), model)
    way: Way = (
        (0.4, -9),
        (-0.8, 2),
        (-0.9, 8.4),
        (-0.2, 11),
        (1.3, 14),
        (1.5, 22),
        (5, 23.4),
        (19, 23.4),
    )
    stands = (18.2, 62.0)
    van = cast.car(stopping(way, 9.0, 3.0, (stands,)), "van")
    cars = [car, van]
    return _made(112, cars, [_event("exit", cars, 1), _event("entry", cars, 0)])


_BAY: Way = ((-17, 23.4), (-4, 23.4), (-0.6, 22.4), (0.2, 18), (1.3, 14.5), (1.3, 10.7))


def _parks_in_view(cast: Cast) -> Scene:
    """In from the street, a minute in a bay before the camera, backwards out as it came."""
    whole = length(_BAY)
    knots = ((-1.0, 0.0), (11.0, whole), (71.0, whole), (84.0, 0.0))
    car = cast.car(Drive(_BAY, knots), "hatch")
    return _made(86, [car], [_event("entry", [car], 0), _event("exit", [car], 0)])


def _parked_throughout(cast: Cast) -> Scene:
    whole = length(_BAY)
    car = cast.car(Drive(_BAY, ((-2.0, whole), (-1.0, whole))), "hatch")
    return _made(30, [car], [_event("seen", [car], 0)])


def _two_lanes(cast: Cast) -> Scene:
    """Two lanes that both lead in; cars side by side."""
    lanes = (-1.15, 1.15)
    ways = [((-20.0, 23.4), (-6.0, 23.4), (x, 22.8), (x, 17.0), (x, -9.0)) for x in lanes]
    cars = [
        cast.car(_waiting(-1.0, "suv", 5.0, 6.8, ways[1]), "suv"),
        cast.car(_waiting(2.0, "sedan", 2.5, 6.8, ways[0]), "sedan"),
        cast.car(_waiting(10.0, "hatch", 1.0, 6.8, ways[0]), "hatch"),
    ]
    events = [_event("entry", cars, number) for number in range(3)]
    site = Site(drive=(-2.9, 2.9), lanes=(0.0,), stop_line=6.3)
    return replace(_made(31, cars, events), site=site, views=(View("gate", _WIDE),))


def _truck_without_plate(cast: Cast) -> Scene:
    truck = cast.bare(through(WAY_IN, -1.0, 2.8), "truck")
    return _made(18, [truck], [_event("entry", [truck], 0)])


def _muddy_plate(cast: Cast) -> Scene:
    clean = cast.plate()
    plate = replace(clean, covered=0.92)
    car = cast.bare(_waiting(-1.0, "pickup", 2.0), "pickup", front=plate, rear=plate)
    made = _made(22, [car], [_event("entry", [car], 0, unread=True)])
    return replace(made, barrier=_open_after(car.drive))


def _stickers(cast: Cast) -> Scene:
    """A car and a van full of words and numbers that are no plates."""
    phone = f"{cast.rng.integers(200, 999)}-555-{cast.rng.integers(1000, 9999)}"
    stickers = (
        Sticker("HONK 4 TACOS", "rear", 0.42, (30, 30, 30)),
        Sticker("BABY 1", "front", 0.2, (40, 200, 240), (20, 20, 20)),
    )
    painted = (
        Sticker(phone, "side", 1.9, (60, 120, 20)),
        Sticker(phone, "rear", 0.7, (60, 120, 20)),
        Sticker("CALL " + phone, "front", 0.62, (60, 120, 20)),
    )
    car = replace(cast.car(through(WAY_IN, -1.0, _ROLL), "sedan"), stickers=stickers)
    van = replace(cast.car(through(WAY_IN, 9.0, _ROLL), "van"), stickers=painted)
    out = cast.again(car, through(WAY_OUT, 40.0, _ROLL))
    cars = [car, van, out]
    events = [_event("entry", cars, 0), _event("entry", cars, 1), _event("exit", cars, 2)]
    return _made(54, cars, events)


def _signs(cast: Cast) -> Scene:
    car = cast.car(through(WAY_IN, -1.0, _ROLL))
    signs = (
        Sign("LOT 24H", 3.3, 15.0, 1.5, 1.2),
        Sign("TOW 5551234", -4.0, 16.0, 1.0, 0.9),
        Sign("MAX 10", 3.2, 11.5, 0.9, 0.6),
    )
    return replace(_made(16, [car], [_event("entry", [car], 0)]), signs=signs)


def _turns_back(cast: Cast) -> Scene:
    """Comes to the barrier, is not let in, backs out by the way it came."""
    stop = stop_metres(WAY_IN, _LINE, "sedan")
    knots = ((-1.0, 0.0), (10.0, stop), (16.0, stop), (29.0, 0.0))
    car = cast.car(Drive(WAY_IN, knots), "sedan")
    events = [_event("entry", [car], 0), _event("exit", [car], 0)]
    return replace(_made(31, [car], events), barrier=())


def _motorcycle(cast: Cast) -> Scene:
    plate = cast.plate()
    rider = cast.bare(through(WAY_OUT, 0.0, _ROLL), "motorcycle", rear=plate)
    return _made(14, [rider], [_event("exit", [rider], 0)])


def _trailer(cast: Cast) -> Scene:
    """Out with a low trailer that has a plate of its own: one event, two plates."""
    car = cast.car(through(WAY_OUT, 0.0, 2.6), "suv")
    own = cast.plate()
    trailer = replace(
        cast.bare(car.drive, "trailer", rear=own), towed_by=0, behind=4.4, paint=(190, 190, 188)
    )
    event = replace(_event("exit", [car], 0), others=(own.text,))
    return _made(19, [car, trailer], [event])


def _idle(cast: Cast) -> Scene:
    return _made(60, [], [])


def _street_traffic(cast: Cast) -> Scene:
    """Cars that pass in the street behind the gate, and one that comes in."""
    cars = [cast.car(through(STREET, at, 7.0)) for at in (0.0, 4.0, 16.0)]
    cars.append(cast.car(through(WAY_IN, 8.0, _ROLL)))
    return _made(24, cars, [_event("entry", cars, 3)])


def _foreign_plates(cast: Cast) -> Scene:
    regions = ("eu", "gb", "br", "ar", "in")
    cars = [
        cast.car(through(WAY_IN, n * 8.0 - 1.0, _ROLL), region=region)
        for n, region in enumerate(regions)
    ]
    return _made(48, cars, [_event("entry", cars, n) for n in range(len(cars))])


def _fast(cast: Cast) -> Scene:
    car = cast.car(through(WAY_IN, 0.0, 7.5))
    return _made(7, [car], [_event("entry", [car], 0)])


def _two_cameras(cast: Cast) -> Scene:
    """One camera over each lane, with a role: in under the one, twenty seconds later out."""
    car = cast.car(through(WAY_IN, -1.0, _ROLL))
    cars = [car, cast.again(car, through(WAY_OUT, 24.0, _ROLL))]
    entry = View("in", Mount(2.8, -1.4, 12.0, -2.0, 22.0), role="entry")
    leaving = View("out", Mount(2.8, 1.4, 12.0, 2.0, 22.0), role="exit")
    events = [
        replace(_event("entry", cars, 0), view="in"),
        replace(_event("exit", cars, 1), view="out"),
    ]
    return replace(_made(38, cars, events), views=(entry, leaving))


def _gate_fifth(cast: Cast) -> Scene:
    """A minute that is busy one fifth of the time: what the benchmarks run on."""
    cars = [
        cast.car(through(WAY_IN, 8.0, 4.4), "sedan"),
        cast.car(through(WAY_OUT, 38.0, 4.4), "suv"),
    ]
    return _made(60, cars, [_event("entry", cars, 0), _event("exit", cars, 1)])


def _busy(cast: Cast) -> Scene:
    """Half a minute that is never empty."""
    cars = []
    for number in range(6):
        way = WAY_IN if number % 2 == 0 else WAY_OUT
        cars.append(cast.car(through(way, number * 4.8 - 1.2, _ROLL)))
    kinds: list[EventKind] = ["entry" if n % 2 == 0 else "exit" for n in range(6)]
    return _made(32, cars, [_event(kind, cars, n) for n, kind in enumerate(kinds)])


SCENES: dict[str, Callable[[Cast], Scene]] = {
    "single-entry": _single_entry,
    "single-exit": _single_exit,
    "entry-and-exit": _entry_and_exit,
    "in-and-out-quickly": _in_and_out_quickly,
    "queue": _queue,
    "tailgating": _tailgating,
    "waits-two-minutes": _waits_two_minutes,
    "hidden-by-van": _hidden_by_van,
    "parks-in-view": _parks_in_view,
    "parked-throughout": _parked_throughout,
    "two-lanes": _two_lanes,
    "truck-without-plate": _truck_without_plate,
    "muddy-plate": _muddy_plate,
    "stickers": _stickers,
    "signs": _signs,
    "turns-back": _turns_back,
    "trailer": _trailer,
    "motorcycle": _motorcycle,
    "idle": _idle,
    "street-traffic": _street_traffic,
    "foreign-plates": _foreign_plates,
    "fast": _fast,
    "two-cameras": _two_cameras,
    "gate-fifth": _gate_fifth,
    "busy": _busy,
}


_OUT_OF_VIEW = 6.0  # seconds of a drive before it is seen and after, together


def passages_of(
    condition: Condition, count: int, seed: int = 0,
    size: tuple[int, int] = (1280, 720), fps: float = 15.0,
) -> tuple[Scene, ...]:  # fmt: skip
    """Return clips that hold this many passages of a condition together, half in and half out.

    At most six a clip, each of another car that comes when the one before has gone, so that a
    network sees little but vehicles: campaigns count passages, not minutes.
    """
    clips = []
    for number, first in enumerate(range(0, count, 6)):
        clip_seed = seed * 1000 + number
        cast = Cast(np.random.default_rng([clip_seed, 77]))
        cars: list[Actor] = []
        events = []
        for place in range(min(6, count - first)):
            comes = bool(cast.rng.random() < 0.5)
            speed = float(cast.rng.uniform(2.6, 4.4))
            way = WAY_IN if comes else WAY_OUT
            model = cast.model()
            at = cars[-1].drive.knots[-1][0] - _OUT_OF_VIEW if cars else -1.0
            drive = through(way, at, speed)
            if comes and cast.rng.random() < 0.4:
                drive = _waiting(at, model, float(cast.rng.uniform(0.5, 1.5)))
            cars.append(cast.car(drive, model))
            events.append(_event("entry" if comes else "exit", cars, place))
        ends = max(car.drive.knots[-1][0] for car in cars)
        made = replace(
            _made(ends + 0.5, cars, events), name=f"{condition}-{number:03d}",
            condition=condition, seed=clip_seed, size=size, fps=fps,
        )  # fmt: skip
        clips.append(made)
    return tuple(clips)
