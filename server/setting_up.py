"""A server is set up: vault, certificate, tables, the first lot and its owner.

The mark that a vault is there is written last. A set-up that was cut so begins anew, and puts away
what the one before left; nothing else is ever put away.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, delete, func, select

from contract import signature
from contract.head import ID_BYTES
from lot.clock import WallClock
from lot.errors import Refused
from lot.files import write_private
from server.audit.lines import Audit, node_in
from server.keys import founding
from server.keys.folder import KeysFolder
from server.keys.founding import Begun, Owner
from server.keys.holder.bodies import Device
from server.lot_keeping import New
from server.running import tls_leaf
from server.settings import Places, ServerSettings
from server.store import lots, vouched, writers
from server.store.database import Database
from server.store.lots import Lot
from server.store.migrations.run import migrate
from server.store.tables import SERVER, tables
from server.store.wraps import wrap_folder
from server.store.writers import WriterRow
from server.trust_file import TrustFile

_SECRET_BYTES = 32
_OF_A_CUT_SET_UP = ("accounts", "devices", "lots", "writers", "wraps", "audit_lines")


def check_new(settings: ServerSettings) -> None:
    """Raise Refused where a server is set up, in these folders or in this database."""
    founding.check_new(KeysFolder(settings.places.keys))
    tls_leaf.check_names(tls_leaf.names_here(settings.names))
    with closing(Database.open(settings.database)) as database:
        migrate(database)
        with database.read() as read:
            _check_unused(read)


def begin(settings: ServerSettings, owner: Owner, now: int) -> Begun:
    """Make the vault, after `check_new`; nothing is set up until `complete` has returned."""
    return founding.begin(KeysFolder(settings.places.keys), owner, now)


def complete(
    settings: ServerSettings, begun: Begun, lot: New, now: int, device: Device | None = None
) -> None:
    """Write what the web process needs, then rows, then the mark that the server is set up.

    `device` is the browser that it was set up in: its owner signs in there.
    """
    places = settings.places
    public = _write_files(settings, begun, now)
    writer = _writer(begun, public, now)
    first = Lot(secrets.token_bytes(ID_BYTES), **asdict(lot), made=now)
    trusted, wall = TrustFile(places.trust_pack), WallClock()
    audit = Audit(node_in(places.node), writer.writer, trusted, wrap_folder(places.wraps), wall)

    approved = None if device is None else begun.device(device)

    def work(write: Connection) -> None:
        _check_unused(write)
        for name in _OF_A_CUT_SET_UP:
            write.execute(delete(tables.tables[name]))
        owner = begun.foundation
        vouched.put(write, "accounts", owner.row)
        lots.add(write, first)
        writers.add(write, writer, now)
        audit.line(write, "set_up", {"lot": first.lot}, actor=owner.account.id)
        if device is not None and approved is not None:
            vouched.put(write, device.TABLE, approved)
            said = {"device": device.id, "name": device.name}
            audit.line(write, "device_approved", said, actor=owner.account.id)

    with closing(Database.open(settings.database)) as database:
        database.write(work)
    for folder in (places.state, places.keys):
        give_to_its_owner(folder)
    begun.finish()  # after it nothing is done a second time


def _write_files(settings: ServerSettings, begun: Begun, now: int) -> bytes:
    """Write the web process's own files; return the public half of its writer key."""
    places = settings.places
    _put_away(places)
    key = Ed25519PrivateKey.generate()
    write_private(places.service_key, key.private_bytes_raw())
    write_private(places.pepper, os.urandom(_SECRET_BYTES))
    tls_key, csr = tls_leaf.request_made(tls_leaf.names_here(settings.names))
    tls_leaf.keep(places, *begun.leaf(csr, now), tls_key)
    write_private(places.trust_pack, begun.foundation.trust_pack)
    return signature.public_half(key)


def _writer(begun: Begun, public: bytes, now: int) -> WriterRow:
    certificate, n = begun.certificate(public, now)
    return WriterRow(
        lot=SERVER,
        writer=signature.writer_id(public),
        name="server",
        role="server",
        certificate=certificate,
        n=n,
        state_key=None,
        closed=False,
        day_bytes_max=0,  # what it writes itself is counted against nobody
        stamp=None,
    )


def _check_unused(read: Connection) -> None:
    for name in sorted(tables.tables.keys() - {*_OF_A_CUT_SET_UP, "attempts", "device_requests"}):
        table = tables.tables[name]
        if read.scalar(select(func.count()).select_from(table)):
            raise Refused(
                f"the database is another server's: it has rows of {name}",
                then="name an empty one in LOT_DATABASE, or restore that server",
            )


def _put_away(places: Places) -> None:
    """Remove what a cut set-up left: a chain of the audit and wraps for a vault that never was."""
    places.node.unlink(missing_ok=True)
    shutil.rmtree(places.wraps, ignore_errors=True)


def give_to_its_owner(folder: Path) -> None:
    """Give all in a folder to whom the folder belongs: root may set up for the two users."""
    if os.geteuid() != 0:
        return
    owner = folder.stat()
    for path in _all_in(folder):
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _all_in(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*"))
