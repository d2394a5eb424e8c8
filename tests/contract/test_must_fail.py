"""Bytes that must fail: every reader of ours refuses them, each for its own fault."""

import json
from collections.abc import Iterator

import pytest

from lot.errors import DAMAGED, Damaged
from tests.contract.must_fail import FOLDER, KINDS, Kind, made


def cases() -> Iterator[object]:
    for kind in KINDS:
        for case in json.loads((FOLDER / f"{kind.name}.json").read_bytes()):
            yield pytest.param(kind, case, id=f"{kind.name}: {case['name']}")


@pytest.mark.parametrize(("kind", "case"), list(cases()))
def test_it_is_refused(kind: Kind, case: dict[str, str]) -> None:
    with pytest.raises(Damaged) as caught:
        kind.read(bytes.fromhex(case["bytes"]))
    assert caught.value.exit_status == DAMAGED
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_file_is_what_the_command_writes(kind: Kind) -> None:
    assert made(kind) == (FOLDER / f"{kind.name}.json").read_bytes()


def test_every_file_has_its_reader() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == {kind.name for kind in KINDS}
