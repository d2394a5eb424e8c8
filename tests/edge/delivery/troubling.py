"""Network faults between edge and server, and what must hold after each."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from contract.chain import Chain, link
from contract.digest import H
from edge.delivery.delivering import Delivery
from tests.edge.delivery import lot
from tests.edge.delivery.crashing import is_done
from tests.edge.delivery.proxy import Fault, Proxy, proxied
from tests.edge.delivery.serving import Serving, serving, until

EVENTS = 6
PICTURE_BYTES = 40_000


@dataclass
class Line:
    """An edge, a server, and a line between them that is troubled again and again."""

    delivery: Delivery
    server: Serving
    proxy: Proxy
    put: int = 0

    def trial(self, fault: Fault) -> None:
        """Put events while the line is troubled; all of it arrives, and once."""
        self.proxy.trouble(fault, self.proxy.random.randint(1, 3))
        for _ in range(EVENTS):
            self.put += 1
            pictures = {"plate": lot.picture(self.put, PICTURE_BYTES)}
            self.delivery.put(lot.an_event(self.put, pictures), pictures)
        until(lambda: is_done(self.delivery), seconds=60)
        assert self.server.sequences() == list(range(1, self.put + 1))

    def check(self) -> None:
        """Compare everything: nothing is missing, nothing stands twice, no alarm was due."""
        records, parts = self.server.records(), self.server.parts()
        named = {p.hash for one in records for p in one.envelope.parts}
        chain = Chain(lot.PUBLIC, map(link, records), missing=named - set(parts))
        assert chain.findings() == []
        assert chain.have() == [(1, self.put)]
        assert len({one.head.id for one in records}) == self.put
        assert all(H(data) == name for name, data in parts.items())
        assert len(parts) == 2 * self.put
        assert not self.delivery.alarms(), self.delivery.alarms()


@contextlib.contextmanager
def a_line(folder: Path, seed: int) -> Iterator[Line]:
    tls = lot.tls()
    places, identity = lot.enrolled(folder / "edge", tls.root)
    with (
        serving(folder / "server", tls) as server,
        proxied(server.port, seed) as proxy,
        closing(Delivery(lot.asked(places, proxy.port), identity)) as delivery,
    ):
        delivery.start()
        yield Line(delivery, server, proxy)
