"""All who are told, by one process of an edge: gate or recognition API, whoever is first."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import tzinfo
from threading import Event as Flag
from threading import Thread

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from edge.delivery.identity import Places, identity_in
from edge.delivery.journal import Journal
from edge.delivery.turn import Turn
from edge.telling.mqtt import Mqtt
from edge.telling.settings import Hooks, Told, told_from
from edge.telling.webhooks import Target, Webhook
from lot.errors import LotError

TURN_S = 2.0
_TRIAL = "trial"
_log = logging.getLogger("lotkeeper.telling")


class Telling:
    """Tells while it is this process's turn."""

    def __init__(
        self,
        told: Told,
        journal: Journal,
        turn: Turn,
        edge: str,
        cameras: Iterable[str],
        zone: tzinfo,
    ) -> None:
        hooks = told.hooks or Hooks((), b"")
        self._journal = journal
        self._turn = turn
        self._hooks = tuple(
            Webhook(Target(url, hooks.secret, zone), journal) for url in hooks.targets
        )
        self._mqtt = (
            Mqtt(told.broker, edge, journal, pictures=told.pictures) if told.broker else None
        )
        if self._mqtt is not None:
            self._mqtt.introduce(set(cameras))
        self._stop = Flag()
        self._is_telling = False
        self._thread = Thread(target=self._run, name="telling", daemon=True)

    def start(self) -> None:
        """Begin; where another process of this edge tells, as soon as that one ends."""
        _log.warning("telling=1 said='plates leave in clear'")
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._is_telling:
            for hook in self._hooks:
                hook.close()
            if self._mqtt is not None:
                self._mqtt.close()
        self._turn.let_go()

    def figures(self) -> bytes:
        """Return what was told, as Prometheus reads it; empty while another process tells."""
        if not self._is_telling:
            return b""
        registry = CollectorRegistry()
        hooks = Gauge(
            "lotkeeper_webhook_events",
            "Events by webhook (numbered as LOT_WEBHOOKS names them) and what became of them.",
            ("hook", "what"),
            registry=registry,
        )
        for number, hook in enumerate(self._hooks, start=1):
            hooks.labels(str(number), "sent").set(hook.tally.sent)
            hooks.labels(str(number), "failed_tries").set(hook.tally.failed)
            hooks.labels(str(number), "given_up").set(hook.tally.given_up)
            hooks.labels(str(number), "waiting").set(hook.waiting)
        if self._mqtt is not None:
            Gauge(
                "lotkeeper_mqtt_connected", "1 while the broker is there.", registry=registry
            ).set(self._mqtt.is_connected)
            Gauge("lotkeeper_mqtt_events", "Events told over MQTT.", registry=registry).set(
                self._mqtt.sent
            )
        return generate_latest(registry)

    def _run(self) -> None:
        while True:
            try:
                if self._turn.taken():
                    break
            except LotError as error:
                _log.error('telling=waits why="%s"', error)
            if self._stop.wait(TURN_S):
                return
        self._journal.only([hook.target.listener for hook in self._hooks])
        for hook in self._hooks:
            hook.begin()
            hook.start()
        if self._mqtt is not None:
            self._mqtt.start()
        self._is_telling = True


def telling_from(
    values: Mapping[str, str], journal: Journal, places: Places, zone: tzinfo
) -> Telling | None:
    """Return who tells; None where nobody is to be told."""
    told = told_from(values)
    if told.broker is None and told.hooks is None:
        return None
    identity = identity_in(places) if places.enrolled.exists() else None
    edge = identity.edge.hex() if identity else _TRIAL
    cameras = identity.certificate.cameras if identity else ()
    places.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    turn = Turn(places.folder / "telling.lock")
    return Telling(told, journal, turn, edge, cameras, zone)
