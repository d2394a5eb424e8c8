"""The walk finds in bounded memory what the chain, which holds everything, finds."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from contract.chain import Chain, Finding, Link, Point, link
from contract.head import Erased, Tombstone
from contract.walk import Gone, Reach, Walk
from tests.contract.test_chain import LENGTH, links, written

HASHES = st.sampled_from([one.c for one in links()] + [bytes(32), b"\x01" * 32])
PLACES = st.integers(1, LENGTH)


@st.composite
def altered(draw: st.DrawFn) -> list[Link]:
    """Draw a chain with records lost and exchanged, and tombstones that may lie."""
    kept = [one for one in links() if one.sequence not in draw(st.sets(PLACES, max_size=4))]
    for n in range(len(kept)):
        change = draw(st.integers(0, 12))
        if change == 0:
            kept[n] = replace(kept[n], prev=draw(HASHES))
        elif change == 1:
            kept[n] = replace(kept[n], c=draw(HASHES))
        elif change == 2:
            kept[n] = replace(kept[n], waiting=draw(st.integers(1, kept[n].sequence)))
        elif change in (3, 4) and kept[n].sequence > 1:
            of = draw(st.integers(1, kept[n].sequence - 1))
            true = draw(st.booleans())
            c = links()[of - 1].c if true else draw(HASHES)
            parts = draw(st.sampled_from([None, (links()[of - 1].parts[-1].hash,)]))
            kept[n] = replace(kept[n], gone=Tombstone(of, c, parts, "quota"))
    return kept


@st.composite
def erased(draw: st.DrawFn) -> Erased:
    first, last = sorted((draw(PLACES), draw(PLACES)))
    whole = Chain(written()[0].public, links())
    true = draw(st.booleans())
    before = whole.c(first - 1) if true else draw(HASHES)
    hashed = whole.c(last) if true else draw(HASHES)
    keys = draw(st.sampled_from([(), (links()[0].parts[0].key,)]))
    return Erased(bytes(16), keys, first, last, before, hashed, last - first + 1)


def walked(
    there: Sequence[Link],
    runs: Sequence[Erased],
    missing: frozenset[bytes],
    lows: Sequence[Point],
    until: Point | None,
) -> list[Finding]:
    counted = [one for one in there if until is None or one.sequence <= until.sequence]
    tombs = tuple((one.sequence, one.gone) for one in counted if one.gone is not None)
    newest = max(counted, key=lambda one: one.sequence, default=None)
    reach = Reach(newest.sequence, newest.waiting) if newest else Reach(0, 1)
    walk = Walk(written()[0].public, Gone(tombs, tuple(runs)), reach, lows=lows, until=until)
    found: list[Finding] = []
    for one in there:
        found += walk.past(one, [part for part in one.parts if part.hash in missing])
    found += walk.ended()
    return sorted(found, key=lambda one: (one.first, one.last, one.what))


@settings(max_examples=400)
@given(
    altered(),
    st.lists(erased(), max_size=2),
    st.frozensets(st.sampled_from([p.hash for one in links() for p in one.parts]), max_size=3),
    st.lists(st.builds(Point, st.integers(0, LENGTH + 2), HASHES), max_size=3),
    st.none() | st.builds(Point, PLACES, HASHES),
)
def test_the_walk_finds_what_the_chain_finds(
    there: list[Link],
    runs: list[Erased],
    missing: frozenset[bytes],
    lows: list[Point],
    until: Point | None,
) -> None:
    chain = Chain(written()[0].public, there, erased=runs, missing=missing, until=until)
    by_chain = sorted(set(chain.findings(lows)), key=lambda one: (one.first, one.last, one.what))
    by_walk = walked(there, runs, missing, lows, until)
    assert sorted(set(by_walk), key=lambda one: (one.first, one.last, one.what)) == by_chain


def test_a_whole_chain_has_no_finding() -> None:
    made = [link(one) for one in written()[1]]
    assert walked(made, [], frozenset(), [Point(LENGTH, made[-1].c)], None) == []
