"""Events reach a real broker and a real receiver, signed, once each, also after both were away."""

from __future__ import annotations

import hmac
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import time

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from contract.digest import H
from contract.event import Event
from edge.delivery.identity import Places
from edge.delivery.journal import Journal, Keeps
from edge.telling.running import telling_from
from edge.telling.settings import told_from
from edge.telling.webhooks import Target, Webhook
from lot.errors import WrongSettings
from lot.times import zone
from tests.edge.api.serving import free_port
from tests.edge.delivery import lot
from tests.edge.delivery.serving import until

SECRET = "a-secret-of-twenty-characters"  # noqa: S105 - the tests' own
UTC = zone("UTC")
KEEPS = Keeps(timedelta(hours=24), pictures=True)
JPEG = b"\xff\xd8 a picture \xff\xd9"

needs_mosquitto = pytest.mark.skipif(
    shutil.which("mosquitto") is None, reason="there is no mosquitto here"
)


def now_event(number: int, revision: int = 1, **more: object) -> Event:
    at = int(time() * 1_000_000)
    one = lot.an_event(number, {"vehicle": JPEG}, revision)
    return replace(one, first_seen=at, best_at=at, last_seen=at, **more)  # type: ignore[arg-type]  # any


@dataclass
class Receiver:
    """Takes webhooks, and answers what a test says."""

    status: int = 200
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks?token=hidden"

    def plates(self) -> list[str]:
        said = [json.loads(_json(headers, body)) for headers, body in self.came]
        return [one["lotkeeper"]["event_id"] for one in said]


def _json(headers: dict[str, str], body: bytes) -> bytes:
    if headers["Content-Type"] == "application/json":
        return body
    boundary = headers["Content-Type"].partition("boundary=")[2].encode()
    return body.split(b"--" + boundary)[1].partition(b"\r\n\r\n")[2].rstrip(b"\r\n")


@contextmanager
def receiving(receiver: Receiver, port: int = 0) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if receiver.status == 200:
                receiver.came.append((dict(self.headers), body))
            self.send_response(receiver.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    receiver.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def hooked(journal: Journal, receiver: Receiver) -> Iterator[Webhook]:
    made = Webhook(Target(receiver.url, SECRET.encode(), UTC, backoff_first_s=0.02), journal)
    made.begin()
    made.start()
    try:
        yield made
    finally:
        made.close()


def a_journal(folder: Path) -> Journal:
    return Journal(folder / "journal.sqlite3", lot.EDGE, KEEPS)


def put(journal: Journal, event: Event) -> str:
    journal.put(event, {"vehicle": JPEG}, event.last_seen)
    return event.id


def test_a_webhook_bears_the_event_its_picture_and_a_signature_over_time_and_body(
    tmp_path: Path,
) -> None:
    journal, receiver = a_journal(tmp_path), Receiver()
    with receiving(receiver), hooked(journal, receiver):
        event = now_event(1)
        put(journal, event)
        until(lambda: len(receiver.came) == 1)
    ((headers, body),) = receiver.came
    at = headers["Lotkeeper-Time"]
    wanted = hmac.new(SECRET.encode(), f"{at}.".encode() + body, sha256).hexdigest()
    assert headers["Lotkeeper-Signature"] == f"v1={wanted}"
    assert abs(int(at) - time()) < 60
    assert headers["Lotkeeper-Event"] == f"{event.id}.1"
    assert JPEG in body
    said = json.loads(_json(headers, body))
    assert event.plate is not None
    assert said["lotkeeper"]["plate"] == event.plate
    assert said["data"]["results"][0]["plate"] == event.plate.lower()
    assert said["hook"]["event"] == "recognition"


def test_what_a_receiver_missed_is_told_in_order_once_it_is_back_also_over_a_restart(
    tmp_path: Path,
) -> None:
    journal, receiver = a_journal(tmp_path), Receiver(status=503)
    with receiving(receiver):
        with hooked(journal, receiver) as hook:
            ids = [put(journal, now_event(number)) for number in range(1, 4)]
            until(lambda: hook.tally.failed > 2)
            assert hook.waiting == 3
        port = receiver.port
    with hooked(journal, receiver) as hook:  # the same again, and nobody is there at all
        ids.append(put(journal, now_event(4)))
        until(lambda: hook.tally.failed > 1)
        receiver.status = 200
        with receiving(receiver, port):
            until(lambda: len(receiver.came) == 4)
            until(lambda: hook.waiting == 0)
    assert receiver.plates() == ids


def test_what_a_receiver_can_never_take_is_passed_over_and_counted(tmp_path: Path) -> None:
    journal, receiver = a_journal(tmp_path), Receiver(status=422)
    with receiving(receiver), hooked(journal, receiver) as hook:
        put(journal, now_event(1))
        until(lambda: hook.tally.given_up == 1)
        receiver.status = 200
        after = put(journal, now_event(2))
        until(lambda: receiver.plates() == [after])


def test_a_new_receiver_is_told_from_now_on(tmp_path: Path) -> None:
    journal, receiver = a_journal(tmp_path), Receiver()
    put(journal, now_event(1))
    with receiving(receiver), hooked(journal, receiver):
        later = put(journal, now_event(2))
        until(lambda: receiver.plates() == [later])


def test_logs_show_no_token_of_an_address() -> None:
    assert Target("https://hooks.lan/x?token=hidden", b"", UTC).shown == "https://hooks.lan"


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"LOT_WEBHOOKS": "ftp://a", "LOT_WEBHOOK_SECRET": SECRET}, "number 1 is no http"),
        ({"LOT_WEBHOOKS": "https://a/"}, "LOT_WEBHOOK_SECRET has fewer"),
        ({"LOT_MQTT": "nowhere"}, "LOT_MQTT"),
        ({"LOT_MQTT": "a:1883", "LOT_MQTT_CA": "/none"}, "LOT_MQTT_CA"),
    ],
)
def test_a_wrong_setting_is_told_at_the_start(values: dict[str, str], word: str) -> None:
    with pytest.raises(WrongSettings, match=word):
        told_from(values)


