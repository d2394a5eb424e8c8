"""A TCP proxy that does what networks do: cut, delay, half an answer, reset, lose, crawl."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Literal, get_args

Fault = Literal["cut", "delay", "half", "reset", "twice", "slow"]
FAULTS: tuple[Fault, ...] = get_args(Fault)

_PIECE = 16 * 1024
_DELAY_S = 0.3
_SLOW_PIECE = 2 * 1024
_SLOW_S = 0.002


@dataclass
class Proxy:
    """Forwards to a port; each of the next `faulty` connections meets the fault once."""

    to: int
    random: Random
    fault: Fault = "cut"
    faulty: int = 0
    met: int = 0
    port: int = 0
    _open: list[socket.socket] = field(default_factory=list)

    def trouble(self, fault: Fault, connections: int) -> None:
        """Begin: the connections that stand are cut, as when a cable is pulled."""
        self.fault, self.faulty = fault, connections
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def serve(self, listening: socket.socket) -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        fault = self.fault if self.faulty > 0 else None
        if fault is not None:
            self.faulty -= 1
            self.met += 1
        try:
            server = socket.create_connection(("127.0.0.1", self.to))
        except OSError:
            client.close()
            return
        self._open += [client, server]
        # What the handshake takes passes, most of the time: faults should meet requests too.
        after = self.random.choice([0, 500, 3_000, 30_000, 120_000])
        up = threading.Thread(
            target=self._forward, args=(client, server, fault, after, True), daemon=True
        )
        up.start()
        self._forward(server, client, fault, after, False)
        up.join()
        for one in (client, server):
            one.close()

    def _forward(
        self,
        source: socket.socket,
        sink: socket.socket,
        fault: Fault | None,
        after: int,
        is_up: bool,
    ) -> None:
        carried = 0
        with contextlib.suppress(OSError):
            while piece := source.recv(_SLOW_PIECE if fault == "slow" else _PIECE):
                carried += len(piece)
                if fault == "delay" and carried > after:
                    time.sleep(_DELAY_S)
                    fault = None
                elif fault == "slow":
                    time.sleep(_SLOW_S)
                elif fault == "cut" and carried > after:
                    break
                elif fault == "reset" and carried > after:
                    _reset(source)
                    _reset(sink)
                    break
                elif fault == "half" and not is_up and carried > 1_500:
                    sink.sendall(piece[: len(piece) // 2])
                    break
                elif fault == "twice" and not is_up and carried > 1_500:
                    break  # stored, and the answer lost: the edge sends it again
                sink.sendall(piece)
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


def _reset(one: socket.socket) -> None:
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    one.close()


@contextlib.contextmanager
def proxied(to: int, seed: int) -> Iterator[Proxy]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        proxy = Proxy(to, Random(seed))  # noqa: S311 - a failure names its seed
        proxy.port = listening.getsockname()[1]
        threading.Thread(target=proxy.serve, args=(listening,), daemon=True).start()
        yield proxy
        proxy.trouble("cut", 0)
        listening.shutdown(socket.SHUT_RDWR)
