"""The recognition API tells of itself: its document, whether it lives and is ready, its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from flask import Response

from contract.grant import NONCE_BYTES
from edge.api.access import Door
from edge.api.app import Asked, Operation, Room
from edge.api.figures import TEXT
from edge.api.grants import Grants
from lot.web import itself as usual
from lot.web.itself import Readiness
from lot.web.openapi import House, Security
from lot.web.operations import Bytes
from lot.web.shapes import Octets, fields


def _codes(door: Door) -> set[str]:
    return set() if door is Door.ANYBODY else {"unauthenticated", "too_fast"}


def _security(door: Door) -> Security:
    by_token: Security = [{"token": []}, {"basic": []}]
    if door in (Door.LIVE, Door.READ):
        return [*by_token, {"grant": []}]
    return by_token if door is Door.TOKEN else []


_WHOSE = {
    Door.ANYBODY: "For: anybody.",
    Door.TOKEN: "For: who has the token.",
    Door.HERE: "For: this machine, and who has the token.",
    Door.LIVE: "For: who has the token, and the server with a grant `live` of the vault.",
    Door.READ: "For: who has the token, and the server with a grant `read` of the vault.",
}
HOUSE: House[Door] = House(
    title="Lotkeeper's recognition API",
    about="Pictures in, plates out, beside the gate. Probabilities are thousandths.",
    schemes={
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "LOT_API_TOKEN; also as `Token X`.",
        },
        "basic": {
            "type": "http",
            "scheme": "basic",
            "description": "The same as the password; the name is passed over.",
        },
        "grant": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Grant X`, X in hex: what the vault signed over a nonce of this edge.",
        },
    },
    security=_security,
    whose=lambda door: _WHOSE[door],
    codes=_codes,
    headers=lambda _: (),
)


def room(
    others: Sequence[Room],
    unready: Callable[[], str | None],
    figures: Callable[[], bytes],
    grants: Grants,
) -> Room:
    """Return the room; `unready` says in a line what is not ready yet, None where all is."""
    readiness = Readiness("Pictures can be read and kept.", unready)
    itself = usual.room(others, HOUSE, Door.ANYBODY, readiness)

    @itself.answers(
        Operation(
            "metrics",
            "GET",
            "/metrics",
            Door.HERE,
            "Figures for Prometheus: of this interface, and of the gate beside it.",
            answer=Bytes("text/plain"),
        )
    )
    def metrics(_: Asked) -> Response:
        return Response(figures(), content_type=TEXT)

    @itself.answers(
        Operation(
            "draw_nonce",
            "GET",
            "/nonce",
            Door.ANYBODY,
            "A nonce for a grant of the vault, good once and for a minute.",
            answer=fields(nonce=Octets(NONCE_BYTES)),
        )
    )
    def nonce(_: Asked) -> Mapping[str, object]:
        return {"nonce": grants.nonce().hex()}

    return itself
