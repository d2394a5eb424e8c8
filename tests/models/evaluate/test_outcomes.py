"""What was found in one picture, held against what a person saw there."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.values import Box
from models.evaluate.outcomes import Found, Kind, Outcome, Wanted, folded, outcome

HERE, THERE = Box(0.1, 0.1, 0.3, 0.2), Box(0.6, 0.6, 0.8, 0.7)
LOOSE = Box(0.1, 0.1, 0.3, 0.12)  # a fifth of HERE
NARROWER = Box(0.1, 0.1, 0.3, 0.14)  # two fifths of HERE


def found(text: str, box: Box = HERE, score: float = 0.9) -> Found:
    return Found(box, score, text, 0.9 if text else 0.0, (0.9,) * len(text))


def of(wanted: list[Wanted], *seen: Found) -> Outcome:
    return outcome(wanted, seen, {})


@pytest.mark.parametrize(
    ("text", "seen", "kind"),
    [
        ("ABC1234", [found("ABC1234")], "right"),
        ("ABC1234", [found("ABC1234", THERE)], "right"),
        ("ABO1234", [found("AB0I234")], "look_alike"),
        ("ABC1234", [found("A8C1234")], "one_off"),
        ("ABC1234", [found("ABC123")], "one_off"),
        ("ABC1234", [found("A8C123")], "misread"),
        ("ABC1234", [found("XYZ9", THERE), found("ABC1234")], "other_plate"),
        ("ABC1234", [found("XYZ9", THERE), found("")], "other_plate"),
        ("ABC1234", [found("")], "unread"),
        ("ABC1234", [found("XYZ9", THERE)], "not_found"),
        ("ABC1234", [found("ABC1235", LOOSE)], "not_found"),
        ("ABC1234", [], "not_found"),
    ],
)
def test_what_one_plate_with_a_box_came_to(text: str, seen: list[Found], kind: Kind) -> None:
    (result,) = of([Wanted(text, HERE)], *seen).results
    assert result.kind == kind


@pytest.mark.parametrize(
    ("seen", "kind"),
    [
        ([found("ABC1234")], "right"),
        ([found("XYZ98")], "misread"),
        ([found("")], "unread"),
        ([], "not_found"),
    ],
)
def test_what_one_plate_without_a_box_came_to(seen: list[Found], kind: Kind) -> None:
    (result,) = of([Wanted("ABC1234", None)], *seen).results
    assert result.kind == kind
    assert (result.close, result.near) == (None, None)


def test_of_one_plate_the_answer_is_the_most_prominent_one_wherever_it_lies() -> None:
    (result,) = of([Wanted("ABC1234", HERE)], found("XYZ9", THERE), found("ABC1234")).results
    assert result.answer == found("XYZ9", THERE)
    assert not result.own


def test_of_several_plates_each_is_answered_in_its_own_box() -> None:
    wanted = [Wanted("ABC1234", HERE), Wanted("XYZ9", THERE)]
    first, second = of(wanted, found("XYZ9", THERE), found("ABC1235")).results
    assert first.answer == found("ABC1235")
    assert second.answer == found("XYZ9", THERE)


def test_of_several_plates_without_boxes_each_has_the_reading_nearest_to_it() -> None:
    wanted = [Wanted("ABC1234", None), Wanted("XYZ9", None), Wanted("KLM77", None)]
    seen = (found("XYZ8"), found("ABC1234", THERE), found("QQQQQ", NARROWER))
    results = of(wanted, *seen).results
    assert [r.answer and r.answer.text for r in results] == ["ABC1234", "XYZ8", None]


def test_a_plate_that_is_not_to_be_read_only_wants_to_be_found() -> None:
    wanted = [Wanted(None, THERE), Wanted("ABC1234", HERE)]
    result = of(wanted, found("SIGN", THERE), found("ABC1234"))
    assert result.results[0].kind is None
    assert result.results[0].near
    assert result.results[1].kind == "right"
    assert result.false == 0


def test_finding_is_counted_at_both_overlaps_whether_or_not_it_was_read() -> None:
    (result,) = of([Wanted("A1", HERE)], found("", NARROWER)).results
    assert (result.close, result.near) == (False, True)


def test_two_plates_need_two_finds() -> None:
    wanted = [Wanted("A1", HERE), Wanted("B2", Box(0.1, 0.1, 0.3, 0.21))]
    assert [r.near for r in of(wanted, found("A1")).results].count(True) == 1


@pytest.mark.parametrize(
    ("wanted", "seen", "false"),
    [
        (Wanted("ABC1234", HERE), [found("ABC1234"), found("XYZ9", THERE)], 1),
        (Wanted("ABC1234", HERE), [found("ABC1234"), found("", THERE)], 0),
        (Wanted("ABC1234", HERE), [found("A8C99"), found("ABC1234", NARROWER)], 0),
        (Wanted("ABC1234", HERE), [found("ABC1234", THERE)], 0),
        (Wanted("ABC1234", HERE), [found("XYZ9", THERE)], 1),
        (Wanted("ABC1234", None), [found("A8C99")], 0),
        (Wanted("ABC1234", None), [found("ABC1234"), found("XYZ9", THERE)], 1),
    ],
)
def test_a_reading_of_no_plate_of_the_picture_is_false(
    wanted: Wanted, seen: list[Found], false: int
) -> None:
    assert of([wanted], *seen).false == false


TEXTS = st.lists(st.text("AB01", min_size=1, max_size=4), min_size=1, max_size=5, unique=True)


def place(number: int) -> Box:
    return Box(number / 10, 0.1, number / 10 + 0.09, 0.2)


@given(TEXTS, st.booleans(), st.randoms())
def test_who_reads_every_plate_has_all_right_and_none_false(
    texts: list[str], boxed: bool, random: Random
) -> None:
    wanted = [Wanted(t, place(n) if boxed else None) for n, t in enumerate(texts)]
    seen = [found(t, place(n)) for n, t in enumerate(texts)]
    random.shuffle(seen)
    done = of(wanted, *seen)
    assert {r.kind for r in done.results} == {"right"}
    assert done.false == 0


@given(TEXTS, st.lists(st.text("AB01", max_size=4), max_size=5))
def test_no_reading_answers_for_two_plates(texts: list[str], read: list[str]) -> None:
    seen = [found(t, place(n)) for n, t in enumerate(read)]
    done = of([Wanted(t, None) for t in texts], *seen)
    answers = [id(r.answer) for r in done.results if r.answer is not None]
    assert len(answers) == len(set(answers))
    assert done.false <= sum(map(bool, read)) - len(answers)


def test_folding_is_the_two_pairs_that_dies_make_alike() -> None:
    assert folded("O0I1Q8B") == "0011Q8B"
