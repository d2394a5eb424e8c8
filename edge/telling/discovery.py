"""What Home Assistant is told so that it shows a camera as a device, without a line of its own.

Discovery messages are the only ones that are retained, with the word whether we are there: an
event is news once, and a plate is never left lying at the broker.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

BASE = "lotkeeper"
HOME_STATUS = "homeassistant/status"
HAPPENINGS = ("entry", "exit", "seen", "unread", "corrected", "void")


def slug(name: str) -> str:
    """Return a name as a topic and an id may bear it."""
    return re.sub("[^a-z0-9_]", "_", name.lower()) or "_"


def available(edge: str) -> str:
    """Return the topic that says whether this edge is there."""
    return f"{BASE}/{edge}/available"


def topic(edge: str, camera: str, what: str) -> str:
    return f"{BASE}/{edge}/{slug(camera)}/{what}"


def discovery(edge: str, camera: str, *, pictures: bool) -> tuple[str, bytes]:
    """Return topic and message that make a camera a device of Home Assistant."""
    name = f"{BASE}_{edge}_{slug(camera)}"

    def entity(platform: str, key: str, title: str, **more: object) -> Mapping[str, object]:
        return {"platform": platform, "unique_id": f"{name}_{key}", "name": title, **more}

    components: dict[str, object] = {
        "gate": entity(
            "event",
            "gate",
            "Gate",
            state_topic=topic(edge, camera, "event"),
            event_types=list(HAPPENINGS),
        ),
        "last_plate": entity(
            "sensor",
            "plate",
            "Last plate",
            state_topic=topic(edge, camera, "event"),
            value_template="{{ value_json.plate or 'unread' }}",
            json_attributes_topic=topic(edge, camera, "event"),
            force_update=True,
            icon="mdi:car",
        ),
    }
    if pictures:
        components["last_vehicle"] = entity(
            "image",
            "image",
            "Last vehicle",
            image_topic=topic(edge, camera, "image"),
            content_type="image/jpeg",
        )
    said = {
        "device": {
            "identifiers": [name],
            "name": f"Gate {camera}",
            "manufacturer": "Lotkeeper",
            "serial_number": edge,
        },
        "origin": {"name": BASE},
        "availability": [{"topic": available(edge)}],
        "components": components,
    }
    return f"homeassistant/device/{name}/config", json.dumps(said, ensure_ascii=False).encode()
