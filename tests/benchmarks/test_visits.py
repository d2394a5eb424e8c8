"""What `benchmarks.visits` says of cars that nobody can tell from their opposite, held to be so."""

from __future__ import annotations

from random import Random

from benchmarks.visits import SCENES, there_before, words
from benchmarks.weeks import Crossing, Scene, _passage, drawn
from edge.values import Passage
from server.records.statements import KindCorrected
from server.visits.values import sighted


def passages(scene: Scene) -> tuple[Passage, Passage]:
    """Return how one car's entry and its exit at the same moment look to the camera."""
    crossings = Crossing("BCD1234", "entry", 30_000.0), Crossing("BCD1234", "exit", 30_000.0)
    entry, exit_ = (
        _passage("p1", one, scene, Random(7))  # noqa: S311 - both must be drawn alike
        for one in crossings
    )
    return entry, exit_


def test_where_no_border_is_seen_an_entry_and_an_exit_look_the_same() -> None:
    entry, exit_ = passages(SCENES["no borders seen"][0])
    assert entry == exit_
    entry, exit_ = passages(Scene(ways_seen=1.0))
    assert entry != exit_


def test_a_person_says_the_true_kind_of_one_crossing_of_each_car_that_was_there() -> None:
    weeks = drawn(Scene(weeks=0.5, ways_seen=0.0), seed=1)
    there = there_before(weeks.crossings)
    parts = [part for event in weeks.events if (part := sighted(event))]
    of_there = [part for part in parts if weeks.truth[part.id].car in there]
    said = [one.says for one in words(of_there, weeks)]
    assert there
    assert sorted(weeks.truth[one.event].car for one in said if isinstance(one, KindCorrected)) == (
        sorted({weeks.truth[part.id].car for part in of_there})
    )
    assert all(
        one.kind == weeks.truth[one.event].kind for one in said if isinstance(one, KindCorrected)
    )
