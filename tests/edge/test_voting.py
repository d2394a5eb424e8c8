"""Looks at one plate become one text, and its confidence is how often such a text is right."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.plates import formats
from edge.alignment import aligned
from edge.values import Look, Reading
from edge.voting import ALTERNATIVES_MOST, LOOKS_KEPT, spelled_as, surest, vote
from tests.edge.reader_with_noise import look_at, looks_at_a_plate


def reading(
    text: str,
    sure: float = 0.9,
    runners: dict[int, tuple[str, float]] | None = None,
    *,
    weak: dict[int, float] | None = None,
    engine: str = "crnn",
) -> Reading:
    weak, runners = weak or {}, runners or {}
    return Reading(
        text,
        tuple(weak.get(i, sure) for i in range(len(text))),
        tuple((runners[i],) if i in runners else () for i in range(len(text))),
        engine,
    )


def looks(*readings: Reading) -> list[Look]:
    return [look_at(r, number) for number, r in enumerate(readings)]


def plate_of(*readings: Reading) -> str:
    voted = vote(looks(*readings))
    assert voted is not None
    return voted.plate


TEXTS = st.text("ABC0128", min_size=4, max_size=8)


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    text = draw(st.one_of(st.just(""), TEXTS))
    sure, runners = [], []
    for character in text:
        p = draw(st.floats(0.3, 1.0))
        other = draw(st.sampled_from("XYZ8B0O"))
        sure.append(p)
        runners.append(((other, (1 - p) * 0.8),) if other != character else ())
    region = draw(st.sampled_from([None, "us-tx", "us-ok"]))
    return Reading(text, tuple(sure), tuple(runners), "crnn", region, 0.8 if region else 0.0)


@given(st.lists(readings(), max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_looks_does_not_matter(said: list[Reading], random: Random) -> None:
    given_looks = looks(*said)
    assert vote(random.sample(given_looks, len(given_looks))) == vote(given_looks)


@given(st.lists(readings(), max_size=6))
def test_every_vote_is_a_probability_for_every_character_and_names_no_spelling_twice(
    said: list[Reading],
) -> None:
    voted = vote(looks(*said))
    if voted is None:
        assert all(not r.text for r in said)
        return
    assert len(voted.plate) == len(voted.characters) == len(voted.runners)
    assert 0 < voted.confidence <= min(voted.characters) <= 1
    spellings = [voted.plate, *(text for text, _ in voted.alternatives)]
    assert len(set(spellings)) == len(spellings)
    assert len(voted.alternatives) <= ALTERNATIVES_MOST
    chances = [p for _, p in voted.alternatives]
    assert chances == sorted(chances, reverse=True)
    assert voted.confidence + sum(chances) <= 1 + 1e-6
    assert voted.best.reading.text


@given(TEXTS, st.floats(0.5, 0.99))
def test_a_single_look_is_taken_at_its_word(text: str, sure: float) -> None:
    voted = vote(looks(reading(text, sure)))
    assert voted is not None
    assert voted.plate == text
    assert voted.agreeing == 1
    assert voted.confidence == pytest.approx(sure ** len(text), abs=0.01)


@given(TEXTS, st.lists(st.floats(0.6, 0.97), min_size=1, max_size=5))
def test_another_look_as_sure_and_of_the_same_text_never_makes_it_less_sure(
    text: str, sures: list[float]
) -> None:
    said = [reading(text, sure) for sure in sures]
    before, after = vote(looks(*said)), vote(looks(*said, reading(text, max(sures))))
    assert before is not None
    assert after is not None
    assert after.plate == before.plate == text
    assert after.confidence >= before.confidence - 1e-9
    assert after.agreeing == before.agreeing + 1


@given(readings(), st.lists(readings(), max_size=4))
def test_an_empty_look_changes_nothing(one: Reading, more: list[Reading]) -> None:
    said = [one, *more]
    assert vote(looks(*said, reading(""))) == vote(looks(*said))


def test_nothing_read_is_no_plate() -> None:
    assert vote([]) is None
    assert vote(looks(reading(""), reading(""))) is None


def test_ten_looks_that_say_the_same_are_not_ten_witnesses() -> None:
    one, ten = vote(looks(reading("ABC1234", 0.8))), vote(looks(*[reading("ABC1234", 0.8)] * 10))
    assert one is not None
    assert ten is not None
    independent = (0.8**10 / (0.8**10 + 35 * (0.2 / 35) ** 10)) ** 7
    assert one.confidence < 0.25
    assert 0.9 < ten.confidence < 0.999 < independent


def test_each_place_is_decided_by_itself() -> None:
    assert (
        plate_of(
            reading("A8C1234", weak={1: 0.5}, runners={1: ("B", 0.45)}),
            reading("ABC1Z34", weak={4: 0.5}, runners={4: ("2", 0.45)}),
            reading("ABC1234"),
        )
        == "ABC1234"
    )


def test_a_plate_that_no_single_look_spells_can_be_the_vote_and_has_the_nearest_look() -> None:
    said = looks(
        reading("ABC1239", weak={6: 0.4}, runners={6: ("4", 0.39)}),
        reading("A8C1234", weak={1: 0.4}, runners={1: ("B", 0.39)}),
    )
    voted = vote(said)
    assert voted is not None
    assert voted.plate == "ABC1234"
    assert voted.agreeing == 0
    assert voted.best in said


def test_a_reading_that_lost_a_character_helps_the_others() -> None:
    whole = [reading("ABC1234", weak={6: 0.6}, runners={6: ("9", 0.3)})]
    alone = vote(looks(*whole, *whole))
    helped = vote(looks(*whole, *whole, reading("BC1234", 0.9)))
    assert alone is not None
    assert helped is not None
    assert helped.plate == "ABC1234"
    assert helped.characters[6] > alone.characters[6]


def test_one_frame_that_read_the_plate_s_edge_as_a_character_does_not_lengthen_it() -> None:
    assert plate_of(reading("ABC1234"), reading("ABC12341"), reading("ABC1234")) == "ABC1234"


def test_another_length_is_an_alternative() -> None:
    voted = vote(looks(reading("ABC1234"), reading("ABC123", 0.8), reading("ABC1234")))
    assert voted is not None
    assert "ABC123" in [text for text, _ in voted.alternatives]


def test_alternatives_flip_the_weakest_character_first() -> None:
    said = reading("ABC1234", 0.99, {1: ("8", 0.3), 6: ("9", 0.1)}, weak={1: 0.65, 6: 0.85})
    voted = vote(looks(said))
    assert voted is not None
    assert [text for text, _ in voted.alternatives][:3] == ["A8C1234", "ABC1239", "A8C1239"]


def test_the_best_look_is_the_surest_of_those_that_spell_the_plate() -> None:
    said = looks(
        reading("ABC1234", 0.9), reading("ABC1234", 0.95), reading("ABC1239", 0.99, weak={6: 0.3})
    )
    voted = vote(said)
    assert voted is not None
    assert voted.best == said[1]


def test_a_small_blurred_look_weighs_less_than_a_large_one() -> None:
    small = look_at(reading("ABC1239", 0.9), 0, width=40)
    large = look_at(reading("ABC1234", 0.9), 1, width=120)
    voted = vote([small, large])
    assert voted is not None
    assert voted.plate == "ABC1234"


TEXAS = formats(["us-tx"])


@pytest.mark.parametrize(("read", "flipped"), [("BCDO234", "BCD0234"), ("8CD1234", "BCD1234")])
def test_a_format_decides_between_look_alikes_that_are_close(read: str, flipped: str) -> None:
    place = next(i for i, (a, b) in enumerate(zip(read, flipped, strict=True)) if a != b)
    said = reading(read, 0.95, {place: (flipped[place], 0.4)}, weak={place: 0.55})
    voted = vote(looks(said), TEXAS)
    assert voted is not None
    assert voted.plate == flipped
    assert voted.characters[place] > 0.8
    assert voted.agreeing == 1  # the look saw that glyph


def test_a_format_never_overrules_strong_evidence() -> None:
    personal = reading("TEXAS1", 0.99)
    voted = vote(looks(personal, personal), TEXAS)
    assert voted is not None
    assert voted.plate == "TEXAS1"


def test_without_formats_nothing_is_flipped() -> None:
    said = reading("BCDO234", 0.95, {3: ("0", 0.4)}, weak={3: 0.55})
    assert plate_of(said) == "BCDO234"


@pytest.mark.parametrize(("sure_of_brazil", "spelled"), [(0.9, "ABO1234"), (0.3, "AB01234")])
def test_a_guest_is_spelled_by_the_formats_of_where_it_comes_from(
    sure_of_brazil: float, spelled: str
) -> None:
    said = reading("AB01234", 0.95, {2: ("O", 0.4)}, weak={2: 0.55})
    guest = replace(said, region="br", region_confidence=sure_of_brazil)
    here = formats(["here:AA0[0]000"])
    voted = vote(looks(guest), here)
    assert voted is not None
    assert voted.plate == spelled


def test_the_region_is_voted_and_unknown_where_nobody_says() -> None:
    tx = Reading("ABC1234", (0.9,) * 7, ((),) * 7, "crnn", "us-tx", 0.7)
    ok = Reading("ABC1234", (0.9,) * 7, ((),) * 7, "crnn", "us-ok", 0.5)
    voted = vote(looks(tx, ok, tx))
    assert voted is not None
    assert voted.region == "us-tx"
    assert voted.region_confidence > 0.7
    silent = vote(looks(reading("ABC1234")))
    assert silent is not None
    assert (silent.region, silent.region_confidence) == (None, 0.0)


def test_two_engines_are_surer_together_than_two_looks_of_one() -> None:
    ours, theirs = reading("ABC1234", 0.8), reading("ABC1234", 0.8, engine="openalpr")
    same, both = vote(looks(ours, ours)), vote(looks(ours, theirs))
    assert same is not None
    assert both is not None
    assert both.confidence > same.confidence


def test_the_ten_surest_looks_are_kept_in_the_order_of_time() -> None:
    said = looks(*[reading("ABC1234", 0.5 + 0.03 * (i % 7)) for i in range(15)], reading(""))
    kept = surest(said)
    assert len(kept) == LOOKS_KEPT
    assert [look.at for look in kept] == sorted(look.at for look in kept)
    left_out = [look for look in said if look.reading.text and look not in kept]
    least = min(sum(look.reading.characters) for look in kept)
    assert all(sum(look.reading.characters) <= least for look in left_out)


@pytest.mark.parametrize("count", [1, 3, 10])
@pytest.mark.parametrize("strength", [3.0, 3.5])
def test_confidence_is_how_often_the_whole_text_is_right(count: int, strength: float) -> None:
    random = np.random.default_rng(20260301)
    sure, right = [], []
    for _ in range(400):
        truth, said = looks_at_a_plate(random, count, rho=0.4, strength=strength)
        voted = vote(said)
        assert voted is not None
        sure.append(voted.confidence)
        right.append(voted.plate == truth)
    for low, high in ((0.0, 0.5), (0.5, 0.8), (0.8, 0.95), (0.95, 1.0)):
        among = [(s, r) for s, r in zip(sure, right, strict=True) if low <= s < high]
        if len(among) < 40:
            continue
        said_right = float(np.mean([s for s, _ in among]))
        are_right = float(np.mean([r for _, r in among]))
        chance = 2.6 * (said_right * (1 - said_right) / len(among)) ** 0.5
        assert are_right == pytest.approx(said_right, abs=0.03 + chance), (low, high, len(among))
    assert float(np.mean(right)) == pytest.approx(float(np.mean(sure)), abs=0.05)


@settings(max_examples=50)
@given(TEXTS, st.integers(0, 7), st.sampled_from("XYZ"))
def test_a_lost_and_an_invented_character_do_not_shift_the_others(
    text: str, place: int, character: str
) -> None:
    place = min(place, len(text) - 1)
    shorter = text[:place] + text[place + 1 :]
    pairs = aligned(text, shorter)
    assert [shorter[j] for _, j in pairs] == list(shorter)
    assert all(text[i] == shorter[j] for i, j in pairs)
    longer = text[:place] + character + text[place:]
    assert [(text[i], longer[j]) for i, j in aligned(text, longer)] == [(c, c) for c in text]


US = formats(["us-tx", "us"])


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize(
    ("one", "plate"),
    [
        (reading("BABC123", 0.97, {0: ("8", 0.3)}, weak={0: 0.67}), "8ABC123"),
        (reading("BKC12O4", 0.97, {5: ("0", 0.4)}, weak={5: 0.57}), "BKC1204"),
        (reading("BKC12O4", 0.97), "BKC1204"),
        (reading("BABC123", 0.97), "BABC123"),
    ],
)
def test_what_a_format_decided_is_said_as_surely_to_one_who_knows_no_formats(
    one: Reading, plate: str, count: int
) -> None:
    read = looks(*[one] * count)
    voted = vote(read, US)
    assert voted is not None
    plain = vote(spelled_as(read, voted))
    assert plain is not None
    assert (plain.plate, voted.plate) == (plate, plate)
    assert plain.characters == pytest.approx(voted.characters, abs=0.02)


@given(st.lists(readings(), max_size=6))
def test_looks_respelled_spell_what_the_formats_made_of_them(read: list[Reading]) -> None:
    given_looks = looks(*read)
    voted = vote(given_looks, US)
    if voted is None:
        return
    spelled = spelled_as(given_looks, voted)
    assert {look.frame for look in spelled} <= {look.frame for look in given_looks}
    plain = vote(spelled)
    assert plain is not None
    assert len(plain.plate) == len(voted.plate)
