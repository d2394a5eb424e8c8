"""Whom to believe: the trust pack for edges and the root for phones; both are public."""

from __future__ import annotations

from pathlib import Path

from flask import Response

from contract import trust
from lot.errors import Unreadable
from server.api.app import Asked
from server.api.operations import JSON, Bytes, Door, Operation, Room

_ROOT_TYPE = "application/x-x509-ca-cert"


def room(pack: Path) -> Room:
    """Return the room; `pack` is the file that the keyholder's trust pack is kept in."""
    trusting = Room("trust", "Whom to believe")

    @trusting.answers(
        Operation(
            "read_trust",
            "GET",
            "/trust",
            Door.ANYBODY,
            "The trust pack, byte for byte as edges compare it with their code.",
            answer=Bytes(JSON),
            problems=("gone",),
        )
    )
    def trust_pack(_: Asked) -> Response:
        return Response(_read(pack), content_type=JSON)

    @trusting.answers(
        Operation(
            "read_root",
            "GET",
            "/root",
            Door.ANYBODY,
            "The root certificate, to be installed on a phone after comparing its SHA-256.",
            answer=Bytes(_ROOT_TYPE),
            problems=("gone",),
        )
    )
    def root(_: Asked) -> Response:
        return Response(trust.pack_own(_read(pack)).root, content_type=_ROOT_TYPE)

    return trusting


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(
            "the trust pack is not there yet", then="unlock the server once: that makes it"
        ) from error
