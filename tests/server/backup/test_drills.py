"""The recovery drills: phone lost, passphrase lost, machine lost. Every record is read again.

They go by what the disk and the sheet have, without a process: what a person's way through the
pages adds to it is tested with the keyholder.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, select

from contract import codes, opening, wrap
from contract.opening import DayKeyFound
from contract.record import Record
from lot.errors import Refused
from server.backup import house as places_of
from server.backup import putting_back
from server.backup.taking import take_data, take_keys
from server.keys import founding, slots, vault_open
from server.keys.folder import KeysFolder
from server.keys.founding import Foundation, Owner
from server.keys.passphrases import passphrase_bytes
from server.keys.slots import Cost, Held
from server.keys.vault_open import OpenVault
from server.settings import Places
from server.store import tables
from server.store.pictures import picture_folder
from server.store.tables import texts
from server.store.wraps import wrap_folder
from tests.contract.writers import LOT, NOON
from tests.server.verify.filled import DAY, Filled

PASSPHRASE = "seven plain words that nobody else would choose"  # noqa: S105 - of the tests
CHEAP = Cost(memory_kib=19 * 1024, rounds=1)


@dataclass
class Office:
    """A founded server with a few days of an edge's records."""

    places: Places
    founded: Foundation
    house: Filled
    records: list[Record]

    @property
    def keys(self) -> KeysFolder:
        return KeysFolder(self.places.keys)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    places = Places(tmp_path / "web", tmp_path / "keys")
    founded = founding.founded(KeysFolder(places.keys), Owner("owner", PASSPHRASE, CHEAP), NOON)
    vault = vault_open.opened(KeysFolder(places.keys), by_passphrase(places.keys).vault_key)
    (pair,) = vault.rsa.values()
    house = Filled()
    made: list[Record] = []
    for day in range(3):
        house.new_day(house.edge, NOON + day * DAY, pair.public_key())
        for n in range(4):
            at = NOON + day * DAY + n
            made.append(house.put(house.edge.an_event({"plate": b"%d" % at}, at=at), house.edge))
    for (lot, key), data in house.wraps.files.items():
        wrap_folder(places.wraps).put(lot, key, data)
    for (lot, name), data in house.pictures.files.items():
        picture_folder(places.pictures).put(lot, name, data)
    return Office(places, founded, house, made)


def by_passphrase(keys: Path, passphrase: str = PASSPHRASE) -> Held:
    folder = KeysFolder(keys)
    (slot,) = [one for one in folder.slots.found().slots if one.terms.kind == "pass"]
    return slots.opened(slot, slots.kek_of_passphrase(slot.terms, passphrase_bytes(passphrase)))


def by_sheet(keys: Path, code: str) -> Held:
    folder = KeysFolder(keys)
    (slot,) = [one for one in folder.slots.found().slots if one.terms.kind == "recovery"]
    return slots.opened(slot, slots.kek_of_recovery(slot.terms, codes.recovery_code(code)))


def read_all(
    places: Places, vault: OpenVault, office: Office, rows: Connection | None = None
) -> int:
    """Open every record out of rows and files of a machine, under an open vault; say how many."""
    read = rows or office.house.db
    wraps, pictures = wrap_folder(places.wraps), picture_folder(places.pictures)
    for made in office.records:
        sealed: dict[str, bytes] = {}
        found: dict[bytes, DayKeyFound] = {}
        for part in made.envelope.parts:
            one = wrap.decoded(wraps.get(LOT, part.key) or b"")
            found[part.key] = DayKeyFound(one, wrap.unwrapped(one, vault.rsa[one.rsa]))
            if part.name.startswith("picture/"):
                sealed[part.name] = pictures.get(LOT, part.hash) or b""
            else:
                wanted = select(texts.c.sealed).where(texts.c.hash == part.hash)
                sealed[part.name] = read.scalar(wanted) or b""
        prk_of = opening.by_day_keys(office.house.edge.id, found)
        opened = opening.opened(made.signed, office.house.edge.rights, sealed, prk_of)
        assert opened.says is not None
        assert opened.contents["picture/plate"] == b"%d" % made.head.at
    return len(office.records)


def test_phone_lost_the_sheet_opens_and_a_new_slot_has_a_new_seed(office: Office) -> None:
    held = by_sheet(office.places.keys, office.founded.recovery)
    vault = vault_open.opened(office.keys, held.vault_key)
    assert read_all(office.places, vault, office) == 12
    (old,) = [one for one in office.keys.slots.found().slots if one.terms.kind == "pass"]
    person = office.founded.account.id
    terms = slots.terms_drawn("pass", made=NOON, person=person, cost=CHEAP, keeper=None)
    kek = slots.kek_of_passphrase(terms, passphrase_bytes(PASSPHRASE))
    office.keys.slots.put(slots.sealed(terms, kek, Held(held.vault_key, b"n" * 20)))
    office.keys.slots.remove(old.terms.id)
    again = by_passphrase(office.places.keys)
    assert again.seed == b"n" * 20 != office.founded.seed
    assert read_all(office.places, vault_open.opened(office.keys, again.vault_key), office) == 12


def test_passphrase_lost_the_sheet_opens_and_a_new_one_is_set(office: Office) -> None:
    with pytest.raises(Refused):
        by_passphrase(office.places.keys, "something else entirely, forgotten")
    held = by_sheet(office.places.keys, office.founded.recovery)
    assert read_all(office.places, vault_open.opened(office.keys, held.vault_key), office) == 12


def test_restored_on_an_empty_machine_by_passphrase_and_by_sheet(
    office: Office, tmp_path: Path
) -> None:
    copy, new = tmp_path / "copy", Places(tmp_path / "new" / "web", tmp_path / "new" / "keys")
    pictures = picture_folder(office.places.pictures)
    sources = places_of.sources(office.places, pictures, office.founded.server)
    told = office.house.audit.told
    for take in (take_data, take_keys):
        take(sources, office.house.db, copy, part=bytes(16), made=NOON, audit=told)
    for file in office.places.keys.rglob("*"):  # the machine is gone
        if file.is_file():
            file.write_bytes(b"")
    found, engine = putting_back.chosen(copy), create_engine("sqlite://")
    tables.tables.create_all(engine)
    empty = engine.connect()
    rows, since = putting_back.put_rows(found, empty)
    assert (rows > 30, since) == (True, ())
    putting_back.put_keys(found, lambda name: places_of.place_of_secret(new, name))
    came, missing = putting_back.put_pictures(found, empty, picture_folder(new.pictures))
    assert (came, missing) == (12, 0)
    for held in (by_passphrase(new.keys), by_sheet(new.keys, office.founded.recovery)):
        vault = vault_open.opened(KeysFolder(new.keys), held.vault_key)
        assert read_all(new, vault, office, empty) == 12
