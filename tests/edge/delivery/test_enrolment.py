"""Enrolment over TLS with a server process: a code typed once, and both know each other."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from contract import codes
from contract.codes import Invitation
from contract.digest import H
from edge.delivery.delivering import Delivery
from edge.delivery.enrolment import Enrolling, enrol
from edge.delivery.identity import Places, identity_in
from edge.delivery.settings import asked_from
from edge.self_signed import der_of
from lot.errors import LotError, Refused, WrongCode, WrongUsage
from lot.settings import given_values
from tests.edge.delivery import lot
from tests.edge.delivery.fake_server import TOLD
from tests.edge.delivery.serving import Serving, serving, until

TLS = lot.tls()
SECRET = bytes(range(16))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path / "server", TLS) as running:
        (running.folder / "invitation").write_bytes(SECRET)
        yield running


def code(server: Serving, *, secret: bytes = SECRET, pack: bytes | None = None) -> str:
    invitation = Invitation.to(pack or lot.pack(TLS.root), secret)
    return f"{codes.invitation_text(invitation)}@127.0.0.1:{server.port}"


@pytest.fixture
def enrolling(tmp_path: Path, server: Serving) -> Enrolling:
    return Enrolling(code(server), "gate box", Places(tmp_path / "edge"), tmp_path / ".env")


def test_an_enrolled_edge_delivers_with_what_it_was_given(
    server: Serving, enrolling: Enrolling
) -> None:
    enrolling.env_file.write_text("LOT_SURE=0.9\nLOT_SERVER_TOKEN=of before\n", encoding="utf-8")
    enrolling.env_file.chmod(0o600)
    done = enrol(enrolling)
    assert done.cameras == ("gate",)
    values = given_values({}, enrolling.env_file)
    assert values["LOT_SURE"] == "0.9"
    identity = identity_in(enrolling.places)
    asked = asked_from({**values, "LOT_EDGE_FOLDER": str(enrolling.places.folder)}, identity)
    assert (identity.edge, identity.name) == (done.edge, "gate box")
    with closing(Delivery(asked, identity)) as delivery:
        delivery.start()
        delivery.put(lot.an_event(1), {})
        until(lambda: server.sequences() == [1])


def test_a_name_that_is_none_is_a_wrong_word_and_no_damage(enrolling: Enrolling) -> None:
    with pytest.raises(WrongUsage, match="--name"):
        enrol(replace(enrolling, name=""))


def test_what_it_keeps_is_for_its_own_user_alone(enrolling: Enrolling) -> None:
    enrol(enrolling)
    files = [enrolling.env_file, *enrolling.places.folder.iterdir()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE(enrolling.places.folder.stat().st_mode) == 0o700


def test_the_first_record_already_bears_witness(server: Serving, enrolling: Enrolling) -> None:
    enrol(enrolling)
    identity = identity_in(enrolling.places)
    with closing(Delivery(lot.asked(enrolling.places), identity)) as delivery:
        delivery.put(lot.an_event(1), {})
        leaving = delivery._outbox.next_batch()
    assert leaving is not None
    envelope = json.loads(leaving.batch.records[0][:-64])
    assert envelope["seen"]["head"] == TOLD.head.hex()


def test_the_server_learns_how_to_ask_this_edge(server: Serving, enrolling: Enrolling) -> None:
    enrol(enrolling)
    hello = json.loads((server.folder / "hello.json").read_text(encoding="utf-8"))
    kept = [path.read_bytes() for path in enrolling.places.folder.iterdir()]
    token = hello["token"].encode()
    assert not any(one in data for data in kept for one in (token, H(token).hex().encode()))
    assert der_of(enrolling.places.api_certificate.read_bytes()).hex() == hello["cert"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"pack": b"another pack"}, "not the one this code was printed for"),
        ({"secret": bytes(16)}, "refuses the enrolment"),
    ],
)
def test_a_wrong_code_is_refused_and_changes_nothing(
    server: Serving, enrolling: Enrolling, wrong: dict[str, bytes], says: str
) -> None:
    asked = replace(enrolling, code=code(server, **wrong))
    with pytest.raises((WrongCode, Refused), match=says):
        enrol(asked)
    assert not enrolling.places.enrolled.exists()
    assert not enrolling.env_file.exists()


@pytest.mark.parametrize("text", ["", "ABCD", "ABCD@host", "@127.0.0.1:1"])
def test_a_mistyped_code_is_told_in_one_line(enrolling: Enrolling, text: str) -> None:
    with pytest.raises(WrongUsage) as raised:
        enrol(replace(enrolling, code=text))
    assert "\n" not in str(raised.value)


def test_an_env_file_that_others_read_is_refused_before_a_code_is_spent(
    enrolling: Enrolling,
) -> None:
    enrolling.env_file.write_text("", encoding="utf-8")
    enrolling.env_file.chmod(0o640)
    with pytest.raises(Refused, match="can be read by others"):
        enrol(enrolling)
    enrolling.env_file.chmod(0o600)
    enrol(enrolling)


def test_an_enrolled_box_is_enrolled_again_only_when_asked(
    server: Serving, enrolling: Enrolling
) -> None:
    first = enrol(enrolling)
    with pytest.raises(Refused, match="enrolled already"):
        enrol(enrolling)
    identity = identity_in(enrolling.places)
    with closing(Delivery(lot.asked(enrolling.places), identity)) as delivery:
        delivery.put(lot.an_event(1), {})
    second = enrol(replace(enrolling, is_anew=True))
    assert second.edge != first.edge, "a new key is a new writer"
    assert second.put_aside is not None
    assert second.put_aside.exists()
    with closing(Delivery(lot.asked(enrolling.places), identity_in(enrolling.places))) as delivery:
        assert delivery.put(lot.an_event(2), {}) == 1, "and a new chain"


def test_a_token_of_another_edge_is_named_and_not_repeated(enrolling: Enrolling) -> None:
    enrol(enrolling)
    values = {"LOT_SERVER": "127.0.0.1:1", "LOT_SERVER_TOKEN": lot.TOKEN.text}
    with pytest.raises(LotError, match="another edge's") as raised:
        asked_from(values, identity_in(enrolling.places))
    assert lot.TOKEN.text[-20:] not in str(raised.value)
