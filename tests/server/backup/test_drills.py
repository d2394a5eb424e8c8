"""The recovery drills: phone lost, passphrase lost, machine lost. Every record is read again.

All of it by the commands that a person types, on a real keyholder, database and disk.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import select

from contract import signature
from lot.errors import DAMAGED, DONE, LOCKED
from lot.files import write_private
from server.__main__ import main
from server.backup import restoring
from server.keys.folder import KeysFolder
from server.keys.holder.calls import Version
from server.keys.holder.client import Keyholder
from server.keys.holder.newest import Newest
from server.store import audit_lines, tables, writers
from server.store.database import Database
from tests.server.api.vaulted import Vaulted
from tests.server.commands.console import Console, console_of
from tests.server.databases import KINDS, Server

EVENTS = 4
NOBODY = 65_534


@pytest.fixture
def console(vault: Vaulted, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Console:
    """A server with a few events, each with a picture."""
    edge = vault.edge
    vault.keep(*(edge.an_event({"plate": b"picture %d" % n}) for n in range(EVENTS)))
    return console_of(vault, tmp_path, capsys)


@dataclass(frozen=True)
class Machine:
    """An empty machine that a backup is put on."""

    folder: Path
    old: Console
    url: str = ""

    @property
    def env(self) -> Mapping[str, str]:
        database = {"LOT_DATABASE": self.url} if self.url else {}
        return {
            **database,
            "LOT_SERVER_FOLDER": str(self.folder / "server"),
            "LOT_KEYS_FOLDER": str(self.folder / "keys"),
            "LOT_TIMEZONE": "UTC",
            "PATH": "",
        }

    def do(self, *words: str) -> tuple[int, str, str]:
        self.old.said.readouterr()
        status = main(words, self.env)
        out, err = self.old.said.readouterr()
        return status, out, err

    def restore(self, *words: str) -> tuple[int, str, str]:
        return self.do("restore", str(self.old.folder / "copy"), *words)

    def database(self) -> Database:
        return Database.open(f"sqlite:///{self.folder / 'server' / 'lotkeeper.sqlite3'}")


@pytest.fixture
def empty(console: Console, tmp_path: Path) -> Machine:
    """An empty machine beside the backup of another, whose disk is dead."""
    assert console.do("backup", str(tmp_path / "copy"))[0] == DONE
    return Machine(tmp_path / "new", console)


@pytest.mark.parametrize("way", [Console.by_code, Console.by_sheet])
def test_on_an_empty_machine_every_record_is_read_again(
    empty: Machine, way: Callable[[Console], Sequence[str]]
) -> None:
    status, said, talk = empty.restore("--open", *way(empty.old))
    opened = f"opened: {2 * EVENTS} parts"
    assert status == DONE, talk
    assert said.splitlines()[-2:] == [opened, "nothing missing, nothing altered"]
    assert f"{EVENTS} pictures" in said
    assert (empty.folder / "server" / "tls" / "chain.pem").exists()
    assert not (empty.folder / "server" / "restoring").exists()


@pytest.mark.parametrize("kind", [one for one in KINDS if one != "sqlite"])
def test_it_comes_back_into_any_database(
    empty: Machine, database_servers: Callable[[str], Server], kind: str
) -> None:
    machine = replace(empty, url=database_servers(kind).new())
    status, said, talk = machine.restore("--open", *empty.old.by_sheet())
    assert (status, said.splitlines()[-1]) == (DONE, "nothing missing, nothing altered"), talk


def test_the_new_node_begins_by_naming_the_backup_and_the_old_writer_ends(empty: Machine) -> None:
    assert empty.restore(*empty.old.by_sheet())[0] == DONE
    database = empty.database()
    with database.read() as read:
        nodes = audit_lines.nodes(read)
        old = empty.old.vault.ledger.node
        (new,) = {*nodes} - {old}
        lines = tables.audit_lines
        acts = select(lines.c.act).where(lines.c.node == new).order_by(lines.c.seq)
        assert read.scalars(acts).all()[:2] == ["restore", "recover"]
        roles = select(tables.writers.c.writer).where(tables.writers.c.role == "server")
        assert len(read.scalars(roles).all()) == 2
    database.close()


def test_nothing_is_served_before_the_vault_was_opened_and_a_second_try_goes_on(
    empty: Machine,
) -> None:
    status, said, _ = empty.restore(*empty.old.by_code(1, "something else, forgotten"))
    assert (status, "rows" in said) == (LOCKED, True)
    status, _, talk = empty.do("serve", "--bind", "127.0.0.1:1")
    assert (status, "is being put back" in talk) == (LOCKED, True)
    status, said, talk = empty.restore(*empty.old.by_sheet())
    assert (status, "An earlier try" in talk) == (DONE, True)
    status, _, talk = empty.restore(*empty.old.by_sheet())
    assert (status, "is set up" in talk) == (LOCKED, True)


@pytest.mark.parametrize("at", ["_put_rows", "_begin_newest", "_is_founded"])
def test_a_restore_that_was_cut_begins_anew(
    empty: Machine, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as power:
        power.setattr(restoring, at, power_cut)
        assert empty.restore(*empty.old.by_sheet())[0] == 130
    status, said, _ = empty.restore(*empty.old.by_sheet())
    assert (status, said.splitlines()[-1]) == (DONE, "nothing missing, nothing altered")


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone gives files to others")
def test_a_restore_that_was_cut_leaves_the_keyholder_nothing_of_roots(
    empty: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = empty.folder / "keys"
    keys.mkdir(parents=True)
    os.chown(keys, NOBODY, NOBODY)

    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as power:
        power.setattr(restoring, "give_to_its_owner", power_cut)
        assert empty.restore(*empty.old.by_sheet())[0] == 130
    assert empty.restore(*empty.old.by_sheet())[0] == DONE
    kept = [path for path in keys.rglob("*") if path.is_file()]
    assert [path.name for path in kept if path.stat().st_uid != NOBODY] == []


def test_the_old_writers_end_is_the_only_certificate_that_counts_also_after_a_cut(
    empty: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = signature.writer_id(signature.public_half(empty.old.vault.parts.own_key))
    confirm = Keyholder.confirm_versions

    def power_cut(one: Keyholder, versions: tuple[Version, ...]) -> None:
        if any(version.id == old for version in versions):
            raise KeyboardInterrupt
        confirm(one, versions)

    with monkeypatch.context() as power:
        power.setattr(Keyholder, "confirm_versions", power_cut)
        assert empty.restore(*empty.old.by_sheet())[0] == 130
    assert empty.restore(*empty.old.by_sheet())[0] == DONE
    with closing(empty.database()) as database, database.read() as read:
        row = writers.found(read, old)
    assert row is not None
    with closing(Newest(KeysFolder(empty.folder / "keys").newest)) as newest:
        newest.check(row.as_version)
        assert newest.unsettled() == ()


def test_a_machine_that_has_a_server_is_left_alone(empty: Machine) -> None:
    write_private(empty.folder / "server" / "service.key", b"k" * 32)
    status, _, talk = empty.restore(*empty.old.by_sheet())
    assert (status, "is set up" in talk) == (LOCKED, True)
    assert (empty.folder / "server" / "service.key").read_bytes() == b"k" * 32


def test_what_the_backup_lacks_is_told_as_damage(empty: Machine) -> None:
    shutil.rmtree(empty.old.folder / "copy" / "pictures")
    status, said, _ = empty.restore(*empty.old.by_sheet())
    assert status == DAMAGED
    assert f"{EVENTS} pictures are not in the backup" in said
