"""The campaign `tamper` in short: a few records, a few hundred swaps."""

from tests.campaigns import tamper


def test_nothing_that_was_flipped_or_swapped_passes() -> None:
    told = tamper.campaign(4, 120, step=41, seed=7, workers=1)
    assert told.passed == ()
    assert told.flips > 400
