"""How an event is told to others: as plain JSON, and in the form that webhook receivers know."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from datetime import timezone, tzinfo

from contract.event import Event
from lot.times import local_text, moment

TIME_HEADER = "Lotkeeper-Time"
SIGNATURE_HEADER = "Lotkeeper-Signature"
EVENT_HEADER = "Lotkeeper-Event"  # id and revision: what came twice is one
_BOX = {"xmin": 0, "ymin": 0, "xmax": 0, "ymax": 0}  # the picture that is sent is a crop


def what_happened(event: Event) -> str:
    """Return the one word that a home system acts on."""
    if event.kind == "void":
        return "void"
    if event.revision > 1:
        return "corrected"
    if event.plate is None:
        return "unread"
    return event.kind


def plain(event: Event) -> dict[str, object]:
    """Return an event as others read it: probabilities from 0 to 1, times in UTC."""
    return {
        "event_type": what_happened(event),
        "event_id": event.id,
        "revision": event.revision,
        "final": event.final,
        "kind": event.kind,
        "plate": event.plate,
        "score": None if event.confidence is None else event.confidence / 1000,
        "region": event.region,
        "vehicle": event.vehicle,
        "direction": event.direction,
        "camera": event.camera,
        "lane": event.lane,
        "at": utc(event.at),
        "first_seen": utc(event.first_seen),
        "last_seen": utc(event.last_seen),
        "flags": list(event.flags),
        "reason": event.reason,
        "source": event.edge,
    }


def hook(event: Event, zone: tzinfo) -> dict[str, object]:
    """Return a webhook's body: Plate Recognizer Stream's, and beside it what that cannot say."""
    at = moment(event.best_at)
    name = f"{event.camera}_screenshots/{at:%y-%m-%d/%H-%M-%S.%f}.jpg"
    return {
        "hook": {"id": event.camera, "event": "recognition", "filename": name},
        "data": {
            "camera_id": event.camera,
            "filename": name,
            "timestamp": utc(event.best_at),
            "timestamp_local": local_text(at, zone),
            "timestamp_camera": None,
            "results": [_result(event)] if event.plate is not None else [],
        },
        "lotkeeper": plain(event),
    }


def body_of(event: Event, zone: tzinfo, picture: bytes) -> tuple[str, bytes]:
    """Return media type and bytes of a webhook; with a picture as a form of two parts."""
    text = json.dumps(hook(event, zone), ensure_ascii=False, separators=(",", ":")).encode()
    if not picture:
        return "application/json", text
    boundary = secrets.token_hex(16)
    pieces = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="json"\r\n\r\n'.encode(),
        text,
        f'\r\n--{boundary}\r\nContent-Disposition: form-data; name="upload"; '
        'filename="vehicle.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'.encode(),
        picture,
        f"\r\n--{boundary}--\r\n".encode(),
    )
    return f"multipart/form-data; boundary={boundary}", b"".join(pieces)


def signature(secret: bytes, at_s: int, body: bytes) -> str:
    """Return what proves who sent a body and when: HMAC-SHA256 over `time.body`."""
    return "v1=" + hmac.new(secret, f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()


def utc(at: int) -> str:
    """Return microseconds since 1970 as ISO 8601."""
    return f"{moment(at).astimezone(timezone.utc):%Y-%m-%dT%H:%M:%S.%fZ}"


def _result(event: Event) -> dict[str, object]:
    assert event.plate is not None
    spelled = [(event.plate, event.confidence or 0)]
    spelled += [(one.plate, one.confidence) for one in event.alternatives]
    return {
        "plate": event.plate.lower(),
        "score": (event.confidence or 0) / 1000,
        "dscore": 0.0,
        "box": dict(_BOX),
        "region": {"code": event.region or "", "score": 0.0},
        "vehicle": {
            "type": {"bus": "Bus", "motorcycle": "Motorcycle"}.get(event.vehicle or "", "Unknown"),
            "score": 0.0,
            "box": dict(_BOX),
        },
        "candidates": [{"plate": text.lower(), "score": s / 1000} for text, s in spelled],
        "direction": None,
        "speed": None,
        "speed_score": 0.0,
        "position_sec": 0.0,
        "source_url": event.camera,
        "user_data": "",
    }
