"""Whom to believe: the trust pack for edges and the root for phones; both are public."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response

from contract.digest import DIGEST_BYTES, H
from lot.web.shapes import Octets, fields
from server.api.app import Asked
from server.api.operations import JSON, Bytes, Door, Operation, Room
from server.trust_file import TrustFile

_ROOT_TYPE = "application/x-x509-ca-cert"


def room(known: TrustFile) -> Room:
    """Return the room that shows what is known."""
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
        return Response(known.data(), content_type=JSON)

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
        return Response(known.pack().root, content_type=_ROOT_TYPE)

    @trusting.answers(
        Operation(
            "read_fingerprints",
            "GET",
            "/fingerprints",
            Door.ANYBODY,
            "SHA-256 of the root certificate and of the vault's signing key, as they stand on the "
            "recovery sheet: compared there, not here.",
            answer=fields(root=Octets(DIGEST_BYTES), sign=Octets(DIGEST_BYTES)),
            problems=("gone",),
        )
    )
    def fingerprints(_: Asked) -> Mapping[str, object]:
        pack = known.pack()
        return {"root": H(pack.root), "sign": H(pack.vault_sign)}

    return trusting
