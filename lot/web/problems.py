"""Every refusal of the API, as one table of codes; each answer is a problem document (RFC 9457).

A code is for programs and never changes its meaning, a detail is for people. Neither repeats what
was sent: that may be a plate or a secret.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response

from lot.errors import LotError

MEDIA_TYPE = "application/problem+json"
_PREFIX = "urn:lotkeeper:problem:"


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to be refused."""

    status: int
    title: str


KINDS: Mapping[str, Kind] = {
    "malformed": Kind(400, "The request cannot be read"),
    "wrong_field": Kind(400, "A field is missing or not as it must be"),
    "reason_needed": Kind(400, "A reason must be given"),
    "unauthenticated": Kind(401, "Nobody is signed in here"),
    "session_ended": Kind(401, "The session has ended"),
    "wrong_credentials": Kind(401, "Name, passphrase and code do not belong together"),
    "forbidden": Kind(403, "This is not among your rights"),
    "device_unknown": Kind(403, "This browser is not approved"),
    "code_needed": Kind(403, "A fresh one-time code is needed"),
    "console_needed": Kind(403, "Too many tries: only the server's console goes on"),
    "setup_code_wrong": Kind(403, "The set-up code is not right"),
    "camera_unknown": Kind(403, "The certificate does not name this camera"),
    "edge_revoked": Kind(403, "This edge was revoked"),
    "not_found": Kind(404, "There is no such thing"),
    "wrong_method": Kind(405, "This cannot be done here"),
    "conflict": Kind(409, "It was changed meanwhile"),
    "already_there": Kind(409, "There is one already"),
    "equivocation": Kind(409, "Two records bear one number: the chain is closed"),
    "gone": Kind(410, "It was forgotten"),
    "length_required": Kind(411, "The length must be said beforehand"),
    "too_large": Kind(413, "The body is too large"),
    "too_long": Kind(414, "The address is too long"),
    "wrong_media": Kind(415, "The body is of another kind, or packed"),
    "no_picture": Kind(422, "It is no picture that can be read"),
    "record_refused": Kind(422, "A record can never be taken"),
    "locked": Kind(423, "The vault is locked"),
    "too_many_tries": Kind(429, "Too many tries: wait"),
    "too_fast": Kind(429, "Too much at once: wait"),
    "internal": Kind(500, "A fault of ours"),
    "busy": Kind(503, "Too much at once: try again"),
    "database_away": Kind(503, "The database does not answer"),
    "keyholder_away": Kind(503, "The keyholder does not answer"),
    "keeper_away": Kind(503, "The share keeper does not answer"),
    "gate_away": Kind(503, "The gate does not run"),
    "edge_away": Kind(503, "The edge does not answer"),
    "unconfigured": Kind(503, "The server is not set up"),
    "not_ready": Kind(503, "The server is not ready"),
    "storage_full": Kind(507, "There is no room left"),
    "quota_full": Kind(507, "The edge's quota of today is used up"),
}

# What any operation may answer, so that none lists it.
EVERYWHERE = ("malformed", "wrong_field", "internal")


class Problem(LotError):
    """A refusal with a code of the table."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        retry_s: int | None = None,
        **more: object,
    ) -> None:
        super().__init__(detail, then=KINDS[code].title)
        self.code = code
        self.detail = detail
        self.retry_s = retry_s
        self.more = more

    @property
    def kind(self) -> Kind:
        return KINDS[self.code]


def document(problem: Problem) -> dict[str, object]:
    """Return the document's members."""
    return {
        "type": _PREFIX + problem.code,
        "title": problem.kind.title,
        "status": problem.kind.status,
        "detail": problem.detail,
        **problem.more,
    }


def answered(problem: Problem) -> Response:
    """Return a problem as the answer to a request."""
    answer = Response(
        json.dumps(document(problem), ensure_ascii=False) + "\n",
        status=problem.kind.status,
        content_type=MEDIA_TYPE,
    )
    if problem.retry_s is not None:
        answer.headers["Retry-After"] = str(max(1, problem.retry_s))
    if problem.kind.status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="lotkeeper"'
    return answer


def schema(code: str | None = None) -> dict[str, object]:
    """Return the JSON schema of a problem, of one code or of any."""
    names = sorted(KINDS) if code is None else [code]
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string", "enum": [_PREFIX + name for name in names]},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "field": {"type": "string", "description": "Which field or parameter is meant."},
            "sequence": {"type": "integer", "description": "Which record can never be taken."},
        },
    }
