"""`python -m edge doctor`: what is wrong with board, cameras and delivery, and what to do.

A box that is not enrolled yet is looked at too; it ends with saying how to enrol.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from edge.commands.enrol import ENV_FILE
from edge.delivery.delivering import Keys, writer_of
from edge.delivery.env_file import check_private
from edge.delivery.identity import Places, identity_in
from edge.delivery.outbox import Outbox
from edge.delivery.room import Room
from edge.delivery.settings import asked_from, places_from
from edge.doctor.board import board, this_machine
from edge.doctor.finding import Finding
from edge.doctor.reaching import reached
from edge.settings import settings_from
from lot.clock import now_us
from lot.errors import DONE, SOME_REFUSED
from lot.settings import Variables, given_values
from lot.times import local_text, moment


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("doctor", help="what is wrong here, a line each; 1: something is")
    parser.add_argument(
        "--witness",
        action="store_true",
        help="print the server's audit heads that this edge was told, to compare without it",
    )
    parser.add_argument(
        "--seen",
        action="store_true",
        help="forget the alarms printed, which come again if they go on",
    )
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Look at everything; of delivery each fault is told as the daemon would."""
    values = given_values(env, ENV_FILE)
    check_private(Path(ENV_FILE))
    places = places_from(values)
    sick = not asked.witness and _looked_at(values, places)
    identity = identity_in(places)
    delivery = asked_from(values, identity)
    writer = writer_of(identity, Keys(places, identity), delivery.zone, now_us)
    room = Room(places.outbox, delivery.outbox_bytes_max)
    with closing(Outbox(room, writer, identity.public)) as outbox:
        if asked.witness:
            for told in outbox.witness():
                when = local_text(moment(told.at), delivery.zone)
                head = told.head
                sys.stdout.write(f"{head.node.hex()} {head.seq} {head.head.hex()} {when}\n")
            return DONE
        counts, alarms = outbox.counts(), outbox.alarms()
        if asked.seen:
            outbox.forget_alarms()
    sys.stdout.write(f"edge {identity.edge.hex()} ({identity.name}) at {delivery.server}\n")
    sys.stdout.write(
        f"outbox: {counts.last} records written, {counts.waiting} wait,"
        f" {counts.pictures_waiting} pictures wait\n"
    )
    for alarm in alarms:
        sys.stdout.write(f"alarm {alarm.code}: {alarm.says}\n")
    return SOME_REFUSED if alarms or sick else DONE


def _looked_at(values: Mapping[str, str], places: Places) -> bool:
    """Say how board and cameras are; return whether something is wrong with them."""
    sick = False
    for one in _findings(values, places):
        sys.stdout.write(f"{one}\n")
        sys.stdout.flush()  # a camera that is away takes its seconds
        sick = sick or one.weight == "fault"
    return sick


def _findings(values: Mapping[str, str], places: Places) -> Iterator[Finding]:
    yield from board(this_machine(places.folder))
    read = Variables(values, "edge")
    yield from reached(settings_from(values).cameras.values(), read.camera_password)
