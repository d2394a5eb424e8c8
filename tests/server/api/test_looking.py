"""One event and its pictures are opened for who may see them, and each look is written down."""

from __future__ import annotations

import hashlib

import pytest

from contract import event
from server.access.roles import Role
from server.api import looking_room
from server.records.looking import Looking
from tests.contract.writers import AN_EVENT, LOT, NOON
from tests.server.api.vaulted import Vaulted

DAY = 86_400_000_000
PLATE = b"\xff\xd8 a crop"


@pytest.fixture
def seen(vault: Vaulted) -> str:
    """The id of an event with a picture, of which a second revision names that again."""
    first = vault.edge.an_event({"plate": PLATE}, final=False)
    (picture,) = (one for one in first.envelope.parts if one.name == "picture/plate")
    head = vault.edge.head(id=first.head.id, revision=2)
    says = vault.edge.said(head, {"plate": hashlib.sha256(PLATE).hexdigest()})
    text = vault.edge.part("event", event.encoded(says), head)
    vault.keep(first, vault.edge.signed(head, text, picture))
    looking = Looking(
        vault.database, vault.home.keyholder, vault.pictures, vault.wraps, vault.ledger
    )
    vault.serve(looking_room.room(looking))
    return f"/lots/{LOT.hex()}/events/{first.head.id}"


def test_an_event_is_told_whole_with_every_revision(vault: Vaulted, seen: str) -> None:
    said = vault.said(seen)
    assert said["fault"] is None
    assert said["event"]["plate"] == AN_EVENT.plate
    assert said["event"]["characters"] == list(AN_EVENT.characters)
    assert said["event"]["alternatives"][0]["plate"] == AN_EVENT.alternatives[0].plate
    assert [(one["revision"], one["final"]) for one in said["revisions"]] == [(1, False), (2, True)]
    assert said["pictures"] == [{"name": "plate", "there": True}]
    assert vault.acts() == ["look"]


def test_a_picture_comes_as_it_was_taken(vault: Vaulted, seen: str) -> None:
    answer = vault.ask("GET", f"{seen}/pictures/plate")
    assert (answer.data, answer.content_type) == (PLATE, "image/jpeg")
    assert vault.ask("GET", f"{seen}/pictures/frame").status_code == 404
    assert vault.acts() == ["look", "look"]


def test_a_clip_comes_as_a_film(vault: Vaulted, seen: str) -> None:
    film = b"an MP4"
    made = vault.edge.an_event({"clip": film})
    vault.keep(made)
    answer = vault.ask("GET", f"/lots/{LOT.hex()}/events/{made.head.id}/pictures/clip")
    assert (answer.data, answer.content_type) == (film, "video/mp4")


def test_a_viewer_sees_the_event_and_no_picture(vault: Vaulted, seen: str) -> None:
    viewer = vault.person("Vi", Role.VIEWER)
    assert vault.said(seen, viewer)["event"]["plate"] == AN_EVENT.plate
    assert vault.ask("GET", f"{seen}/pictures/plate", viewer).status_code == 403


def test_an_attendant_is_told_of_another_day_where_the_car_is_inside_still(
    vault: Vaulted, seen: str
) -> None:
    old = vault.edge.an_event({"plate": PLATE}, at=NOON - 400 * DAY)
    vault.keep(old)
    path = seen.replace(seen.rpartition("/")[2], old.head.id)
    attendant = vault.person("At", Role.ATTENDANT)
    said = vault.said(path, attendant)
    assert said["event"] is None
    assert "neither of today nor of a car inside" in said["fault"]

    vault.indexing.feed()
    assert vault.said(path, attendant)["event"]["plate"] == AN_EVENT.plate
    assert vault.ask("GET", f"{path}/pictures/plate", attendant).data == PLATE


def test_another_lot_is_not_there_and_while_locked_nothing_is_read(
    vault: Vaulted, seen: str
) -> None:
    elsewhere = vault.person("El", Role.MANAGER, b"e" * 16)
    assert vault.ask("GET", seen, elsewhere).status_code == 404
    vault.home.keyholder.lock(vault.owner)
    assert vault.ask("GET", seen).status_code == 423


def test_a_picture_whose_file_is_gone_is_said_to_be(vault: Vaulted, seen: str) -> None:
    for kept in vault.pictures.walk():
        vault.pictures.delete(kept.lot, kept.name)
    assert vault.said(seen)["event"] is not None
    assert vault.ask("GET", f"{seen}/pictures/plate").status_code == 404
