"""What an edge brings reaches who takes it, byte for byte, and only by an edge's token."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from flask.testing import FlaskClient

from contract.wire import BATCH_BYTES_MAX
from lot.errors import NoSpace, Unreachable
from lot.web.problems import Problem
from server.api import delivering
from server.api.app import Frame, create
from server.api.refused import problem_of
from server.api.watching import Watch
from server.edges.asking import Whereabouts
from server.notifying.presence import Presence
from tests.server.api.identities import IDENTITIES, Everybody, Unnoted

OCTETS = "application/octet-stream"


@dataclass
class Scripted:
    """Answers what it is told to, and keeps what it was brought."""

    brought: list[tuple[str, bytes, bytes]] = field(default_factory=list)
    refuses: Exception | None = None

    def batch(self, writer: bytes, data: bytes) -> bytes:
        return self._taken("batch", writer, data)

    def start(self, writer: bytes, data: bytes) -> bytes:
        return self._taken("start", writer, data)

    def _taken(self, what: str, writer: bytes, data: bytes) -> bytes:
        if self.refuses is not None:
            raise self.refuses
        self.brought.append((what, writer, data))
        return b'{"v":1}'


class Unpaced:
    def wait_s(self, door: str, who: str, *, most: int, seconds: int) -> int:
        return 0


@pytest.fixture
def taking() -> Scripted:
    return Scripted()


@pytest.fixture
def client(taking: Scripted) -> FlaskClient:
    watch = Watch()
    frame = Frame(Everybody(), Unpaced(), watch, problem_of, Unnoted())
    return create(frame, [delivering.room(taking, watch, Whereabouts(), Presence())]).test_client()


@pytest.mark.parametrize("what", ["batch", "start"])
def test_bytes_go_in_and_the_answer_s_bytes_come_out(
    client: FlaskClient, taking: Scripted, what: str
) -> None:
    data = bytes(range(256))
    answer = client.post(
        f"/api/v1/{what}", data=data, content_type=OCTETS, headers=IDENTITIES["edge"]
    )
    assert (answer.status_code, answer.data) == (200, b'{"v":1}')
    assert taking.brought == [(what, bytes(16), data)]


def test_more_than_a_batch_may_have_is_refused_before_it_is_read(
    client: FlaskClient, taking: Scripted
) -> None:
    answer = client.post(
        "/api/v1/batch",
        data=bytes(BATCH_BYTES_MAX + 1),
        content_type=OCTETS,
        headers=IDENTITIES["edge"],
    )
    assert (answer.status_code, taking.brought) == (413, [])


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NoSpace("the disk is full", then="free space"), 507, "storage_full"),
        (Unreachable("the database is away", then="wait"), 503, "database_away"),
        (Problem("record_refused", "never", sequence=7), 422, "record_refused"),
    ],
)
def test_what_is_not_taken_says_whether_to_wait(
    client: FlaskClient, taking: Scripted, error: Exception, status: int, code: str
) -> None:
    taking.refuses = error
    answer = client.post(
        "/api/v1/batch", data=b"x", content_type=OCTETS, headers=IDENTITIES["edge"]
    )
    said = answer.get_json()
    assert (answer.status_code, said["type"].rpartition(":")[2]) == (status, code)
    assert said.get("sequence") == (7 if code == "record_refused" else None)
    assert ("Retry-After" in answer.headers) == (status >= 503)


@pytest.mark.parametrize(
    ("header", "cameras"),
    [
        (None, None),  # who knows nothing of cameras says nothing
        ("", ()),
        ("north%20gate,%C3%B1%2C1", ("north gate", "ñ,1")),
        ("gate,%00", None),
        ("g" * 5000, None),
    ],
)
def test_which_cameras_are_blind_is_believed_whole_or_not(
    header: str | None, cameras: tuple[str, ...] | None
) -> None:
    assert delivering.blind_in(header) == cameras
