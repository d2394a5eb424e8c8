"""`python -m server edge`: take edges in, see them, give them cameras, send them away."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence

from contract.event import CAMERA_OR_LANE
from lot import addresses
from lot.errors import DONE, WrongUsage
from server.commands import signed, talk
from server.commands.signed import Console
from server.edges.register import Edges
from server.running import tls_leaf
from server.store import lots
from server.store.database import Database
from server.store.lots import Lot


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("edge", help="the boxes at the gates: add, list, camera, revoke")
    works = parser.add_subparsers(required=True, metavar="WORK")
    add = works.add_parser("add", help="print a code for `python -m edge enrol`")
    add.add_argument("cameras", nargs="+", metavar="CAMERA", help="what it may testify for")
    add.add_argument("--lot", metavar="NAME", help="left out: the only one")
    add.add_argument("--address", metavar="HOST:PORT", help="where the edge finds this server")
    add.set_defaults(run=_add)
    every = works.add_parser("list", help="which there are")
    every.set_defaults(run=_list)
    camera = works.add_parser("camera", help="let an edge testify for more cameras")
    camera.add_argument("edge", metavar="EDGE", help="its name, or how its id begins")
    camera.add_argument("cameras", nargs="+", metavar="CAMERA")
    camera.set_defaults(run=_camera)
    revoke = works.add_parser("revoke", help="send an edge away; what it delivered stays")
    revoke.add_argument("edge", metavar="EDGE")
    revoke.set_defaults(run=_revoke)
    for one in (add, camera, revoke):
        signed.add_flags(one)
    for one in (add, camera):
        signed.add_fresh_code_flag(one)


def edges_of(here: Console) -> Edges:
    """Return the edges as the console knows them."""
    of = here.parts
    return Edges(of.database, of.keyholder, of.trust, of, of.wall.now_us)


def only_lot(database: Database, name: str | None) -> Lot:
    """Return the lot of a name, or the only one."""
    with database.read() as read:
        every = lots.every(read)
    found = [one for one in every if name in (None, one.name)]
    if len(found) != 1:
        raise WrongUsage(
            f"{len(found)} lots are meant" if name is None else f"no lot is called {name}",
            then=f"name one: {', '.join(one.name for one in every)}",
        )
    return found[0]


def _add(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    _check_cameras(asked.cameras)
    with signed.signed_in(asked, env) as (here, by):
        lot = only_lot(here.parts.database, asked.lot)
        found = tls_leaf.found_at(here.parts.settings.names)
        where = addresses.address(asked.address) if asked.address else found
        signed.see_to_code(asked, here, by, "admit", lot.lot)
        made = edges_of(here).invite(by, lot.lot, asked.cameras)
    sys.stdout.write(f"{made.code}@{where}\n")
    talk.say(f"good once and for {made.seconds // 60} minutes, while the vault stays open")
    if not asked.address:
        talk.say(f"the box looks for this server at {where}; --address names another place")
    return DONE


def _list(_: argparse.Namespace, env: Mapping[str, str]) -> int:
    with signed.console(env) as here:
        every = edges_of(here).every()
        for one in every:
            stands = "revoked" if one.rights.until else "closed" if one.row.closed else "good"
            cameras = ",".join(one.rights.cameras) or "-"
            sys.stdout.write(f"{one.row.writer.hex()} {one.row.name} {stands} {cameras}\n")
        if not every:
            sys.stderr.write("no box is enrolled yet; python -m server edge add CAMERA\n")
    return DONE


def _camera(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    _check_cameras(asked.cameras)
    with signed.signed_in(asked, env) as (here, by):
        edges = edges_of(here)
        edge = edges.named(asked.edge)
        signed.see_to_code(asked, here, by, "admit", edge.row.lot)
        edges.add_cameras(by, edge, asked.cameras)
    sys.stdout.write(f"{asked.edge} may testify for {', '.join(asked.cameras)}\n")
    return DONE


def _revoke(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    with signed.signed_in(asked, env) as (here, by):
        edges = edges_of(here)
        edges.revoke(by, edges.named(asked.edge))
    sys.stdout.write(f"{asked.edge} is revoked\n")
    return DONE


def _check_cameras(names: Sequence[str]) -> None:
    for name in names:
        if not re.fullmatch(CAMERA_OR_LANE, name):
            raise WrongUsage(f"{name!r} is no name of a camera", then="as in the edge's settings")