def test_nobody_is_told_unless_an_owner_names_them(tmp_path: Path) -> None:
    assert telling_from({}, a_journal(tmp_path), Places(tmp_path), UTC) is None


@contextmanager
def broker(folder: Path) -> Iterator[int]:
    port = free_port()
    conf = folder / "mosquitto.conf"
    conf.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n", encoding="utf-8")
    process = subprocess.Popen(["mosquitto", "-c", str(conf)], stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


@dataclass
class Home:
    """Listens as a home system does."""

    retained: dict[str, bytes] = field(default_factory=dict)
    fresh: list[tuple[str, bytes]] = field(default_factory=list)

    def heard(self, _: paho.Client, __: object, message: paho.MQTTMessage) -> None:
        if message.retain:
            self.retained[message.topic] = bytes(message.payload)
        else:
            self.fresh.append((message.topic, bytes(message.payload)))

    def events(self) -> list[dict[str, object]]:
        return [json.loads(said) for topic, said in self.fresh if topic.endswith("/event")]


@contextmanager
def home(port: int) -> Iterator[Home]:
    listening = Home()
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.on_message = listening.heard
    subscribed = threading.Event()

    @client.connect_callback()
    def connected(*_: object) -> None:
        client.subscribe("#", qos=1)

    @client.subscribe_callback()
    def ready(*_: object) -> None:
        subscribed.set()

    client.connect_async("127.0.0.1", port)
    client.loop_start()
    try:
        assert subscribed.wait(30)
        yield listening
    finally:
        client.disconnect()
        client.loop_stop()


@needs_mosquitto
def test_a_broker_is_told_once_of_each_happening_and_home_assistant_of_the_camera(
    tmp_path: Path,
) -> None:
    journal, places = a_journal(tmp_path), lot.enrolled(tmp_path / "edge")[0]
    with broker(tmp_path) as port, home(port) as listening:
        values = {"LOT_MQTT": f"127.0.0.1:{port}", "LOT_WEBHOOK_PICTURES": "1"}
        telling = telling_from(values, journal, places, UTC)
        assert telling is not None
        telling.start()
        config = f"homeassistant/device/lotkeeper_{lot.EDGE.hex()}_gate/config"
        until(lambda: any(topic == config for topic, _ in listening.fresh))
        event = now_event(1)
        put(journal, event)
        put(journal, replace(event, revision=2, confidence=1000))  # surer, and no news
        put(journal, replace(event, revision=3, plate=None, confidence=None, characters=()))
        until(lambda: len(listening.events()) == 2)
        assert (f"lotkeeper/{lot.EDGE.hex()}/gate/image", JPEG) in listening.fresh
        assert b"lotkeeper_mqtt_connected 1.0" in telling.figures()
        with home(port) as later:
            until(lambda: config in later.retained)
            assert later.retained[f"lotkeeper/{lot.EDGE.hex()}/available"] == b"online"
            assert not any(topic.endswith("/event") for topic in later.retained)
        telling.close()
        until(lambda: (f"lotkeeper/{lot.EDGE.hex()}/available", b"offline") in listening.fresh)
    first, second = listening.events()
    assert (first["event_type"], first["plate"]) == (event.kind, event.plate)
    assert second["event_type"] == "corrected"
    device = json.loads(dict(listening.fresh)[config])
    assert set(device) >= {"device", "origin", "availability", "components"}
    assert device["components"]["gate"]["platform"] == "event"
    assert first["event_type"] in device["components"]["gate"]["event_types"]
    assert device["components"]["gate"]["state_topic"].endswith("/gate/event")


def test_one_process_of_an_edge_tells(tmp_path: Path) -> None:
    journal, receiver = a_journal(tmp_path), Receiver()
    places = Places(tmp_path / "edge")
    with receiving(receiver):
        values = {"LOT_WEBHOOKS": receiver.url, "LOT_WEBHOOK_SECRET": SECRET}
        first = telling_from(values, journal, places, UTC)
        second = telling_from(values, journal, places, UTC)
        assert first is not None
        assert second is not None
        first.start()
        until(lambda: first.figures() != b"")
        second.start()
        put(journal, now_event(1))
        until(lambda: len(receiver.came) == 1)
        assert second.figures() == b""
        first.close()
        until(lambda: second.figures() != b"")
        put(journal, now_event(2))
        until(lambda: len(receiver.came) == 2)
        second.close()
    assert journal.place_of(H(b"lot/hook/1", receiver.url.encode())) == 2
