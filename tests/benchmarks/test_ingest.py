"""The benchmark of ingest in short: all of it runs, and nothing is said of how fast."""

from argparse import Namespace

from benchmarks import ingest


def test_a_vault_is_served_fed_and_compared_with_bare_loops() -> None:
    figures = ingest.measured(Namespace(edges=2, batches=ingest.TURNS, folder=None))
    assert [one.name for one in figures] == [name for name, *_ in ingest.GOALS.values()]
    assert all(one.value is not None and one.value > 0 for one in figures)
