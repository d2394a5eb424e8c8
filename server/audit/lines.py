"""Who did what at the server: a line in the transaction of what it tells, one chain a node.

What a line is about lies in a sealed detail, which this process may write while the vault is
locked and cannot read. Four kinds of detail name no event and stand in clear.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection

from contract import audit, canonical
from contract.audit import CLEAR_ACTS, Act, AuditHead, ClearDetail, Line
from contract.daykeys import DayKeys
from contract.digest import H
from contract.head import ID_BYTES
from contract.wrap import rsa_public
from lot.clock import State
from lot.errors import Damaged
from lot.files import write_private
from server.access.ledger import Told
from server.store import audit_lines, wraps
from server.store.audit_lines import Chained
from server.store.files import HashedFiles
from server.store.tables import SERVER
from server.trust_file import TrustFile

_PART = "audit"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_DAY_US = 86_400_000_000

Detail = ClearDetail | Mapping[str, object]


class Clock(Protocol):
    """The wall clock, and what its times stand on."""

    def now_us(self) -> int: ...

    def state(self, newest_us: int) -> State: ...


class Audit:
    """Writes one node's lines; safe to share between threads."""

    def __init__(
        self, node: bytes, writer: bytes, trust: TrustFile, wrap_files: HashedFiles, clock: Clock
    ) -> None:
        """`writer` is the server's own, under whose name details are sealed."""
        self._node = node
        self._writer = writer
        self._trust = trust
        self._wraps = wrap_files
        self._clock = clock
        self._keys = DayKeys(writer)
        self._boot = boot_id()

    @property
    def node(self) -> bytes:
        return self._node

    def head(self, read: Connection) -> AuditHead:
        """Return the newest head: what edges are told, and what a mark is over."""
        return audit_lines.newest(read, self._node)

    def line(
        self,
        write: Connection,
        act: Act,
        detail: Detail | None = None,
        *,
        lot: bytes | None = None,
        actor: bytes | None = None,
    ) -> AuditHead:
        """Add a line to the transaction of what it tells; the actor is the server if nobody asked.

        A detail of one of the four acts that name no event is kept in clear, any other sealed.
        """
        return self.lines(write, [Told(act, detail, lot, actor)])

    def lines(self, write: Connection, told: Sequence[Told]) -> AuditHead:
        """Add a line for each, in their order; what the rows say is asked for once."""
        head, newest = self.head(write), audit_lines.newest_time(write)
        wrapped: set[bytes] = set()
        chained: list[Chained] = []
        for one in told:
            now = self._clock.now_us()
            bare = Line(
                node=self._node,
                seq=head.seq + 1,
                time=now,
                clock=self._clock.state(newest),
                boot=self._boot,
                lot=one.lot,
                actor=one.actor or self._writer,
                act=one.act,
                detail=None,
                prev=head.head,
            )
            kept = self._detail(write, bare, one.detail, wrapped)
            line = replace(bare, detail=None if kept is None else H(kept))
            chained.append(audit_lines.chained(line, kept))
            head, newest = chained[-1].head, max(newest, now)
        audit_lines.add(write, chained)
        return head

    def _detail(
        self, write: Connection, bare: Line, detail: Detail | None, wrapped: set[bytes]
    ) -> bytes | None:
        if detail is None:
            return None
        if isinstance(detail, Mapping):
            if bare.act in CLEAR_ACTS:
                raise ValueError(f"a line of act {bare.act} has a detail in clear")
            said = canonical.encoded({"v": canonical.VERSION, **detail})
            return self._sealed(write, bare, said, wrapped)
        return audit.detail_encoded(detail)

    def _sealed(self, write: Connection, bare: Line, said: bytes, wrapped: set[bytes]) -> bytes:
        """Seal what a line says; `wrapped` are keys whose wraps are known to be there."""
        under = rsa_public(self._trust.pack().statement.current.spki)
        sealed = self._keys.sealed(
            said,
            head_hash=bare.head_hash,
            name=_PART,
            under=under,
            day=bare.time // _DAY_US,
            now=bare.time,
        )
        key = sealed.wrap.key_id
        if key not in wrapped and not wraps.there(write, SERVER, [key]):
            # A wrap must be on the disk before the line that needs it is.
            self._wraps.put(SERVER, key, sealed.wrap.data)
            wraps.add(write, SERVER, [sealed.wrap], bare.time)
        wrapped.add(key)
        return sealed.part


def node_in(path: Path) -> bytes:
    """Return this node's id out of its file; a server that has none yet begins a chain."""
    if not path.exists():
        write_private(path, secrets.token_hex(ID_BYTES).encode())
    try:
        node = bytes.fromhex(path.read_text(encoding="ascii"))
    except ValueError:
        node = b""
    if len(node) != ID_BYTES:
        raise Damaged(f"{path} holds no id of a node", then="restore it from a backup")
    return node


def boot_id() -> bytes:
    """Return what the kernel calls this boot, else something of this process alone."""
    try:
        return bytes.fromhex(_BOOT_ID.read_text(encoding="ascii").strip().replace("-", ""))
    except (OSError, ValueError):
        return secrets.token_bytes(ID_BYTES)
