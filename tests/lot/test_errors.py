"""An error says the same in whichever process it is read: recordings are watched in several."""

import pickle

import pytest

from lot.errors import Damaged, LotError, Unreadable, WrongSettings, WrongUsage


@pytest.mark.parametrize(
    "error",
    [
        Unreadable("a.mp4 is empty", then="leave it out"),
        Damaged("line 3 is cut", then="write it anew"),
        WrongUsage("there is no engine", then="name one"),
        WrongSettings(["one is wrong", "another too"]),
    ],
)
def test_an_error_comes_back_whole_from_another_process(error: LotError) -> None:
    back = pickle.loads(pickle.dumps(error))  # noqa: S301  # what a pool of processes does
    assert type(back) is type(error)
    assert str(back) == str(error)
    assert back.exit_status == error.exit_status
