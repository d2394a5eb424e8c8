"""An edge that puts and sends until it is killed, and says what it was told is on the disk.

python -m tests.edge.delivery.edge_process FOLDER PORT FIRST
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from contract.blind import Blind
from edge.delivery.delivering import Delivery
from edge.delivery.identity import Places, identity_in
from tests.edge.delivery import lot

# As busy as several gates at once, and slow enough that a campaign's server keeps up.
BETWEEN_S = 0.01
PICTURE_BYTES = 30_000


def main(folder: Path, port: int, first: int) -> None:
    places = Places(folder)
    delivery = Delivery(lot.asked(places, port), identity_in(places))
    delivery.start()
    number = first
    while True:
        pictures = {"plate": lot.picture(number, PICTURE_BYTES)}
        for revision in (1, 2):
            said = lot.an_event(number, pictures, revision)
            tell(said.id, revision, delivery.put(said, pictures if revision == 1 else {}))
        if number % 5 == 0:
            at = lot.NOON + number
            tell(f"blind {number}", 1, delivery.put_blind(Blind("gate", at, at, "no_frames")))
        number += 1
        time.sleep(BETWEEN_S)


def tell(what: str, revision: int, sequence: int) -> None:
    sys.stdout.write(f"{what},{revision},{sequence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
