"""The chain: what is whole, and that nothing is missing or altered unseen."""

from dataclasses import replace
from functools import cache
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.chain import Chain, Link, Point, Run, joined, link
from contract.head import Erased, Tombstone
from contract.record import Record
from tests.contract.writers import Writer

LENGTH = 12


@cache
def written() -> tuple[Writer, tuple[Record, ...]]:
    """Write a dozen records: texts, every third with a picture."""
    writer = Writer()
    made = [writer.an_event({"plate": b"jpeg"} if n % 3 == 0 else {}) for n in range(LENGTH)]
    return writer, tuple(made)


def links() -> list[Link]:
    return [link(one) for one in written()[1]]


def chain(there: list[Link], **known: Any) -> Chain:
    return Chain(written()[0].public, there, **known)


def erased(first: int, last: int) -> Erased:
    whole = chain(links())
    before, last_c = whole.c(first - 1), whole.c(last)
    return Erased(bytes(16), (), first, last, before, last_c, last - first + 1)


def tombstone(
    sequence: int, of: int, hashed: bytes, parts: tuple[bytes, ...] | None = None
) -> Link:
    """Return a link in place of `sequence` that says `of` is gone, its chain not looked at."""
    return replace(links()[sequence - 1], gone=Tombstone(of, hashed, parts, "refused"))


def whats(found: Chain, *lows: Point) -> list[tuple[int, int, str]]:
    return [(one.first, one.last, one.what) for one in found.findings(lows)]


