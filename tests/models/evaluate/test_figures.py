"""Shares with their chance error, and the two runs held against each other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.values import Box
from lot.errors import WrongUsage
from models.evaluate import table
from models.evaluate.answers import Answer, Paired, compared, save, saved
from models.evaluate.figures import Cost, Rate, Share, bins, cost, figures, worst_first
from models.evaluate.outcomes import Found, Wanted, outcome

HERE, THERE = Box(0.1, 0.1, 0.3, 0.2), Box(0.6, 0.6, 0.8, 0.7)
KEYS = [
    "pictures",
    "exact",
    "exact_folded",
    "within_one",
    "given_box_exact",
    "recall_50",
    "recall_30",
    "false_plates_per_picture",
    "ms_median",
    "ms_p95",
    "peak_mb",
]


def found(text: str, box: Box = HERE, sure: float = 0.9) -> Found:
    return Found(box, 0.9, text, sure if text else 0.0, (sure,) * len(text))


def test_the_interval_is_wilsons() -> None:
    low, high = Share(93, 100).interval
    assert (round(low, 4), round(high, 4)) == (0.8625, 0.9657)
    assert Share(0, 0).value is None


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_share_and_stays_a_share(counts: tuple[int, int]) -> None:
    share = Share(*counts)
    low, high = share.interval
    assert 0 <= low <= (share.value or 0) <= high <= 1


@given(st.integers(0, 1000), st.integers(1, 1000))
def test_a_rates_interval_holds_its_rate(count: int, pictures: int) -> None:
    low, high = Rate(count, pictures).interval
    assert 0 <= low <= count / pictures < high


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans())))
def test_every_confidence_is_in_one_bin(pairs: list[tuple[float, bool]]) -> None:
    table = bins(pairs)
    assert sum(one.right.whole for one in table) == len(pairs)
    assert all(one.low - 1e-9 <= one.confidence <= one.high + 1e-9 for one in table)


def test_the_figures_of_four_pictures() -> None:
    wanted = [Wanted("ABO1234", HERE)]
    outcomes = [
        outcome(wanted, [found("ABO1234")], {0: found("ABO1234")}),
        outcome(wanted, [found("AB01234"), found("SIGN", THERE)], {0: found("AB01234")}),
        outcome(wanted, [found("ABO123")], {0: found("XYZ")}),
        outcome([Wanted("ABO1234", None), Wanted(None, THERE)], [], {}),
    ]
    keys = figures(outcomes, cost([10, 20, 30, 40], 99.5)).keys()
    assert list(keys) == KEYS
    assert keys == {
        "pictures": 4,
        "exact": 1 / 4,
        "exact_folded": 2 / 4,
        "within_one": 3 / 4,
        "given_box_exact": 1 / 3,
        "recall_50": 3 / 4,
        "recall_30": 3 / 4,
        "false_plates_per_picture": 1 / 4,
        "ms_median": 25,
        "ms_p95": 38.5,
        "peak_mb": 99.5,
    }


def test_wide_plates_are_also_counted_by_themselves() -> None:
    wanted = [Wanted("A1", HERE, pixels=30), Wanted(None, THERE, pixels=29.9)]
    done = figures([outcome(wanted, [found("A1")], {})], cost([], None))
    assert (done.recall_50, done.recall_50_wide) == (Share(1, 2), Share(1, 1))


def test_what_is_right_is_also_counted_by_how_wide_a_plate_is() -> None:
    widths = [39.9, 40, 59.9, 60, 80, 300]
    wanted = [Wanted("AB0", HERE, pixels=width) for width in widths]
    outcomes = [outcome([one], [found("ABO" if one.pixels != 40 else "ABC")], {}) for one in wanted]
    assert figures(outcomes, cost([], None)).by_width == (
        ("under 40 pixels wide", Share(1, 1)),
        ("40 to 60 pixels wide", Share(1, 2)),
        ("60 to 80 pixels wide", Share(1, 1)),
        ("from 80 pixels wide", Share(2, 2)),
    )
    unboxed = figures([outcome([Wanted("A1", None)], [found("A1")], {})], cost([], None))
    assert unboxed.by_width == ()


def test_what_cannot_be_measured_is_null() -> None:
    keys = figures([outcome([Wanted("A1", None)], [found("A1")], {})], cost([], None)).keys()
    assert {name for name, value in keys.items() if value is None} == {
        "given_box_exact",
        "recall_50",
        "recall_30",
        "ms_median",
        "ms_p95",
        "peak_mb",
    }


def test_confidences_are_held_against_the_plates_own_characters() -> None:
    done = [
        outcome([Wanted("AB1", HERE)], [found("A81", sure=0.95)], {}),
        outcome([Wanted("AB1", HERE)], [found("XYZ", THERE), found("AB1")], {}),
    ]
    summed = figures(done, Cost(None, None, None))
    (characters,) = summed.characters
    (plates,) = summed.plates
    assert (characters.right, characters.low) == (Share(2, 3), 0.95)
    assert plates.right == Share(0, 1)


def test_the_worst_is_what_was_surely_wrong_and_the_best_what_was_surely_right() -> None:
    read = [found("AB1"), found("XY9", sure=0.99), found(""), found("AB1", sure=0.4), found("XY9")]
    results = [outcome([Wanted("AB1", HERE)], [one], {}).results[0] for one in read]
    ranked = sorted(results, key=worst_first)
    assert [r.answer and (r.answer.text, r.answer.confidence) for r in ranked] == [
        ("XY9", 0.99),
        ("XY9", 0.9),
        None,
        ("AB1", 0.4),
        ("AB1", 0.9),
    ]


def test_the_table_fits_a_terminal() -> None:
    many = [outcome([Wanted("AB1", HERE)], [found("AB1")], {0: found("AB1")})] * 12_345
    here = [Answer("a.jpg", "AB1", "AB1")]
    lines = [
        *table.lines(figures(many, cost([12.3], 2048.0))),
        *table.comparison(compared(here, [*here, Answer("b.jpg", "A", None)])),
    ]
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("won", "lost", "chance"), [(0, 0, 1.0), (5, 0, 0.0625), (8, 2, 0.1094), (3, 3, 1.0)]
)
def test_the_chance_of_a_difference_is_mcnemars_exact_one(
    won: int, lost: int, chance: float
) -> None:
    assert round(Paired(9, 9, won, lost).chance, 4) == chance
    assert Paired(9, 9, lost, won).chance == Paired(9, 9, won, lost).chance


def test_a_great_difference_does_not_overflow() -> None:
    assert Paired(0, 0, 5000, 1).chance < 1e-12


def test_two_runs_are_paired_by_picture_and_plate() -> None:
    here = [Answer("a", "AO1", "A01"), Answer("b", "B1", "B1"), Answer("b", "B1", None)]
    there = [Answer("b", "B1", None), Answer("a", "AO1", None), Answer("c", "C1", "C1")]
    found = compared(here, there)
    assert found.exact == Paired(both=0, neither=1, won=1, lost=0)
    assert found.exact_folded == Paired(both=0, neither=0, won=2, lost=0)
    assert (found.only_here, found.only_there) == (1, 1)


def test_runs_on_other_pictures_cannot_be_compared() -> None:
    with pytest.raises(WrongUsage, match="no plate of a picture in common"):
        compared([Answer("a", "A1", "A1")], [Answer("b", "A1", "A1")])


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    given = [Answer("ü\u2028.jpg", "A1", None, None, "unread"), Answer("b", "B1", "B2", 0.5)]
    save(tmp_path / "run.jsonl", given)
    back = saved(tmp_path / "run.jsonl")
    assert [(a.image, a.plate, a.read) for a in back] == [(a.image, a.plate, a.read) for a in given]


def test_another_programs_answers_need_three_words_a_line(tmp_path: Path) -> None:
    path = tmp_path / "peer.jsonl"
    path.write_text(json.dumps({"image": "a", "plate": "ab-1", "read": "AB 1"}) + "\n")
    assert saved(path) == [Answer("a", "AB1", "AB1")]


@pytest.mark.parametrize(
    "line",
    ["", "{", "[]", '{"image": "a"}', '{"image": "a", "plate": "A", "read": 7}', "[" * 100_000],
)
def test_a_line_that_is_no_answer_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "peer.jsonl"
    path.write_text('{"image": "a", "plate": "A1", "read": null}\n' + line + "\n")
    with pytest.raises(WrongUsage, match=r"peer\.jsonl, line 2 is no answer"):
        saved(path)


def test_a_file_that_is_none_or_empty_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="cannot read"):
        saved(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").write_bytes(b"")
    with pytest.raises(WrongUsage, match="has no line"):
        saved(tmp_path / "empty.jsonl")
