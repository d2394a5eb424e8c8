"""A server for the tests of delivery, made of the contract's functions: a process over TLS.

It checks a batch as the real one must and keeps it in SQLite, so that it can be killed too. What
it has is a folder: `settings.json` there makes it refuse, and the tests read its database.

    python -m tests.edge.delivery.fake_server FOLDER [PORT]
"""

from __future__ import annotations

import json
import sqlite3
import ssl
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract import enrolment, opening, record, signature, tokens, wire
from contract.audit import AuditHead
from contract.chain import Chain, link
from contract.digest import H
from contract.enrolment import Welcome
from contract.trust import Certificate, certificate_decoded, certificate_encoded
from contract.wire import Ack, Started, There
from lot.errors import Damaged, WrongCode
from lot.files import write_private
from tests.contract import golden

NODE = golden.key("node")
STATE_KEY = b"\x5a" * 32
TOLD = AuditHead(NODE, 7, H(b"7"))


@dataclass
class Refusal(Exception):
    status: int
    code: str
    sequence: int | None = None


class Store:
    """Everything of one edge; a folder with `certificate.json`, `pack.json` and `settings.json`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = Lock()
        self._opened: dict[int, record.Record] = {}
        self._db = sqlite3.connect(
            folder / "store.sqlite3", isolation_level=None, check_same_thread=False
        )
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        for table in (
            "records (sequence INTEGER PRIMARY KEY, signed BLOB, c BLOB)",
            "parts (hash BLOB PRIMARY KEY, sealed BLOB)",
            "wraps (key BLOB PRIMARY KEY, wrap BLOB)",
            "came (at INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT)",
            "refused (at INTEGER PRIMARY KEY AUTOINCREMENT, status INTEGER)",
        ):
            self._db.execute(f"CREATE TABLE IF NOT EXISTS {table}")
        vault_sign = golden.key("vault_public")
        self.rights = certificate_decoded(
            (folder / "certificate.json").read_bytes(),
            vault_sign=vault_sign,
            server=golden.key("server"),
        )

    def batch(self, data: bytes) -> bytes:
        with self._lock:
            batch = wire.batch_decoded(data)
            for one in batch.records:
                head = record.opened(one, self.rights.public).head
                if head.camera not in (None, *self.rights.cameras):
                    raise Refusal(403, "camera_unknown")
            records = [opening.admitted(one, self.rights) for one in batch.records]
            self._fault([one.head.sequence for one in records])
            keys = {row[0] for row in self._db.execute("SELECT key FROM wraps")}
            named = self._named()
            wire.check_batch(
                batch,
                records,
                edge=self.rights.writer,
                rsa_ids=self._rsa_ids(),
                there=There(
                    wrap=keys.__contains__,
                    names_wrap={part.key for part in named}.__contains__,
                    names_part={part.hash for part in named}.__contains__,
                ),
            )
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._store(batch, records)
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
            return wire.ack_encoded(self._ack())

    def start(self, data: bytes) -> bytes:
        with self._lock:
            wire.start_opened(data, self.rights.public)
            started = Started(wire.asked(data), STATE_KEY, 7, self._ack())
            return wire.started_encoded(started)

    def enrol(self, data: bytes) -> bytes:
        """Welcome whoever knows the secret that lies in `invitation`, as the keyholder does."""
        secret = (self.folder / "invitation").read_bytes()
        request = enrolment.request_opened(data, secret)
        hello = enrolment.hello_opened(request, golden.rsa())
        writer = signature.writer_id(request.public)
        rights = Certificate(
            golden.key("server"),
            golden.key("lot"),
            request.public,
            "edge",
            ("gate",),
            request.wrap.made,
        )
        welcome = Welcome(hello.nonce, rights, tokens.drawn(writer), STATE_KEY, TOLD)
        vault = Ed25519PrivateKey.from_private_bytes(golden.key("vault_sign_seed"))
        (self.folder / "token").write_text(welcome.token.text, encoding="utf-8")
        (self.folder / "certificate.json").write_bytes(certificate_encoded(rights, vault))
        (self.folder / "hello.json").write_text(
            json.dumps({"token": hello.api_token, "cert": hello.api_cert.hex()}), encoding="utf-8"
        )
        self.rights = rights
        return enrolment.welcome_made(welcome, secret, request=data, vault_key=vault)

    def _store(self, batch: wire.Batch, records: list[record.Record]) -> None:
        for one in records:
            number = one.head.sequence
            there = self._db.execute(
                "SELECT c FROM records WHERE sequence = ?", (number,)
            ).fetchone()
            before = self._db.execute(
                "SELECT c FROM records WHERE sequence = ?", (number - 1,)
            ).fetchone()
            joins = before is None or before[0] == one.envelope.prev
            if not joins or (there is not None and there[0] != one.c):
                raise Refusal(409, "equivocation")
            self._db.execute(
                "INSERT OR IGNORE INTO records VALUES (?, ?, ?)", (number, one.signed, one.c)
            )
        self._db.executemany(
            "INSERT OR IGNORE INTO wraps VALUES (?, ?)", [(w.key_id, w.data) for w in batch.wraps]
        )
        self._db.executemany(
            "INSERT OR IGNORE INTO parts VALUES (?, ?)", [(H(part), part) for part in batch.parts]
        )
        came = {"records": [one.head.sequence for one in records], "parts": len(batch.parts)}
        self._db.execute("INSERT INTO came (what) VALUES (?)", (json.dumps(came),))

    def _records(self) -> list[record.Record]:
        """Return all of them, each opened once: a campaign stores thousands."""
        rows = self._db.execute("SELECT sequence, c FROM records ORDER BY sequence").fetchall()
        for number, c in rows:
            if number not in self._opened or self._opened[number].c != c:
                (signed,) = self._db.execute(
                    "SELECT signed FROM records WHERE sequence = ?", (number,)
                ).fetchone()
                self._opened[number] = record.opened(signed, self.rights.public)
        return [self._opened[number] for number, _ in rows]

    def _named(self) -> list[record.Part]:
        return [part for one in self._records() for part in one.envelope.parts]

    def _rsa_ids(self) -> set[bytes]:
        pack = json.loads((self.folder / "pack.json").read_bytes())
        return {bytes.fromhex(key["id"]) for key in pack["statement"]["rsa"]}

    def _ack(self) -> Ack:
        records = self._records()
        here = {row[0] for row in self._db.execute("SELECT hash FROM parts")}
        missing = {p.hash for one in records for p in one.envelope.parts} - here
        chain = Chain(self.rights.public, map(link, records), missing=missing)
        have = tuple(chain.have())
        low = wire.low_of(have)
        low_hash = chain.c(low)
        assert low_hash is not None
        told = self._settings()
        count = told.get("audit_seq", len(records))
        pack = json.loads((self.folder / "pack.json").read_bytes())
        return Ack(
            edge=self.rights.writer,
            have=have,
            low=low,
            low_hash=low_hash if told.get("honest", True) else bytes(32),
            audit=AuditHead(NODE, count, H(str(told.get("fork", count)).encode())),
            settled=(),
            statement=pack["statement"]["n"],
            time=told.get("time", time.time_ns() // 1000),
            clock="ntp",
        )

    def _settings(self) -> dict[str, Any]:
        path = self.folder / "settings.json"
        return dict(json.loads(path.read_bytes())) if path.exists() else {}

    def _fault(self, sequences: list[int]) -> None:
        fault = self._settings().get("fault")
        if fault is None:
            return
        for number in sequences:
            if number in fault.get("sequences", sequences):
                self._db.execute("INSERT INTO refused (status) VALUES (?)", (fault["status"],))
                raise Refusal(fault["status"], fault["code"], number)


def handler(store: Store) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(200, (store.folder / "pack.json").read_bytes())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            work: Callable[[bytes], bytes] = (
                store.start if self.path == "/api/v1/start" else store.batch
            )
            token = (store.folder / "token").read_text(encoding="utf-8")
            try:
                if self.path == "/api/v1/enrol":
                    self._answer(200, store.enrol(body))
                elif self.headers["Authorization"] != f"Bearer {token}":
                    self._answer(401, b"{}")
                else:
                    blind = self.headers.get("Lot-Blind", "nothing said")
                    write_private(store.folder / "blind", blind.encode())
                    self._answer(200, work(body))
            except Refusal as error:
                said: dict[str, object] = {"type": f"urn:lotkeeper:problem:{error.code}"}
                if error.sequence is not None:
                    said["sequence"] = error.sequence
                self._answer(error.status, json.dumps(said).encode())
            except WrongCode as error:
                self._answer(403, json.dumps({"type": str(error)}).encode())
            except Damaged as error:
                self._answer(422, json.dumps({"type": str(error)}).encode())

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


class Quiet(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """Connections that are cut are what the tests are about."""

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.settimeout(10)
        request.do_handshake()
        super().finish_request(request, client_address)


def main(folder: Path, port: int) -> None:
    server = Quiet(("127.0.0.1", port), handler(Store(folder)))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.pem")
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
