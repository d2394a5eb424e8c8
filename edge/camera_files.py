"""`cameras.toml`: what the owner says of each camera, read once at the start.

A table a camera, in fractions of the picture. Every fault of the file is named at once.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from edge.cameras import BORDERS, ROLES, TRANSPORTS, Camera, Lane, Point, Role, Transport
from edge.values import Border
from lot.errors import WrongSettings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_KEYS = (
    "source",
    "transport",
    "gate",
    "role",
    "street",
    "lot",
    "lanes",
    "region_of_interest",
)
_LANE_KEYS = ("name", "polygon", "arrow")


def cameras_in(path: Path) -> dict[str, Camera]:
    """Return the file's cameras by name, or raise WrongSettings with all that is wrong in it."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongSettings(
            [f"LOT_CAMERAS_FILE={path}: {error.strerror}; name a cameras.toml, or leave it empty"]
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WrongSettings([f"{path} is no TOML: {error}"]) from error
    problems: list[str] = []
    cameras = {}
    for name, table in tables.items():
        if isinstance(table, list):
            problems.append(f"{path}: [[{name}]] is a list; write a table a camera, as [{name}]")
            continue
        if not isinstance(table, Mapping):
            problems.append(f"{path}: {name} stands outside a camera's table, as [north]")
            continue
        camera = _camera(name, table, path, problems)
        if camera is not None:
            cameras[name] = camera
    if not tables:
        problems.append(f"{path} names no camera; write a table a camera, as [north]")
    if problems:
        raise WrongSettings(problems)
    return cameras


def _camera(
    name: str, table: Mapping[str, object], path: Path, problems: list[str]
) -> Camera | None:
    where = f"{path}: [{name}]"
    before = len(problems)
    problems += [
        f"{where} {key} is not known; known are {', '.join(_KEYS)}"
        for key in table
        if key not in _KEYS
    ]
    role = _role(table.get("role", "both"), where, problems)
    street = _borders(table.get("street", []), f"{where} street", problems)
    lot = _borders(table.get("lot", []), f"{where} lot", problems)
    region = _points(table.get("region_of_interest", []), f"{where} region_of_interest", problems)
    lanes = _lanes(table.get("lanes", []), where, problems)
    source = table.get("source", "")
    if not isinstance(source, (str, int)) or isinstance(source, bool):
        problems.append(f"{where} source is an address in quotes, or a camera's number")
    transport = _transport(table.get("transport", "tcp"), where, problems)
    gate = table.get("gate", name)
    if not isinstance(gate, str):
        problems.append(f"{where} gate is not a name in quotes")
    if len(problems) > before:
        return None
    try:
        return Camera(name, str(gate), role, street, lot, lanes, region, str(source), transport)
    except ValueError as error:
        problems.append(f"{path}: {error}")
        return None


def _role(value: object, where: str, problems: list[str]) -> Role:
    for role in ROLES:
        if value == role:
            return role
    problems.append(f"{where} role is {value!r}; it is one of {', '.join(ROLES)}")
    return "both"


def _transport(value: object, where: str, problems: list[str]) -> Transport:
    for transport in TRANSPORTS:
        if value == transport:
            return transport
    problems.append(f"{where} transport is {value!r}; it is tcp or udp")
    return "tcp"


def _borders(value: object, where: str, problems: list[str]) -> frozenset[Border]:
    names = value if isinstance(value, list) else [value]
    known = frozenset(border for border in BORDERS if border in names)
    if len(known) != len(names):
        problems.append(f"{where} is {value!r}; it is a list of {', '.join(BORDERS)}")
    return known


def _points(value: object, where: str, problems: list[str]) -> tuple[Point, ...]:
    points = []
    for pair in value if isinstance(value, list) else [value]:
        if (
            isinstance(pair, list)
            and len(pair) == 2
            and all(isinstance(n, (int, float)) and not isinstance(n, bool) for n in pair)
        ):
            points.append((float(pair[0]), float(pair[1])))
        else:
            problems.append(f"{where} is no list of points, as [[0.1, 0.4], [0.9, 0.4]]")
            break
    return tuple(points)


def _lanes(value: object, where: str, problems: list[str]) -> tuple[Lane, ...]:
    lanes = []
    for number, table in enumerate(value if isinstance(value, list) else [value], start=1):
        lane_where = f"{where} lane {number}"
        if not isinstance(table, Mapping) or set(table) != set(_LANE_KEYS):
            problems.append(f"{lane_where} needs {', '.join(_LANE_KEYS)} and nothing else")
            continue
        polygon = _points(table["polygon"], f"{lane_where} polygon", problems)
        arrow = _points(table["arrow"], f"{lane_where} arrow", problems)
        if len(arrow) != 2:
            problems.append(f"{lane_where} arrow is two points, from and to")
            continue
        try:
            lanes.append(Lane(str(table["name"]), polygon, (arrow[0], arrow[1])))
        except ValueError as error:
            problems.append(f"{where} {error}")
    return tuple(lanes)
