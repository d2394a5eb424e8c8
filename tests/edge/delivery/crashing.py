"""kill -9 of edge and server at random times, and what must hold after each."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from contract.chain import Chain, link
from edge.delivery.delivering import Delivery
from edge.delivery.identity import identity_in
from tests.edge.delivery import lot
from tests.edge.delivery.serving import ROOT, Serving, serving, until

# A life long enough to reach a batch's answer, its pictures and their answer.
LIFE_S = 0.6
NUMBERS_A_LIFE = 1000


@dataclass
class Crashes:
    """One lot that is killed again and again; `told` is what `put` said is on the disk."""

    server: Serving
    edge: Path
    random: Random
    told: dict[int, str] = field(default_factory=dict)
    lives: int = 0

    def trial(self) -> None:
        """Live for a random time, then kill the edge, the server or both."""
        victim = self.random.choice(["edge", "server", "both"])
        with self._an_edge() as process:
            time.sleep(self.random.uniform(0, LIFE_S))
            if victim != "edge":
                self.server.kill()
            if victim == "server":
                time.sleep(self.random.uniform(0, LIFE_S / 4))
        if victim != "edge":
            self.server.again()
        assert process.stdout is not None
        for line in process.stdout:
            if line.endswith("\n"):
                what, revision, sequence = line.rstrip().split(",")
                assert int(sequence) not in self.told, "two records of one number"
                self.told[int(sequence)] = f"{what},{revision}"
        process.stdout.close()

    def check(self) -> None:
        """Send what waits, and compare what the server has with what was told."""
        places, identity = lot.enrolled(self.edge)
        with closing(Delivery(lot.asked(places, self.server.port), identity)) as delivery:
            delivery.start()
            until(lambda: is_done(delivery), seconds=120)
            last = delivery.counts().last
            alarms = delivery.alarms()
        assert not alarms, alarms
        records = self.server.records()
        parts = self.server.parts()
        named = {p.hash for one in records for p in one.envelope.parts}
        chain = Chain(lot.PUBLIC, map(link, records), missing=named - set(parts))
        assert [one.head.sequence for one in records] == list(range(1, last + 1)), "a hole"
        assert chain.findings() == []
        assert chain.have() == [(1, last)]
        keys = [(one.head.id, one.head.revision) for one in records]
        assert len(set(keys)) == len(keys), "doubled"
        assert set(self.told) <= set(range(1, last + 1)), "what was committed is lost"
        for one in records:
            what = self.told.get(one.head.sequence, "blind")
            assert what.startswith("blind") or what == f"{one.head.id},{one.head.revision}"

    @contextlib.contextmanager
    def _an_edge(self) -> Iterator[subprocess.Popen[str]]:
        self.lives += 1
        first = self.lives * NUMBERS_A_LIFE
        words = [sys.executable, "-m", "tests.edge.delivery.edge_process"]
        process = subprocess.Popen(
            [*words, str(self.edge), str(self.server.port), str(first)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
        )
        assert process.stdout is not None
        try:
            line = process.stdout.readline()  # it lives
            what, revision, sequence = line.rstrip().split(",")
            self.told[int(sequence)] = f"{what},{revision}"
            yield process
        finally:
            process.kill()
            process.wait()


def is_done(delivery: Delivery) -> bool:
    counts = delivery.counts()
    return not (counts.waiting or counts.pictures_waiting or counts.unfinished)


@contextlib.contextmanager
def crashes(folder: Path, seed: int) -> Iterator[Crashes]:
    tls = lot.tls()
    places, _ = lot.enrolled(folder / "edge", tls.root)
    assert identity_in(places).edge == lot.EDGE
    with serving(folder / "server", tls) as server:
        yield Crashes(server, places.folder, Random(seed))  # noqa: S311 - a failure names its seed
