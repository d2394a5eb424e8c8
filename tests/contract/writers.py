"""Writers for the tests: what the vault certifies of one."""

import json
from dataclasses import dataclass
from typing import Literal

from contract.chain import Point


@dataclass(frozen=True)
class Certified:
    """A certificate whose signature was looked at elsewhere."""

    writer: bytes
    public: bytes
    role: Literal["edge", "server"]
    lot: bytes | None
    cameras: tuple[str, ...]
    until: Point | None = None


def certified(certificate: bytes) -> Certified:
    body = json.loads(certificate)["body"]
    return Certified(
        writer=bytes.fromhex(body["writer"]),
        public=bytes.fromhex(body["public"]),
        role=body["role"],
        lot=bytes.fromhex(body["lot"]) if body["lot"] else None,
        cameras=tuple(body["cameras"]),
    )
