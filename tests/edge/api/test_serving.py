"""The recognition API as a real process: what clients send, what they get, what is refused."""

from __future__ import annotations

import http.client
import json
import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from contract.event import Event
from edge.delivery.identity import Places
from tests.edge.api.serving import EMPTY, PHOTO, PLATE, TOKEN, bomb, served
from tests.edge.api.test_grants import granted
from tests.edge.delivery import lot
from tests.edge.delivery.serving import serving, until

LONG_AGO = "2026-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """One process for all: what one test sends it must not break it for the next."""
    with served(tmp_path_factory.mktemp("api")) as found:
        yield found


def sent(client: httpx.Client, picture: bytes, **more: Any) -> httpx.Response:
    return client.post("/v1/plate-reader/", files={"upload": ("a.jpg", picture)}, data=more)


def test_a_picture_uploaded_is_answered_with_its_plate(client: httpx.Client) -> None:
    for picture, said in (
        (PHOTO, {"message": f"License plate {PLATE} found", "status": 200}),
        (EMPTY, {"message": "No license plate found", "status": 404}),
    ):
        answer = client.post("/upload-camera-image", files={"image": ("a.jpg", picture)})
        assert (answer.status_code, answer.json()) == (200, said)


def test_what_was_uploaded_is_known_by_plate_from_its_time_on(client: httpx.Client) -> None:
    client.post("/upload-camera-image", files={"image": ("a.jpg", PHOTO)})
    seen, other = client.get(f"/check-license-plate/{PLATE.lower()},NOPE1/{LONG_AGO}").json()
    assert other == {"detected": False, "plate": "NOPE1", "time": ""}
    assert (seen["detected"], seen["plate"]) == (True, PLATE.lower())
    assert seen["time"].endswith("Z")
    (later,) = client.get(f"/check-license-plate/{PLATE}/2999-01-01T00:00:00+02:00").json()
    assert later == {"detected": False, "plate": PLATE, "time": ""}


def test_snapshot_clients_find_every_field_that_they_read(client: httpx.Client) -> None:
    more = {
        "regions": ["us-tx", "gb"],
        "camera_id": "yard",
        "timestamp": "2019-08-19T13:11:25",
        "config": "{}",
        "mmc": "True",  # as Home Assistant spells it
    }
    answer = sent(client, PHOTO, **more)
    said = answer.json()
    assert answer.status_code == 200
    assert set(said) == {
        *("processing_time", "results", "filename", "version", "camera_id", "timestamp", "usage"),
    }
    assert (said["camera_id"], said["timestamp"], said["version"]) == (
        "yard",
        "2019-08-19T13:11:25",
        1,
    )
    assert set(said["usage"]) == {"calls", "max_calls"}
    (result,) = said["results"]
    assert set(result) == {
        *("box", "plate", "region", "score", "candidates", "dscore", "vehicle"),
        *("model_make", "color", "orientation"),
    }
    assert result["plate"] == PLATE.lower() == result["candidates"][0]["plate"]
    assert set(result["box"]) == {"xmin", "ymin", "xmax", "ymax"}
    assert all(isinstance(one, int) for one in result["box"].values())
    assert set(result["region"]) == {"code", "score"}
    assert set(result["vehicle"]) == {"type", "score", "box"}
    assert 0 <= result["score"] <= 1
    assert sent(client, EMPTY).json()["results"] == []


def test_snapshot_s_vehicle_mode_lists_plates_and_vehicles_apart(client: httpx.Client) -> None:
    (result,) = sent(client, PHOTO, config='{"detection_mode": "vehicle"}').json()["results"]
    assert result["plate"]["props"]["plate"][0]["value"] == PLATE.lower()
    assert set(result["vehicle"]["props"]) == {"make_model", "orientation", "color"}


def test_snapshot_s_thresholds_and_rules_leave_results_out(client: httpx.Client) -> None:
    for config in ('{"threshold_d": 0.95}', '{"threshold_o": 0.999}'):
        assert sent(client, PHOTO, config=config).json()["results"] == []
    strict = {"config": '{"region": "strict"}', "regions": "in"}
    assert sent(client, PHOTO, **strict).json()["results"] == []
    on_a_car = sent(client, PHOTO, config='{"detection_rule": "strict"}')
    assert len(on_a_car.json()["results"]) == 1


def test_base64_is_taken_where_a_file_is(client: httpx.Client) -> None:
    text = b64encode(PHOTO).decode()
    for given in (text, f"data:image/jpeg;base64,{text}"):
        answer = client.post("/v1/plate-reader/", data={"upload": given})
        assert answer.json()["results"][0]["plate"] == PLATE.lower()
        answer = client.post("/upload-camera-image", data={"image": given})
        assert answer.json()["status"] == 200


def test_the_last_slash_may_be_left_out(client: httpx.Client) -> None:
    answer = client.post("/v1/plate-reader", files={"upload": ("a.jpg", PHOTO)})
    assert answer.status_code == 200


def test_our_own_call_tells_all_and_draws_the_picture(client: httpx.Client) -> None:
    said = client.post("/api/v1/readings?event=no", content=PHOTO).json()
    (plate,) = said["plates"]
    assert (plate["plate"], plate["vehicle"]) == (PLATE, "car")
    assert len(plate["characters"]) == len(PLATE)
    drawn = client.post("/api/v1/annotated?event=no", content=PHOTO)
    assert drawn.headers["Content-Type"] == "image/jpeg"
    assert drawn.content[:2] == b"\xff\xd8"


@pytest.mark.parametrize(
    "spelt",
    [f"Token {TOKEN}", f"Bearer {TOKEN}", "Basic " + b64encode(f":{TOKEN}".encode()).decode()],
)
def test_the_token_is_taken_as_clients_spell_it(client: httpx.Client, spelt: str) -> None:
    answer = client.get("/v1/statistics/", headers={"Authorization": spelt})
    assert answer.status_code == 200


@pytest.mark.parametrize("spelt", ["", "Token wrong", "Basic ???", f"Digest {TOKEN}"])
def test_a_wrong_token_is_refused_in_each_call_s_own_form(client: httpx.Client, spelt: str) -> None:
    headers = {"Authorization": spelt}
    answer = client.get("/v1/statistics/", headers=headers)
    assert (answer.status_code, answer.json()["status_code"]) == (403, 403)
    answer = client.get(f"/check-license-plate/{PLATE}/{LONG_AGO}", headers=headers)
    assert (answer.status_code, answer.json()["status"]) == (401, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    answer = client.get("/api/v1/cameras", headers=headers)
    assert answer.json()["type"] == "urn:lotkeeper:problem:unauthenticated"


@pytest.mark.parametrize(
    ("picture", "word"),
    [
        (b"hello", "no JPEG"),
        (PHOTO[: len(PHOTO) // 2], "damaged"),
        (bomb(60_000, 60_000), "more than 40,000,000"),
        (bomb(6_000, 6_000), "damaged"),
        (b"", "no picture"),
    ],
)
def test_what_is_no_picture_is_one_message_and_the_process_goes_on(
    client: httpx.Client, picture: bytes, word: str
) -> None:
    answer = sent(client, picture)
    assert (answer.status_code, set(answer.json())) == (422, {"detail", "status_code"})
    assert word in answer.json()["detail"]
    answer = client.post("/upload-camera-image", files={"image": ("a.jpg", picture)})
    assert (answer.status_code, word in answer.json()["message"]) == (422, True)
    assert sent(client, PHOTO).json()["results"]


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"upload_url": "http://192.168.1.1/a.jpg"}, "upload_url"),
        ({"config": "{"}, "config"),
        ({"config": "[]"}, "config"),
        ({"config": "[" * 50_000}, "config"),
        ({"config": '{"threshold_o": "high"}'}, "threshold_o"),
    ],
)
def test_a_wrong_field_is_named(client: httpx.Client, more: dict[str, str], word: str) -> None:
    answer = sent(client, PHOTO, **more)
    assert (answer.status_code, word in answer.json()["detail"]) == (400, True)


@pytest.mark.parametrize(
    ("plates", "time", "status"),
    [
        (PLATE, "yesterday", 400),
        (PLATE, "2026-13-01T00:00:00", 400),
        ("...", LONG_AGO, 400),
        (",".join(f"{n:05}" for n in range(10_000)), LONG_AGO, 414),
    ],
)
def test_a_wrong_question_is_one_message(
    client: httpx.Client, plates: str, time: str, status: int
) -> None:
    # By hand: the client of the other tests refuses so long an address itself.
    asking = http.client.HTTPConnection(client.base_url.host, client.base_url.port or 0)
    with closing(asking):
        headers = {"Authorization": f"Token {TOKEN}"}
        asking.request("GET", f"/check-license-plate/{plates}/{time}", headers=headers)
        answer = asking.getresponse()
        said = json.loads(answer.read())
    assert (answer.status, said["status"]) == (status, status)
    assert said["message"]


def test_an_address_that_the_web_server_itself_refuses_ends_nothing(client: httpx.Client) -> None:
    asking = http.client.HTTPConnection(client.base_url.host, client.base_url.port or 0)
    with closing(asking):
        asking.request("GET", f"/check-license-plate/{'8ABC123,' * 10_000}/{LONG_AGO}")
        assert asking.getresponse().status == 414
    assert client.get("/api/v1/health").json() == {"ok": True}


def test_a_hundred_megabytes_are_refused_by_their_length(client: httpx.Client) -> None:
    asking = http.client.HTTPConnection(client.base_url.host, client.base_url.port or 0)
    with closing(asking):
        asking.putrequest("POST", "/upload-camera-image")
        asking.putheader("Authorization", f"Token {TOKEN}")
        asking.putheader("Content-Type", "multipart/form-data; boundary=x")
        asking.putheader("Content-Length", str(100 << 20))
        asking.endheaders()
        answer = asking.getresponse()  # before a byte of it was sent
        assert (answer.status, json.loads(answer.read())["status"]) == (413, 413)


def test_its_document_is_sound_and_its_page_needs_no_script(client: httpx.Client) -> None:
    document = client.get("/api/v1/openapi.json").json()
    OpenAPIV31SpecValidator(document).validate()
    assert {"/v1/plate-reader/", "/upload-camera-image", "/api/v1/readings"} <= set(
        document["paths"]
    )
    page = client.get("/api/v1/")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "<script" not in page.text


def test_figures_and_log_hold_no_plate(client: httpx.Client) -> None:
    client.get(f"/check-license-plate/{PLATE}/{LONG_AGO}")
    figures = client.get("/api/v1/metrics").text
    assert 'lotkeeper_api_pictures_total{result="plate"}' in figures
    assert PLATE not in figures


def test_without_a_gate_beside_it_there_is_nothing_live(client: httpx.Client) -> None:
    answer = client.get("/api/v1/cameras/gate/live")
    assert answer.json()["type"] == "urn:lotkeeper:problem:gate_away"


def test_what_was_sent_becomes_a_sealed_event_at_the_server(tmp_path: Path) -> None:
    tls = lot.tls()
    with serving(tmp_path / "server", tls) as server:
        lot.enrolled(tmp_path / "edge", tls.root)
        more = {"LOT_SERVER": f"127.0.0.1:{server.port}", "LOT_SERVER_TOKEN": lot.TOKEN.text}
        with served(tmp_path, more) as client:
            assert sent(client, PHOTO, camera_id="gate").status_code == 200
            until(lambda: server.sequences() == [1])
        (opened,) = server.opened()
        assert isinstance(opened.says, Event)
        assert (opened.says.plate, opened.says.camera) == (PLATE, "gate")
        assert set(opened.says.pictures) == {"frame", "plate", "vehicle"}
        places = Places(tmp_path / "edge")
        with closing(sqlite3.connect(places.outbox)) as db:
            (box,) = db.execute("SELECT box FROM said_keys").fetchone()
        assert box is not None  # under the state key that the server gave
        with served(tmp_path, more) as client:
            until(lambda: _knows(client))  # what it saw before it was started anew


def test_a_grant_reads_a_picture_once_and_no_event_comes_of_it(tmp_path: Path) -> None:
    tls = lot.tls()
    with serving(tmp_path / "server", tls) as server:
        lot.enrolled(tmp_path / "edge", tls.root)
        more = {"LOT_SERVER": f"127.0.0.1:{server.port}", "LOT_SERVER_TOKEN": lot.TOKEN.text}
        with served(tmp_path, more) as client:
            nonce = bytes.fromhex(client.get("/api/v1/nonce").json()["nonce"])
            headers = {"Authorization": f"Grant {granted(nonce, 'read')}"}
            said = client.post("/api/v1/readings?event=yes", content=PHOTO, headers=headers).json()
            assert [one["plate"] for one in said["plates"]] == [PLATE]
            again = client.post("/api/v1/readings", content=PHOTO, headers=headers)
            assert (again.status_code, "was used" in again.json()["detail"]) == (401, True)
            assert client.get("/api/v1/cameras", headers=headers).status_code == 401
            assert not _knows(client)
            client.post("/api/v1/readings", content=PHOTO)  # by the token
            until(lambda: server.sequences() == [1])
            assert _knows(client)


def _knows(client: httpx.Client) -> bool:
    (said,) = client.get(f"/check-license-plate/{PLATE}/{LONG_AGO}").json()
    return bool(said["detected"])
