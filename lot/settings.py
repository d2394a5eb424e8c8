"""Every setting's name, once, with the part it belongs to; `.env.example` is printed from here.

Flags go before the environment, the environment before `.env`, `.env` before the defaults
below. A part ignores its neighbours' names and refuses unknown ones with the nearest right
one, and one start names every mistake at once. Secrets are never repeated in a complaint.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values

from lot.errors import WrongSettings

Part = Literal["edge", "server", "gui"]
_CAMERA_PASSWORD = re.compile("LOT_CAMERA_[A-Z0-9_]+_PASSWORD")  # a name for each camera
_CHANNEL = re.compile("LOT_NOTIFY_([A-Z0-9_]{1,32})")  # a name for each address of messages
PARTS: tuple[Part, ...] = ("edge", "server", "gui")


@dataclass(frozen=True, slots=True)
class Setting:
    """One name, whom it serves, and what it means in a sentence."""

    name: str
    parts: tuple[Part, ...]
    default: str
    meaning: str
    low: float | None = None
    high: float | None = None


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "LOT_TIMEZONE",
        PARTS,
        "",
        "The lot's time zone, as America/Chicago; empty takes this machine's.",
    ),
    Setting(
        "LOT_WINDOW_SECONDS",
        ("edge",),
        "30",
        "Readings of one plate less than this apart are one sighting.",
        low=1,
        high=3600,
    ),
    Setting(
        "LOT_LONGEST_STAY_HOURS",
        ("edge",),
        "48",
        "A car inside for longer since last seen is taken to have left unseen.",
        low=1,
        high=8760,
    ),
    Setting(
        "LOT_SURE",
        ("edge",),
        "0.8",
        "Two agreeing readings at this probability are announced at once.",
        low=0.5,
        high=0.999,
    ),
    Setting(
        "LOT_LEGIBLE_PIXELS",
        ("edge",),
        "70",
        "A plate this wide should have been legible; an unread car that near is counted.",
        low=20,
        high=1000,
    ),
    Setting(
        "LOT_PLATE_FORMATS",
        ("edge", "server"),
        "us-tx,us",
        "Plates here, likeliest first: us-tx, us-…, us, eu, br, gb, ar, in; your own: X:AAA0000.",
    ),
    Setting(
        "LOT_CAMERAS_FILE",
        ("edge",),
        "",
        "A cameras.toml with role, sides and lanes of each camera; one camera needs none.",
    ),
    Setting(
        "LOT_DETECTOR",
        ("edge",),
        "onnx",
        "What finds vehicles and plates.",
    ),
    Setting(
        "LOT_READER",
        ("edge",),
        "crnn",
        "What reads a plate's crop; docs/engines.md lists the names, ensemble lets several vote.",
    ),
    Setting(
        "LOT_ENSEMBLE",
        ("edge",),
        "crnn,openalpr",
        "Who votes where the reader is ensemble; each a NAME, or NAME=WEIGHTS.",
    ),
    Setting(
        "LOT_OPENALPR_COUNTRY",
        ("edge",),
        "",
        "OpenALPR's country, as us, eu or br; empty takes the first of LOT_PLATE_FORMATS.",
    ),
    Setting(
        "LOT_OPENALPR_REGION",
        ("edge",),
        "",
        "The state whose template OpenALPR prefers, as tx; empty: as for the country.",
    ),
    Setting(
        "LOT_OPENALPR_LIBRARY",
        ("edge",),
        "",
        "libopenalprpy.so.2, where it is not found by itself.",
    ),
    Setting(
        "LOT_OPENALPR_CONFIG",
        ("edge",),
        "",
        "Another openalpr.conf than the installation's.",
    ),
    Setting(
        "LOT_OPENALPR_RUNTIME",
        ("edge",),
        "",
        "Another runtime_data than the configuration names.",
    ),
    Setting(
        "LOT_DETECTOR_WEIGHTS",
        ("edge",),
        "models/plate_detector.onnx",
        "The detector's network; a card of the same name lies beside it.",
    ),
    Setting(
        "LOT_READER_WEIGHTS",
        ("edge",),
        "models/plate_recognizer.onnx",
        "The reader's network; a card of the same name lies beside it.",
    ),
    Setting(
        "LOT_ANALYSED_PER_SECOND",
        ("edge",),
        "10",
        "Pictures a second shown to the detector while something moves; more for fast roads.",
        low=1,
        high=60,
    ),
    Setting(
        "LOT_THREADS",
        ("edge",),
        "0",
        "Threads of the networks, shared out over the cameras; 0: the cores, four at most.",
        low=0,
        high=64,
    ),
    Setting(
        "LOT_EDGE_FOLDER",
        ("edge",),
        "edge",
        "What the edge keeps: signing key, pins, and the outbox with what waits for the server.",
    ),
    Setting(
        "LOT_SERVER",
        ("edge",),
        "",
        "The server's HOST:PORT; written by `python -m edge enrol`.",
    ),
    Setting(
        "LOT_SERVER_TOKEN",
        ("edge",),
        "",
        "The edge's token there; written by `python -m edge enrol`. Keep this file to yourself.",
    ),
    Setting(
        "LOT_OUTBOX_MB_MAX",
        ("edge",),
        "4000",
        "The outbox's room; when it is full the oldest pictures go, and text stays.",
        low=10,
        high=1_000_000,
    ),
    Setting(
        "LOT_KEEPER_FOLDER",
        ("edge",),
        "keeper",
        "The share keeper's own folder: its keys, the shares, the one-time codes' state.",
    ),
    Setting(
        "LOT_API_BIND",
        ("edge",),
        "",
        "Where the recognition API listens, as 0.0.0.0:8445; the server is told the port.",
    ),
    Setting(
        "LOT_API_TOKEN",
        ("edge",),
        "",
        "The recognition API's token, 20 characters or more. Keep this file to yourself.",
    ),
    Setting(
        "LOT_API_PLAIN",
        ("edge",),
        "0",
        "1 lets the recognition API speak plain HTTP off this machine: token and plates in clear.",
        low=0,
        high=1,
    ),
    Setting(
        "LOT_API_CAMERA",
        ("edge",),
        "",
        "The camera of pictures that name none; empty: the first that the certificate names.",
    ),
    Setting(
        "LOT_API_MEMORY_HOURS",
        ("edge",),
        "24",
        "How long readings are remembered for who asks after a plate; sealed on the disk.",
        low=1,
        high=744,
    ),
    Setting(
        "LOT_MQTT",
        ("edge",),
        "",
        "A broker's HOST:PORT, to be told of events; plates then leave in clear. Empty: none.",
    ),
    Setting(
        "LOT_MQTT_USER",
        ("edge",),
        "",
        "Who the edge is to the broker.",
    ),
    Setting(
        "LOT_MQTT_PASSWORD",
        ("edge",),
        "",
        "Its password there.",
    ),
    Setting(
        "LOT_MQTT_CA",
        ("edge",),
        "",
        "The root that the broker's certificate must come from; empty: plain MQTT.",
    ),
    Setting(
        "LOT_WEBHOOKS",
        ("edge",),
        "",
        "Addresses to be told of events, with commas between; plates then leave in clear.",
    ),
    Setting(
        "LOT_WEBHOOK_SECRET",
        ("edge",),
        "",
        "What webhooks are signed with, 20 characters or more.",
    ),
    Setting(
        "LOT_WEBHOOK_PICTURES",
        ("edge",),
        "0",
        "1 sends a picture of the vehicle along with each webhook, and over MQTT.",
        low=0,
        high=1,
    ),
    Setting(
        "LOT_CLIPS",
        ("edge",),
        "0",
        "1 sends a short annotated clip with each event, sealed; some 300 kB an event.",
        low=0,
        high=1,
    ),
    Setting(
        "LOT_LOG_PLATES",
        ("edge",),
        "0",
        "1 writes plates into the log, where they then lie in clear.",
        low=0,
        high=1,
    ),
    Setting(
        "LOT_SERVER_FOLDER",
        ("server",),
        "server",
        "What the server keeps: database, sealed pictures and keys, its certificate.",
    ),
    Setting(
        "LOT_KEYS_FOLDER",
        ("server",),
        "keys",
        "The keyholder's own folder: slots, vault, one-time codes' state.",
    ),
    Setting(
        "LOT_DATABASE",
        ("server",),
        "",
        "mariadb+mysqlconnector://…, postgresql+psycopg://… or sqlite:///FILE; empty: SQLite.",
    ),
    Setting(
        "LOT_KEYHOLDER",
        ("server",),
        "own",
        "own: serve starts the keyholder itself; apart: a unit of its own runs it.",
    ),
    Setting(
        "LOT_IDLE_LOCK_MINUTES",
        ("server",),
        "30",
        "The vault locks itself when nobody did anything for so long; read by the keyholder alone.",
        low=1,
        high=1440,
    ),
    Setting(
        "LOT_SERVER_NAMES",
        ("server",),
        "",
        "Further names and addresses for the server's certificate, with commas between.",
    ),
    Setting(
        "LOT_GUI_SERVER",
        ("gui",),
        "https://127.0.0.1:8443",
        "Where the page finds the vault.",
    ),
    Setting(
        "LOT_GUI_ROOT",
        ("gui",),
        "",
        "The root that the vault's certificate must come from; empty: what this system trusts.",
    ),
    Setting(
        "LOT_GUI_CERTIFICATE",
        ("gui",),
        "",
        "The page's own certificate with its chain; the vault's may serve.",
    ),
    Setting(
        "LOT_GUI_KEY",
        ("gui",),
        "",
        "The key of that certificate.",
    ),
    Setting(
        "LOT_GUI_PRINTER",
        ("gui",),
        "",
        "The desk's ESC/POS printer: HOST or HOST:PORT (9100), or a device as /dev/usb/lp0.",
    ),
)


class Variables:
    """Reads one part's settings and keeps every complaint, so that one start lists them all."""

    def __init__(self, values: Mapping[str, str], part: Part) -> None:
        self._values = values
        self._known = {setting.name: setting for setting in SETTINGS}
        self._problems = [
            f"{name} is no setting; the nearest is {_nearest(name, self._known)}"
            for name in values
            if name.startswith("LOT_")
            and name not in self._known
            and not _CAMERA_PASSWORD.fullmatch(name)
            and not _CHANNEL.fullmatch(name)
        ]
        self._part = part

    def text(self, name: str) -> str:
        """Return the words given for `name`, or its default."""
        return self._values.get(name, "").strip() or self._setting(name).default

    def whole(self, name: str) -> int:
        """Return a whole number within the setting's range."""
        number = self.number(name)
        if number != int(number):
            self._problems.append(f"{name}={self.text(name)} is not a whole number")
        return int(number)

    def number(self, name: str) -> float:
        """Return a number within the setting's range; the default stands in for a wrong one."""
        setting = self._setting(name)
        low, high = setting.low, setting.high
        assert low is not None
        assert high is not None
        text = self.text(name)
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if low <= number <= high:
            return number
        self._problems.append(f"{name}={text} is not a number from {low:g} to {high:g}")
        return float(setting.default)

    def camera_password(self, camera: str) -> str:
        """Return the password of the camera of this name; empty where none is set."""
        asked = re.sub("[^A-Z0-9]", "_", camera.upper())
        return self._values.get(f"LOT_CAMERA_{asked}_PASSWORD", "")

    def channels(self) -> dict[str, str]:
        """Return where messages go, by the name that follows LOT_NOTIFY_, in small letters."""
        found = {
            match[1].lower(): text.strip()
            for name, text in sorted(self._values.items())
            if text.strip() and (match := _CHANNEL.fullmatch(name))
        }
        for name, text in found.items():
            if "://" not in text:
                self.refuse(f"LOT_NOTIFY_{name.upper()} is no address as Apprise writes them")
        return found

    def path(self, name: str, beside: Path) -> Path:
        """Return a path; a relative default lies in the tree, a relative word where we stand."""
        given = self._values.get(name, "").strip()
        return Path(given) if given else beside / self._setting(name).default

    def refuse(self, problem: str) -> None:
        """Keep a complaint of the caller's own, to be told with the others."""
        self._problems.append(problem)

    def done(self) -> None:
        """Raise WrongSettings with all complaints, if there is one."""
        if self._problems:
            raise WrongSettings(self._problems)

    def _setting(self, name: str) -> Setting:
        setting = self._known[name]
        assert self._part in setting.parts, f"{name} is no setting of {self._part}"
        return setting


