"""What a message is really sent to: a web service and a mail server, on loopback."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import SimpleQueue
from typing import Any


@dataclass
class Web:
    """Takes what is posted, or refuses it while `down`."""

    port: int = 0
    down: bool = False
    asked: int = 0
    came: list[dict[str, Any]] = field(default_factory=list)
    new: SimpleQueue[str] = field(default_factory=SimpleQueue)

    def next(self) -> str:
        """Wait for a message, and return its text."""
        return self.new.get(timeout=30)

    @property
    def address(self) -> str:
        return f"json://someone:not-for-your-eyes@127.0.0.1:{self.port}/hook-4711"

    @property
    def bodies(self) -> list[str]:
        return [one["message"] for one in self.came]


@contextmanager
def web() -> Iterator[Web]:
    """Run a web service that keeps what comes."""
    found = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = self.rfile.read(int(self.headers["Content-Length"]))
            found.asked += 1
            if not found.down:
                found.came.append(json.loads(said))
                found.new.put(found.came[-1]["message"])
            self.send_response(503 if found.down else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return None

    with _running(HTTPServer(("127.0.0.1", 0), Handler)) as port:
        found.port = port
        yield found


@dataclass
class Post:
    """Takes mail, or refuses every recipient that is called nobody."""

    port: int = 0
    came: list[tuple[str, EmailMessage]] = field(default_factory=list)  # recipient, mail

    def address(self, to: str) -> str:
        return f"mailto://127.0.0.1:{self.port}?from=lot@example.org&to={to}&mode=insecure"


@contextmanager
def post() -> Iterator[Post]:
    """Run a mail server that keeps what comes."""
    found = Post()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            to = ""
            self._say("220 loopback")
            while line := self.rfile.readline().decode("ascii").strip():
                word = line.partition(" ")[0].upper()
                if word == "RCPT":
                    to = line.partition("<")[2].partition(">")[0]
                    refused = to.startswith("nobody@")
                    self._say(f"550 no such user {to}" if refused else "250 ok")
                elif word == "DATA":
                    self._say("354 go on")
                    found.came.append((to, self._mail()))
                    self._say("250 kept")
                elif word == "QUIT":
                    self._say("221 bye")
                    return
                else:
                    self._say("250 ok")

        def _mail(self) -> EmailMessage:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
            return message_from_bytes(b"".join(lines), policy=policy.default)

        def _say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

    with _running(socketserver.TCPServer(("127.0.0.1", 0), Handler)) as port:
        found.port = port
        yield found


@contextmanager
def _running(server: socketserver.TCPServer) -> Iterator[int]:
    running = threading.Thread(target=server.serve_forever, args=[0.02])
    running.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        running.join()
        server.server_close()
