"""What the desk has open before it is as new as what the index knows."""

from __future__ import annotations

from contract.ids import uuid7
from lot.clock import now_us
from server.desk.shelf import Shelf
from server.indexing.feeding import Indexing
from tests.contract.writers import LOT
from tests.server.api.vaulted import Vaulted


def test_a_car_is_before_the_desk_as_soon_as_the_index_has_it(vault: Vaulted) -> None:
    hold, at = vault.home.keyholder, now_us()
    shelf = Shelf(vault.database, hold, monotonic=lambda: 0.0)  # nothing grows old
    indexing = Indexing(vault.shelves, hold, now_us, lambda _, told: shelf.fed(told))
    indexing.feed()
    assert shelf.inside(vault.owner, LOT) == ()
    came = vault.edge.an_event(id=uuid7(at, 1), at=at)
    vault.keep(came)
    assert shelf.inside(vault.owner, LOT) == ()  # stored, and not in the index
    indexing.feed()
    (found,) = shelf.inside(vault.owner, LOT)
    assert found.visit.entry == came.head.id