def given_values(environment: Mapping[str, str], env_file: Path) -> dict[str, str]:
    """Return what `.env` says, with the environment laid over it: LOT_ names alone."""
    filed = dotenv_values(env_file, interpolate=False) if env_file.is_file() else {}
    values = {name: value or "" for name, value in filed.items()}
    values.update(environment)
    return {name: value for name, value in values.items() if name.startswith("LOT_")}


def example() -> str:
    """Return `.env.example`: every setting, commented out at its default."""
    lines = ["# Settings of Lotkeeper. Printed by `python -m lot.settings`; copy to .env and edit."]
    for setting in SETTINGS:
        lines += ["", f"# {setting.meaning} ({', '.join(setting.parts)})"]
        if setting.low is not None:
            lines.append(f"# From {setting.low:g} to {setting.high:g}.")
        lines.append(f"#{setting.name}={setting.default}")
    lines += ["", "# The password of the camera that is called north. (edge)"]
    lines.append("#LOT_CAMERA_NORTH_PASSWORD=")
    lines += [
        "",
        "# Where messages go, a name each, as https://appriseit.com writes them; {mail} or {phone}",
        "# stands for the customer whose car is ready. Keep this file to yourself. (server)",
        "#LOT_NOTIFY_OFFICE=mailtos://user:password@example.org?to=office@example.org",
        "#LOT_NOTIFY_CUSTOMER_MAIL=mailtos://user:password@example.org?to={mail}",
    ]
    return "\n".join(lines) + "\n"


def _nearest(name: str, known: Mapping[str, Setting]) -> str:
    (nearest,) = get_close_matches(name, known, n=1, cutoff=0)
    return nearest


def main() -> int:
    """Print `.env.example`, so that the file cannot drift from the names above."""
    sys.stdout.write(example())
    return os.EX_OK


if __name__ == "__main__":
    sys.exit(main())
