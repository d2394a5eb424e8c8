"""Events over MQTT as they happen; what happens while the broker is away is not told later.

A home system opens a gate at an entry: one of an hour ago would open it for nobody.
"""

from __future__ import annotations

import json
import logging
import ssl
from collections import OrderedDict
from threading import Event as Flag
from threading import Lock, Thread
from time import time

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from contract.event import Event
from edge.delivery.journal import Journal, Said
from edge.telling.discovery import HOME_STATUS, available, discovery, topic
from edge.telling.messages import plain
from edge.telling.settings import Broker
from lot.errors import LotError
from lot.times import moment

POLL_S = 0.3
FRESH_S = 300.0
_EXPIRES_S = 60
_REMEMBERED = 1000  # events whose later revisions are compared
_AT_ONCE = 50
_RECONNECT_MAX_S = 30
_log = logging.getLogger("lotkeeper.mqtt")


class Mqtt:
    """Tells one broker, from a thread of its own."""

    def __init__(self, broker: Broker, edge: str, journal: Journal, *, pictures: bool) -> None:
        self._broker = broker
        self._edge = edge
        self._journal = journal
        self._pictures = pictures
        self._lock = Lock()
        self._cameras: set[str] = set()
        self._stop = Flag()
        self.sent = 0
        self._told: OrderedDict[str, tuple[str, str | None]] = OrderedDict()
        self._client = self._made()
        self._place = journal.last()
        self._thread = Thread(target=self._run, name="mqtt", daemon=True)

    @property
    def is_connected(self) -> bool:
        return self._client.is_connected()

    def start(self) -> None:
        where = self._broker.address
        self._client.connect_async(where.host, where.port, keepalive=30)
        self._client.loop_start()
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._client.is_connected():
            self._client.publish(available(self._edge), b"offline", qos=1, retain=True)
        self._client.disconnect()
        self._client.loop_stop()

    def _made(self) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"lotkeeper-{self._edge}",
            protocol=paho.MQTTv5,
        )
        if self._broker.user:
            client.username_pw_set(self._broker.user, self._broker.password)
        if self._broker.root is not None:
            client.tls_set_context(ssl.create_default_context(cafile=self._broker.root))
        client.will_set(available(self._edge), b"offline", qos=1, retain=True)
        client.reconnect_delay_set(1, _RECONNECT_MAX_S)
        client.on_connect = self._connected
        client.on_disconnect = self._lost
        client.on_message = self._heard
        return client

    def _connected(
        self,
        client: paho.Client,
        _userdata: object,
        _flags: paho.ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            _log.error('mqtt=%s refused="%s"', self._broker.address, reason)
            return
        _log.info("mqtt=%s connected=1", self._broker.address)
        client.subscribe(HOME_STATUS, qos=1)
        self._introduce()

    def _lost(
        self,
        _client: paho.Client,
        _userdata: object,
        _flags: paho.DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if not self._stop.is_set():
            _log.warning('mqtt=%s lost="%s"', self._broker.address, reason)

    def _heard(self, _client: paho.Client, _userdata: object, message: paho.MQTTMessage) -> None:
        """Home Assistant was started anew: it is told of the devices again."""
        if message.topic == HOME_STATUS and message.payload == b"online":
            self._introduce()

    def _introduce(self) -> None:
        self._client.publish(available(self._edge), b"online", qos=1, retain=True)
        with self._lock:
            cameras = sorted(self._cameras)
        for camera in cameras:
            self._discover(camera)

    def _discover(self, camera: str) -> None:
        where, said = discovery(self._edge, camera, pictures=self._pictures)
        self._client.publish(where, said, qos=1, retain=True)

    def introduce(self, cameras: set[str]) -> None:
        """Name cameras before they see anything."""
        with self._lock:
            self._cameras |= cameras

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                batch = self._journal.after(self._place, _AT_ONCE)
            except LotError as error:
                _log.error('mqtt=waits why="%s"', error)
                self._stop.wait(POLL_S * 10)
                continue
            self._place = batch.upto
            for said in batch.said:
                self._tell(said)
            if not batch.said:
                self._stop.wait(POLL_S)

    def _is_news(self, event: Event) -> bool:
        """Say whether a home system would act on it: not where only a doubt became smaller."""
        told = (event.kind, event.plate)
        if self._told.get(event.id) == told:
            return False
        self._told[event.id] = told
        if len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)
        return True

    def _tell(self, said: Said) -> None:
        event = said.event
        is_old = time() - moment(event.last_seen).timestamp() > FRESH_S
        if not self._client.is_connected() or is_old or not self._is_news(event):
            return
        with self._lock:
            is_new = event.camera not in self._cameras
            self._cameras.add(event.camera)
        if is_new:
            self._discover(event.camera)
        text = json.dumps(plain(event), ensure_ascii=False).encode()
        expires = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho's
        expires.MessageExpiryInterval = _EXPIRES_S
        self._client.publish(
            topic(self._edge, event.camera, "event"), text, qos=1, properties=expires
        )
        if said.picture:
            self._client.publish(
                topic(self._edge, event.camera, "image"), said.picture, qos=0, properties=expires
            )
        self.sent += 1
