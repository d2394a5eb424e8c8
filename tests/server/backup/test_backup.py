"""A backup: taken while running, put on an empty machine, never a way back to the erased."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from contract.digest import H
from contract.trust import pack_encoded
from lot.errors import Damaged, Refused, Unreadable
from lot.files import write_private
from server.backup import manifest, putting_back
from server.backup.house import TRUST
from server.backup.manifest import Kind
from server.backup.taking import KEYS_PARTS, Sources, parts_of, picture_path, take_data, take_keys
from server.retention.running import Gone
from server.store import tables
from server.store.tables import parts
from tests.contract.writers import NOON, Writer
from tests.server.retention.test_retention import run, several_days
from tests.server.verify.filled import (
    DAY,
    SERVER_ID,
    TEXT_DAYS,
    VAULT,
    Filled,
    Kept,
    pack,
    whats,
)


@dataclass
class Machine:
    """A server's rows in memory, and its files in a folder."""

    house: Filled
    state: Path

    @property
    def sources(self) -> Sources:
        key, pictures = self.house.server.key, self.house.pictures
        return Sources(SERVER_ID, key, pictures, self.state / "index", self.keys)

    def keys(self) -> Iterator[tuple[str, Path]]:
        trusted = pack_encoded(pack().root, pack().statement, VAULT)
        write_private(self.state / TRUST, trusted)
        yield TRUST, self.state / TRUST
        for (lot, key), data in self.house.wraps.files.items():
            name = f"wraps/{lot.hex()}/{key.hex()}"
            write_private(self.state / name, data)
            yield name, self.state / name

    def take(self, folder: Path, made: int) -> None:
        told = self.house.audit.told
        part = H(b"%d" % made)[:16]
        take_data(self.sources, self.house.db, folder, part=part, made=made, audit=told)
        self.take_keys(folder, made)

    def take_keys(self, folder: Path, made: int) -> Path:
        told = self.house.audit.told
        part = H(b"%d" % made)[:16]
        return take_keys(self.sources, self.house.db, folder, part=part, made=made, audit=told)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    house, _ = several_days(4)
    house.line("sign_in")
    write_private(tmp_path / "state" / "index" / "day", b"sealed segment")
    return Machine(house, tmp_path / "state")


def restored(folder: Path, state: Path) -> tuple[Filled, tuple[Gone, ...]]:
    """Put a backup onto an empty machine."""
    found = putting_back.chosen(folder)
    house = Filled.__new__(Filled)
    house.engine = create_engine("sqlite://")
    tables.tables.create_all(house.engine)
    house.db = house.engine.connect()
    house.edge, house.server = Writer(), Writer(b"\x55" * 32, "server")
    house.pictures, house.wraps = Kept(), Kept()
    putting_back.check_empty(house.db)
    putting_back.put_rows(found, house.db)
    putting_back.put_keys(found, lambda name: state / name if name.startswith("wraps") else None)
    for path in state.glob("wraps/*/*"):
        lot, key = (bytes.fromhex(one) for one in path.parts[-2:])
        house.wraps.put(lot, key, path.read_bytes())
    putting_back.put_pictures(found, house.db, house.pictures)
    putting_back.put_segments(found, state / "index")
    putting_back.drop_wraps_without_file(
        house.db, lambda lot, key: house.wraps.get(lot, key) is not None
    )
    return house, putting_back.untold(found, house.db)


def test_what_was_backed_up_is_whole_on_an_empty_machine(machine: Machine, tmp_path: Path) -> None:
    machine.take(tmp_path / "copy", NOON)
    house, since = restored(tmp_path / "copy", tmp_path / "new")
    assert since == ()
    assert whats(house.verified()) == []
    assert house.verified().writers == machine.house.verified().writers
    assert (tmp_path / "new" / "index" / "day").read_bytes() == b"sealed segment"


