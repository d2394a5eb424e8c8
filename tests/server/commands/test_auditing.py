"""What an auditor types: verify, backup, doctor, each on a server in a folder."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import create_engine, delete

from contract.trust import pack_encoded
from lot.errors import DAMAGED, DONE, SOME_REFUSED, LotError, Unreadable, Unwritable
from lot.files import write_private
from server.backup import house, putting_back
from server.backup.taking import parts_of
from server.commands import backup, doctor, verify
from server.settings import Places
from server.store.database import Database
from server.store.migrations.run import migrate
from server.store.pictures import picture_folder
from server.store.tables import records
from server.store.wraps import wrap_folder
from tests.contract.writers import Writer
from tests.server.verify.filled import NODE, VAULT, Filled, pack

Env = Mapping[str, str]


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """Return the settings of a server that an edge wrote to."""
    state, keys = tmp_path / "web", tmp_path / "keys"
    places = Places(state, keys)
    write_private(places.trust_pack, pack_encoded(pack().root, pack().statement, VAULT))
    for file in ("vault", "founded.json", "holder.key", "slots/one.slot"):
        write_private(keys / file, file.encode())
    write_private(keys / "trust.json", places.trust_pack.read_bytes())
    write_private(places.service_key, Writer(b"\x22" * 32, "server").seed)
    write_private(places.node, NODE.hex().encode())
    database = Database.open(f"sqlite:///{state / 'lotkeeper.sqlite3'}")
    migrate(database)
    filled = Filled(database.engine)
    filled.events(4)
    filled.line("sign_in")
    filled.marked()
    filled.db.commit()
    filled.db.close()
    for (lot, name), data in filled.pictures.files.items():
        picture_folder(places.pictures).put(lot, name, data)
    for (lot, name), data in filled.wraps.files.items():
        wrap_folder(places.wraps).put(lot, name, data)
    database.close()
    return {"LOT_SERVER_FOLDER": str(state), "LOT_KEYS_FOLDER": str(keys), "LOT_TIMEZONE": "UTC"}


def asked(command: object, *words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()
    command.add_to(commands)  # type: ignore[attr-defined]  # any of the three modules
    name = command.__name__.split(".")[-1]  # type: ignore[attr-defined]  # likewise
    return parser.parse_args([name, *words])


def verified(env: Env, *words: str) -> int:
    return verify.run(asked(verify, *words), env)


def damage(env: Env) -> None:
    engine = create_engine(f"sqlite:///{env['LOT_SERVER_FOLDER']}/lotkeeper.sqlite3")
    with engine.begin() as write:
        write.execute(delete(records).where(records.c.sequence == 4))
    engine.dispose()


def test_verify_says_that_nothing_is_missing(
    env: Env, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "report.json"
    assert verified(env, "--report", str(kept)) == DONE
    assert capsys.readouterr().out.splitlines()[-1] == "nothing missing, nothing altered"
    assert verified(env, "--json") == DONE
    said = json.loads(capsys.readouterr().out)
    assert said["writers"] == json.loads(kept.read_bytes())["writers"]


def test_verify_against_an_earlier_report_finds_what_was_cut(
    env: Env, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "report.json"
    verified(env, "--report", str(kept))
    damage(env)
    assert verified(env) == DONE  # nothing else names the newest record
    assert verified(env, "--against", str(kept)) == DAMAGED
    assert "DAMAGE" in capsys.readouterr().out
    with pytest.raises(Unreadable):
        verified(env, "--against", str(tmp_path / "none"))
    kept.write_bytes(b"{}")
    with pytest.raises(LotError):
        verified(env, "--against", str(kept))


def test_a_backup_is_put_on_an_empty_machine_and_verified(
    env: Env, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy"
    assert backup.run(asked(backup, str(copy)), env) == DONE
    assert "restoring needs both" in capsys.readouterr().out
    assert len(parts_of(copy, "data")) == len(parts_of(copy, "keys")) == 1
    new = {name: value.replace(str(tmp_path), str(tmp_path / "new")) for name, value in env.items()}
    places = Places(Path(new["LOT_SERVER_FOLDER"]), Path(new["LOT_KEYS_FOLDER"]))
    found = putting_back.chosen(copy)
    database = Database.open(f"sqlite:///{places.state / 'lotkeeper.sqlite3'}")
    migrate(database)
    database.write(lambda write: putting_back.put_rows(found, write))
    with database.read() as read:
        there, missing = putting_back.put_pictures(found, read, picture_folder(places.pictures))
    database.close()
    assert (there, missing) == (2, 0)
    assert putting_back.put_keys(found, lambda name: house.place_of_secret(places, name)) == 9
    for name in ("vault", "founded.json", "holder.key", "slots/one.slot"):
        assert (places.keys / name).read_bytes() == name.encode()
    assert not places.service_key.exists()
    write_private(places.trust_pack, pack_encoded(pack().root, pack().statement, VAULT))
    assert verified(new) == DONE


def test_a_file_of_the_keys_part_goes_nowhere_but_where_it_belongs(tmp_path: Path) -> None:
    places = Places(tmp_path / "web", tmp_path / "keys")
    for name in ("service.key", "doors", "slots/a/b", "certificates/ab", "wraps", "newest.sqlite3"):
        assert house.place_of_secret(places, name) is None


def test_a_backup_to_a_disk_that_is_not_there_makes_no_folder(env: Env, tmp_path: Path) -> None:
    with pytest.raises(Unwritable, match="stick is not there; mount the disk"):
        backup.run(asked(backup, str(tmp_path / "stick" / "copy")), env)
    assert not (tmp_path / "stick").exists()


def test_a_backup_without_the_keyholders_files_says_what_to_do(env: Env, tmp_path: Path) -> None:
    (Path(env["LOT_KEYS_FOLDER"]) / "vault").unlink()
    with pytest.raises(Unreadable, match="as root"):
        backup.run(asked(backup, str(tmp_path / "copy")), env)
    assert parts_of(tmp_path / "copy", "keys") == []


def test_the_doctor_says_what_is_wrong_a_line_each(
    env: Env, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").touch(0o644)
    assert doctor.run(asked(doctor), env) == SOME_REFUSED
    said = capsys.readouterr().out
    assert ".env can be read by others" in said
    assert "the keyholder does not answer" in said


def test_a_server_without_tables_is_told_so_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    env = {"LOT_SERVER_FOLDER": str(tmp_path / "web"), "LOT_KEYS_FOLDER": str(tmp_path / "keys")}
    pack_file = Places(tmp_path / "web", tmp_path / "keys").trust_pack
    write_private(pack_file, pack_encoded(pack().root, pack().statement, VAULT))
    assert doctor.run(asked(doctor), env) == SOME_REFUSED
    assert "no tables yet" in capsys.readouterr().out
    with pytest.raises(LotError, match="no tables yet"):
        verified(env)
    with pytest.raises(LotError, match="no tables yet"):
        backup.run(asked(backup, str(tmp_path / "copy")), env)
