"""The golden vectors, with what they refer to put in place."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key

import contract

VECTORS = Path(contract.__file__).parent / "vectors"
NOTHING: Mapping[str, bytes] = MappingProxyType({})
KEYS: dict[str, str] = json.loads((VECTORS / "keys.json").read_bytes())


@dataclass(frozen=True)
class Vector:
    """Bytes, what a reader is given, and what must come out."""

    kind: str
    name: str
    data: bytes
    context: dict[str, Any]
    means: dict[str, Any]


def of(*kinds: str) -> list[Vector]:
    """Return the vectors of these kinds, in the order of the files."""
    return [vector for vector in _ALL.values() if vector.kind in kinds]


def named(name: str) -> Vector:
    return _ALL[name]


def key(name: str) -> bytes:
    return bytes.fromhex(KEYS[name])


@cache
def rsa(name: str = "rsa") -> RSAPrivateKey:
    """Return a printed RSA key; testing its primes would take seconds."""
    found = load_der_private_key(key(name), password=None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(found, RSAPrivateKey)
    return found


def _resolved(value: Any, raw: dict[str, dict[str, Any]]) -> Any:
    if isinstance(value, dict):
        return {name: _resolved(inner, raw) for name, inner in value.items()}
    if isinstance(value, list):
        return [_resolved(inner, raw) for inner in value]
    if isinstance(value, str) and value.startswith("@"):
        return KEYS[value[1:]]
    if isinstance(value, str) and value.startswith("#"):
        return _data(raw, value[1:]).hex()
    return value


def _data(raw: dict[str, dict[str, Any]], name: str) -> bytes:
    given: str = raw[name]["bytes"]
    return _data(raw, given[1:]) if given.startswith("#") else base64.b64decode(given)


def _all() -> dict[str, Vector]:
    files = sorted(path for path in VECTORS.glob("*.json") if path.stem != "keys")
    raw = {one["name"]: one for path in files for one in json.loads(path.read_bytes())}
    return {
        name: Vector(
            one["kind"], name, _data(raw, name), _resolved(one["context"], raw), one["means"]
        )
        for name, one in raw.items()
    }


_ALL = _all()