def test_a_day_erased_since_does_not_come_back(machine: Machine, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    machine.take(copy, NOON)
    run(machine.house, NOON + (TEXT_DAYS + 1) * DAY)
    machine.take_keys(copy, NOON + (TEXT_DAYS + 1) * DAY)
    house, since = restored(copy, tmp_path / "new")
    assert sum(gone.erased.count or 0 for gone in since) == 3
    assert whats(house.verified()) != []  # until a new writer of the server's says so too
    house.certify("office again", house.server)
    for gone in since:
        house.erased(gone.erased, at=NOON + (TEXT_DAYS + 2) * DAY)
    assert whats(house.verified()) == []
    with pytest.raises(Unreadable):
        putting_back.chosen(copy, keys="19700101T000000Z-00000000")


def test_old_keys_parts_go_so_that_the_erased_is_unreadable_everywhere(
    machine: Machine, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    machine.take(copy, NOON)
    keys = [key for _, key in machine.house.wraps.files]
    run(machine.house, NOON + (TEXT_DAYS + 1) * DAY)
    destroyed = set(keys) - {key for _, key in machine.house.wraps.files}
    for n in range(KEYS_PARTS):
        machine.take_keys(copy, NOON + (TEXT_DAYS + 1 + n) * DAY)
    assert len(parts_of(copy, "keys")) == KEYS_PARTS
    everything = b"".join(one.read_bytes() for one in copy.rglob("*") if one.is_file())
    lost = [
        machine.house.edge.found[key].wrap.data
        for key in destroyed
        if key in machine.house.edge.found
    ]
    assert lost
    assert not any(wrap in everything for wrap in lost)


def test_what_a_run_that_was_killed_left_goes_too_and_one_that_is_under_way_stays(
    machine: Machine, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    whole = machine.take_keys(folder, NOON)
    killed, under_way = (whole.with_name(f".{name}.part") for name in ("killed", "under-way"))
    for left, at in ((killed, NOON), (under_way, NOON + 2 * DAY)):
        shutil.copytree(whole, left, ignore=shutil.ignore_patterns(manifest.NAME))
        os.utime(left, ns=(at * 1000, at * 1000))
    machine.take_keys(folder, NOON + 2 * DAY)
    assert not killed.exists()
    assert under_way.exists()
    assert len(parts_of(folder, "keys")) == KEYS_PARTS


def test_data_parts_of_more_than_a_month_ago_go_and_pictures_with_them(
    machine: Machine, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    for days in (0, 20, 31, 40):
        machine.take(copy, NOON + days * DAY)
    assert len(parts_of(copy, "data")) == 3
    run(machine.house, NOON + 60 * DAY)
    machine.take(copy, NOON + 300 * DAY)
    assert len(parts_of(copy, "data")) == 1
    assert list((copy / "pictures").glob("*/*/*")) == []


def test_a_picture_is_copied_once(machine: Machine, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    machine.take(copy, NOON)
    (lot, name), _ = next(iter(machine.house.pictures.files.items()))
    path = picture_path(copy / "pictures", lot, name)
    before = path.stat().st_ino
    machine.take(copy, NOON + DAY)
    assert path.stat().st_ino == before
    path.write_bytes(b"torn")
    machine.take(copy, NOON + 2 * DAY)
    assert H(path.read_bytes()) == name


@pytest.mark.parametrize("kind", ["data", "keys"])
def test_an_altered_part_is_refused_whole(machine: Machine, tmp_path: Path, kind: str) -> None:
    copy = tmp_path / "copy"
    machine.take(copy, NOON)
    for path in sorted((copy / kind).glob("*/*")):
        if not (whole := path.read_bytes()):
            continue  # nothing was erased yet
        for wrong in (whole[:-1], bytes([whole[0] ^ 1]) + whole[1:], whole + b"\0"):
            path.write_bytes(wrong)
            with pytest.raises(Damaged):
                putting_back.chosen(copy)
        path.write_bytes(whole)
    assert putting_back.chosen(copy).data.made == NOON


def test_nothing_that_is_there_is_replaced(machine: Machine, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="has rows of"):
        putting_back.check_empty(machine.house.db)
    with pytest.raises(Unreadable):
        putting_back.chosen(tmp_path / "nothing")


def signed_anew(machine: Machine, place: Path, **changed: Any) -> None:
    """Let somebody write a part's manifest who has a key of the server's own kind."""
    path = place / manifest.NAME
    stated = replace(manifest.decoded(path.read_bytes()).manifest, **changed)
    path.write_bytes(manifest.signed(stated, machine.house.server.key))


def test_parts_of_two_servers_are_not_mixed(machine: Machine, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    machine.take(copy, NOON)
    (place,) = parts_of(copy, "keys")
    signed_anew(machine, place, server=bytes(16))
    with pytest.raises(Refused, match="two servers"):
        putting_back.chosen(copy)


def test_keys_that_are_older_than_the_data_are_refused(machine: Machine, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    machine.take(copy, NOON)
    machine.take(copy, NOON + DAY)
    old = parts_of(copy, "keys")[1].name
    with pytest.raises(Refused, match="older than the data"):
        putting_back.chosen(copy, keys=old)


@pytest.mark.parametrize("kind", ["data", "keys"])
def test_only_a_writer_of_the_servers_own_signs_a_backup(
    machine: Machine, tmp_path: Path, kind: Kind
) -> None:
    copy = tmp_path / "copy"
    machine.take(copy, NOON)
    (place,) = parts_of(copy, kind)
    path = place / manifest.NAME
    stated = manifest.decoded(path.read_bytes()).manifest
    for stranger in (Writer(b"\x77" * 32, "server"), machine.house.edge):
        for claimed in (stranger.id, machine.house.server.id):
            path.write_bytes(manifest.signed(replace(stated, writer=claimed), stranger.key))
            with pytest.raises(Damaged, match="sign"):
                putting_back.chosen(copy)


def test_a_missing_picture_is_told_and_the_rest_comes(machine: Machine, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    machine.take(copy, NOON)
    first = parts.select().where(parts.c.sequence == 1, parts.c.name == "picture/plate")
    row = machine.house.db.execute(first).one()
    picture_path(copy / "pictures", row.lot, row.hash).unlink()
    house, _ = restored(copy, tmp_path / "new")
    assert whats(house.verified()) == ["damage: part picture/plate missing"]
