"""What a restart finds: all of it under the right key, nothing under any other."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from edge.daemon.state_file import MARK, Heartbeat, Kept, StateFile
from edge.gate import Gate
from lot.errors import Damaged
from tests.edge.gate.street import TOLD_AT_ONCE, at, car, name_of

KEY, EDGE = b"\x05" * 32, b"\x06" * 16


def some_state() -> Kept:
    gate = Gate({}, TOLD_AT_ONCE, name_of)
    gate.step(at(100), [car("8ABC123").came("bottom").left("top").passage()])
    return Kept(gate.state(), (("some-event", "in"),), {"some-event": {"plate": "ab" * 32}})


def test_it_is_read_back_as_it_was_and_shows_no_plate(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "gate.state")
    kept = some_state()
    file.write(kept, KEY, EDGE)
    assert file.read(KEY, EDGE) == kept
    assert b"8ABC123" not in (tmp_path / "gate.state").read_bytes()
    assert stat.S_IMODE((tmp_path / "gate.state").stat().st_mode) == 0o600


def test_a_state_of_before_pictures_were_named_in_it_is_read(tmp_path: Path) -> None:
    said, nonce = {"gate": None, "settled": [["some-event", "in"]]}, bytes(12)
    sealed = AESGCM(KEY).encrypt(nonce, json.dumps(said).encode(), b"lot/gate-state/1" + EDGE)
    (tmp_path / "gate.state").write_bytes(MARK + nonce + sealed)
    kept = StateFile(tmp_path / "gate.state").read(KEY, EDGE)
    assert kept == Kept(None, (("some-event", "in"),))


def test_nothing_kept_is_nothing_known(tmp_path: Path) -> None:
    assert StateFile(tmp_path / "gate.state").read(KEY, EDGE) == Kept()


@pytest.mark.parametrize("key", [bytes(32), KEY])
def test_another_key_or_edge_opens_nothing(tmp_path: Path, key: bytes) -> None:
    file = StateFile(tmp_path / "gate.state")
    file.write(some_state(), KEY, EDGE)
    with pytest.raises(Damaged):
        file.read(key, EDGE if key != KEY else bytes(16))


def test_every_damaged_byte_is_noticed_and_the_file_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "gate.state"
    file = StateFile(path)
    file.write(Kept(None, (("an-event", "out"),)), KEY, EDGE)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(Damaged):
            file.read(KEY, EDGE)
    assert file.put_aside().exists()
    assert file.read(KEY, EDGE) == Kept()


def test_the_heartbeat_knows_when_each_camera_last_saw(tmp_path: Path) -> None:
    path = tmp_path / "heartbeat.json"
    beat = Heartbeat(path)
    assert beat.begun(at(0)) == at(0)
    beat.beat({"north": at(10), "south": at(7)})
    again = Heartbeat(path)
    assert again.begun(at(500)) == at(0)
    assert (again.seen("north"), again.seen("west"), again.newest) == (at(10), None, at(10))


def test_a_heartbeat_that_cannot_be_read_does_not_keep_the_gate_from_starting(
    tmp_path: Path,
) -> None:
    path = tmp_path / "heartbeat.json"
    for content in (b"", b"{", b"[]", b'{"first_start": "x", "seen": {}}'):
        path.write_bytes(content)
        assert Heartbeat(path).newest is None
