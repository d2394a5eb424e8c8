"""A confirmation that was lost with a process heals by itself, of each table, and nothing else."""

from __future__ import annotations

import secrets
from dataclasses import replace

from sqlalchemy import Connection

from server.access.roles import Role
from server.api.ways_in import Taking
from server.keys.holder import bodies, calls
from server.keys.holder.calls import Version
from server.private.rows import Place, Private
from server.running import chores, settling
from server.running.opened import AfterOpening
from server.store import private_rows, vouched, writers
from server.store.private_rows import PrivateRow
from tests.contract.writers import LOT
from tests.server.api.test_door import DEVICE
from tests.server.api.vaulted import Vaulted

AT = Place(LOT, "customer")


def _settled(vault: Vaulted) -> int:
    return settling.settled(vault.database, vault.home.keyholder)


def _unsettled(vault: Vaulted) -> tuple[Version, ...]:
    return vault.home.keyholder.unsettled()


def _vouched(vault: Vaulted, body: bodies.Account | bodies.Device) -> calls.Vouched:
    data = bodies.encoded(body)
    mac = vault.home.keyholder.vouch(calls.Vouch(vault.owner, body.TABLE, data))
    return calls.Vouched(data, mac)


def _sealed(vault: Vaulted, id_: bytes, version: int, content: bytes) -> PrivateRow:
    plain = calls.PlainRow(AT.kind, id_, version, content)
    (made,) = vault.home.keyholder.rows_seal(calls.RowsSeal(vault.owner, LOT, (plain,)))
    return PrivateRow(LOT, AT.kind, id_, made.version, made.box)


def _a_camera_more(vault: Vaulted) -> calls.Certified:
    asked = calls.Certify(vault.owner, vault.certificate, ("gate", "yard"), None)
    return vault.home.keyholder.certify(asked)


def test_what_lies_in_any_table_is_confirmed_and_a_deletion_too(vault: Vaulted) -> None:
    account = bodies.Account(
        secrets.token_bytes(16), 1, "Bo", Role.VIEWER, (LOT,), None, code=False, closed=False
    )
    kept, dropped = secrets.token_bytes(16), secrets.token_bytes(16)
    private = Private(vault.database, vault.home.keyholder, vault.ledger)
    private.put(vault.owner, AT, dropped, 0, {"name": "Cy"})
    rows = _vouched(vault, account), _vouched(vault, DEVICE)
    sealed = _sealed(vault, kept, 1, b'{"v":1}')
    _sealed(vault, dropped, 2, b"")
    made = _a_camera_more(vault)

    def commit(write: Connection) -> None:
        vouched.put(write, "accounts", rows[0])
        vouched.put(write, "devices", rows[1])
        private_rows.put(write, sealed)
        private_rows.drop(write, LOT, AT.kind, dropped)
        writers.certify(write, LOT, made.writer, made.certificate, made.n)

    assert _settled(vault) == 0
    vault.database.write(commit)
    assert _settled(vault) == 5
    assert _unsettled(vault) == ()


def test_what_is_committed_late_still_counts(vault: Vaulted) -> None:
    made = _a_camera_more(vault)
    assert _settled(vault) == 0
    assert _unsettled(vault) == (made.version,)
    vault.database.write(
        lambda write: writers.certify(write, LOT, made.writer, made.certificate, made.n)
    )
    assert _settled(vault) == 1


def test_the_server_settles_by_itself_after_an_opening_and_once_an_hour(vault: Vaulted) -> None:
    of = vault.parts
    opened = AfterOpening(of.settings, of.database, of.keyholder, lambda: of.audit, of.wall.now_us)
    ground = chores.Ground(
        vault.places,
        of.database,
        of.keyholder,
        of.wraps,
        of.pictures,
        of.wall,
        lambda: Taking(of, lambda: None).ingest,
        lambda: of.writing,
    )

    def a_lost_confirmation() -> None:
        row = _vouched(vault, replace(DEVICE, id=secrets.token_bytes(16)))
        vault.database.write(lambda write: vouched.put(write, "devices", row))
        assert len(_unsettled(vault)) == 1

    a_lost_confirmation()
    opened(vault.owner)
    assert _unsettled(vault) == ()
    a_lost_confirmation()
    assert "settle" in chores.rota(ground).round()
    assert _unsettled(vault) == ()