@settings(max_examples=20)
@given(st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(random: Random) -> None:
    shuffled = links() + links()[:3]
    random.shuffle(shuffled)
    assert chain(shuffled).findings() == []
    assert chain(shuffled).have() == [(1, LENGTH)]


@settings(max_examples=50)
@given(st.sets(st.integers(1, LENGTH), min_size=1))
def test_have_is_what_came_and_all_other_below_the_newest_is_damage(came: set[int]) -> None:
    there = chain([one for one in links() if one.sequence in came])
    assert {n for first, last in there.have() for n in range(first, last + 1)} == came
    lost = {n for one in there.findings() for n in range(one.first, one.last + 1)}
    assert lost == set(range(1, max(came))) - came


@given(st.integers(1, LENGTH), st.integers(1, LENGTH))
def test_a_run_that_was_erased_is_no_damage_and_counts_as_there(one: int, other: int) -> None:
    run = erased(min(one, other), max(one, other))
    assert run.first is not None
    assert run.last is not None
    rest = [a for a in links() if not run.first <= a.sequence <= run.last]
    there = chain(rest, erased=[run])
    assert there.findings() == []
    assert there.have() == [(1, LENGTH)]
    assert there.c(run.last) == links()[run.last - 1].c


@given(st.integers(2, LENGTH), st.sampled_from(["prev", "c"]))
def test_a_record_that_was_exchanged_shows_at_the_next(n: int, field: str) -> None:
    altered = links()
    altered[n - 1] = replace(altered[n - 1], **{field: bytes(32)})  # type: ignore[arg-type]  # a field of bytes, by its name
    shows_at = n if field == "prev" else min(n + 1, LENGTH)
    found = whats(chain(altered), Point(LENGTH, links()[-1].c))
    assert [one[0] for one in found] == [shows_at]


@pytest.mark.parametrize("n", [1, 6, LENGTH])
def test_two_records_of_one_sequence_are_told(n: int) -> None:
    double = replace(links()[n - 1], c=b"\x01" * 32)
    assert (n, n, "two records of one sequence") in whats(chain([*links(), double]))


def test_what_is_not_yet_acknowledged_is_no_damage() -> None:
    """Live records overtake a backlog: until the newest says so, the rest may be on its way."""
    there = [links()[0], replace(links()[-1], waiting=2)]
    assert whats(chain(there)) == []
    there = [links()[0], replace(links()[-1], waiting=5)]
    assert whats(chain(there)) == [(2, 4, "damage: missing")]


def test_a_low_that_the_audit_saw_is_damage_when_cut_or_exchanged() -> None:
    fifth = Point(5, links()[4].c)
    assert whats(chain(links()), fifth, Point(0, chain([]).c(0) or b"")) == []
    assert whats(chain(links()[:3]), fifth) == [(5, 5, "damage: cut, the server once had it")]
    assert whats(chain([]), fifth) == [(5, 5, "damage: cut, the server once had it")]
    other = Point(5, bytes(32))
    assert whats(chain(links()), other) == [(5, 5, "another record than was once there")]
    waiting = replace(links()[-1], waiting=1)
    assert whats(chain([*links()[:3], waiting]), fifth) == [(4, 5, "damage: missing")]


def test_a_tombstone_stands_for_the_record_it_names() -> None:
    fourth = links()[3]
    rest = [one for one in links() if one.sequence not in (4, 9)]
    assert chain([*rest, tombstone(9, 4, fourth.c)]).have() == [(1, LENGTH)]
    assert whats(chain([*rest, tombstone(9, 4, fourth.c)])) == []
    lying = chain([*rest, tombstone(9, 4, bytes(32))])
    assert whats(lying) == [(5, 5, "prev is not the hash of what stands before")]


def test_a_tombstone_deletes_nothing_that_is_there() -> None:
    rest = [one for one in links() if one.sequence != 9]
    assert whats(chain([*rest, tombstone(9, 4, bytes(32))])) == [
        (9, 9, "a tombstone names another record than is there")
    ]


def test_a_missing_part_is_damage_unless_a_tombstone_or_a_destroyed_key_names_it() -> None:
    picture = links()[3].parts[1]
    missing = [picture.hash]
    damaged = chain(links(), missing=missing)
    assert whats(damaged) == [(4, 4, "damage: part picture/plate missing")]
    assert damaged.have() == [(1, 3), (5, LENGTH)]
    rest = [one for one in links() if one.sequence != 9]
    named = tombstone(9, 4, links()[3].c, (picture.hash,))
    key_gone = Erased(bytes(16), (picture.key,), *[None] * 5)
    for excused in (
        chain([*rest, named], missing=missing),
        chain(links(), missing=missing, erased=[key_gone]),
    ):
        assert whats(excused) == []
        assert excused.have() == [(1, LENGTH)]


def test_parts_that_the_highest_revision_does_not_name_may_go() -> None:
    first, second = links()[0], links()[1]
    again = replace(second, id=first.id, revision=2, parts=first.parts[1:])
    rest = [first, again, *links()[2:]]
    text, picture = (part.hash for part in first.parts)
    assert whats(chain(rest, missing=[text])) == []
    found = whats(chain(rest, missing=[text, picture]))
    assert [(one[0], one[2]) for one in found] == [
        (1, "damage: part picture/plate missing"),
        (2, "damage: part picture/plate missing"),
    ]


def test_what_a_revoked_writer_signed_later_excuses_nothing() -> None:
    until = Point(6, links()[5].c)
    rest = [one for one in links() if one.sequence not in (4, 9)]
    found = whats(chain([*rest, tombstone(9, 4, links()[3].c)], until=until))
    assert (4, 4, "damage: missing") in found
    assert [one for one in found if one[2] == "written after the key was revoked"] == [
        (n, n, "written after the key was revoked") for n in range(7, LENGTH + 1)
    ]
    assert whats(chain(links()[:6], until=until)) == []
    assert whats(chain(links()[:5], until=until))[0][2].startswith("damage: cut")


@pytest.mark.parametrize(
    ("change", "at"),
    [({"before": bytes(32)}, 3), ({"hash": bytes(32)}, 6)],
)
def test_an_erasure_that_does_not_fit_is_told(change: dict[str, bytes], at: int) -> None:
    run = replace(erased(3, 5), **change)  # type: ignore[arg-type]  # likewise
    rest = [one for one in links() if not 3 <= one.sequence <= 5]
    assert [one[0] for one in whats(chain(rest, erased=[run]))] == [at]


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 5))))
def test_runs_are_joined_to_the_fewest_of_the_same_sequences(given_runs: list[Run]) -> None:
    runs = [(first, first + more) for first, more in given_runs]
    found = joined(runs)
    assert {n for a, b in found for n in range(a, b + 1)} == {
        n for a, b in runs for n in range(a, b + 1)
    }
    assert all(b + 1 < c for (_, b), (c, _) in pairwise(found))


def test_a_hole_as_large_as_numbers_go_takes_no_time() -> None:
    far = replace(links()[-1], sequence=2**53 - 1, waiting=2**53 - 1)
    assert whats(chain([links()[0], far]))[0] == (2, 2**53 - 2, "damage: missing")
