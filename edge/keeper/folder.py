"""What the keeper keeps, each a file of its own for its own user, durable before it counts."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from contract import canonical, signature
from contract.canonical import Fields, sized
from contract.head import ID_BYTES
from contract.keeper import Pinned, Secrets, box_half
from contract.pairing import KeeperPack, pack_encoded
from edge.self_signed import der_of, self_signed
from lot.errors import Refused, Unreadable, Unwritable, WrongUsage
from lot.files import private, remove, write_private

_BYTES_MAX = 4 * 1024
_OWN_FIELDS = ("v", "keeper", "sign", "hpke")
_PINNED_FIELDS = ("v", "server", "keyholder", "vault_sign")
_PERSON_FIELDS = ("v", "person", "seed", "share")
_LINE_TIME = re.compile(r"^time=([0-9]{1,16}) ", re.MULTILINE)
_LOG_BYTES_MAX = 1_000_000  # and one such file before it: years of unlocking


@dataclass(frozen=True, slots=True)
class Own:
    """The keeper's own keys."""

    keeper: bytes
    sign: Ed25519PrivateKey = field(repr=False)
    box: X25519PrivateKey = field(repr=False)


class Folder:
    """The keeper's folder. Who changes something holds `locked`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def check(self) -> None:
        """Raise WrongUsage where something else than a folder lies there."""
        if self._path.exists() and not self._path.is_dir():
            raise WrongUsage(
                f"{self._path} is no folder", then="name another one in LOT_KEEPER_FOLDER"
            )

    @property
    def tls(self) -> Path:
        """Certificate and key, in one file."""
        return self._path / "tls.pem"

    @property
    def doors(self) -> Path:
        return self._path / "doors"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep the console and the service from changing one thing at once."""
        try:
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self._path / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Unwritable(
                f"cannot write {self._path}: {error.strerror}",
                then="give the folder to the user that runs the keeper",
            ) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def make(self, name: str) -> None:
        """Draw the keeper's keys, where there are none yet."""
        with self.locked():
            if self._own.exists():
                return
            write_private(self.tls, self_signed(name))
            drawn = {
                "v": canonical.VERSION,
                "keeper": secrets.token_bytes(ID_BYTES),
                "sign": Ed25519PrivateKey.generate().private_bytes_raw(),
                "hpke": X25519PrivateKey.generate().private_bytes_raw(),
            }
            write_private(self._own, canonical.encoded(drawn))

    def own(self) -> Own:
        return _own(_read(self._own))

    def pack(self) -> bytes:
        """Return what a server pins of this keeper."""
        own = self.own()
        return pack_encoded(
            KeeperPack(
                own.keeper,
                sign=signature.public_half(own.sign),
                hpke=box_half(own.box),
                tls=der_of(_read(self.tls)),
            )
        )

    def pinned(self) -> Pinned | None:
        """Return what was pinned at pairing, None before it."""
        return _pinned(_read(self._paired), self.own().keeper) if self._paired.exists() else None

    def pin(self, pinned: Pinned) -> None:
        said = {
            "v": canonical.VERSION,
            "server": pinned.server,
            "keyholder": pinned.keyholder,
            "vault_sign": pinned.vault_sign,
        }
        write_private(self._paired, canonical.encoded(said))

    def last_number(self) -> int:
        """Return the number of the last put or forget, -1 before the first."""
        if not self._number.exists():
            return -1
        return _number(_read(self._number))

    def keep_number(self, number: int) -> None:
        write_private(self._number, canonical.encoded({"v": canonical.VERSION, "number": number}))

    def persons(self) -> list[bytes]:
        """Return whose secrets are here."""
        names = sorted(path.stem for path in (self._path / "persons").glob("*.json"))
        return [bytes.fromhex(name) for name in names]

    def secrets_of(self, person: bytes) -> Secrets | None:
        path = self._person(person)
        return _secrets(_read(path), person) if path.exists() else None

    def keep_secrets(self, person: bytes, kept: Secrets) -> None:
        said = {
            "v": canonical.VERSION,
            "person": person,
            "seed": kept.seed,
            "share": kept.share,
        }
        write_private(self._person(person), canonical.encoded(said))

    def forget_secrets(self, person: bytes) -> None:
        """Destroy a person's secrets as far as a file can be: over it, then away with it.

        What flash keeps of it beneath, nobody here can reach.
        """
        path = self._person(person)
        if not path.exists():
            return
        try:
            with path.open("r+b", buffering=0) as file:
                file.write(bytes(path.stat().st_size))
                os.fsync(file.fileno())
        except OSError as error:
            raise Unwritable(
                f"cannot overwrite {path}: {error.strerror}",
                then="give the folder to the user that runs the keeper",
            ) from error
        remove(path)

    def ask_to_reopen(self, person: bytes) -> None:
        """Leave word for the service, which holds the door in its memory."""
        write_private(self._reopening(person), b"")

    def is_to_reopen(self, person: bytes) -> bool:
        return self._reopening(person).exists()

    def reopened(self, person: bytes) -> None:
        remove(self._reopening(person))

    @property
    def invitation(self) -> Path:
        return self._path / "invitation.json"

    def log(self, line: str) -> None:
        """Put a line at the end of the log; it is on the disk when this returns."""
        path = self._log
        try:
            if path.exists() and path.stat().st_size > _LOG_BYTES_MAX:
                path.replace(path.with_suffix(".log.1"))
            with open(path, "a", encoding="utf-8", opener=private) as file:
                file.write(f"{line}\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise Unwritable(
                f"cannot write {path}: {error.strerror}",
                then="free space there: without a log line the keeper answers nothing",
            ) from error

    def newest_line_us(self) -> int:
        """Return the latest time in the log: it is over, whatever a clock says now."""
        latest = 0
        for path in (self._log, self._log.with_suffix(".log.1")):
            if path.exists():
                text = path.read_text(encoding="utf-8", errors="replace")
                latest = max([latest, *map(int, _LINE_TIME.findall(text))])
        return latest

    @property
    def _log(self) -> Path:
        return self._path / "keeper.log"

    @property
    def _own(self) -> Path:
        return self._path / "keeper.json"

    @property
    def _paired(self) -> Path:
        return self._path / "paired.json"

    @property
    def _number(self) -> Path:
        return self._path / "number.json"

    def _person(self, person: bytes) -> Path:
        sized("person", person, ID_BYTES)
        return self._path / "persons" / f"{person.hex()}.json"

    def _reopening(self, person: bytes) -> Path:
        sized("person", person, ID_BYTES)
        return self._path / "reopen" / person.hex()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise Refused(
            f"{path} is missing: there is no keeper here",
            then="start one with `python -m edge keeper`",
        ) from None
    except OSError as error:
        raise Unreadable(
            f"cannot read {path}: {error.strerror or error}",
            then="give the folder to the user that runs the keeper",
        ) from error


@canonical.reading("the keeper's own keys")
def _own(data: bytes) -> Own:
    read = Fields(canonical.decoded(data, bytes_max=_BYTES_MAX), _OWN_FIELDS)
    read.version()
    keeper, sign, hpke = (read.octets(name) for name in ("keeper", "sign", "hpke"))
    sized("keeper", keeper, ID_BYTES)
    for key in (sign, hpke):
        sized("a key", key, signature.KEY_BYTES)
    return Own(
        keeper,
        Ed25519PrivateKey.from_private_bytes(sign),
        X25519PrivateKey.from_private_bytes(hpke),
    )


@canonical.reading("what the keeper pinned")
def _pinned(data: bytes, keeper: bytes) -> Pinned:
    read = Fields(canonical.decoded(data, bytes_max=_BYTES_MAX), _PINNED_FIELDS)
    read.version()
    return Pinned(
        server=read.octets("server"),
        keeper=keeper,
        vault_sign=read.octets("vault_sign"),
        keyholder=read.octets("keyholder"),
    )


@canonical.reading("the keeper's last number")
def _number(data: bytes) -> int:
    read = Fields(canonical.decoded(data, bytes_max=_BYTES_MAX), ("v", "number"))
    read.version()
    return read.whole("number")


@canonical.reading("a person's secrets")
def _secrets(data: bytes, person: bytes) -> Secrets:
    read = Fields(canonical.decoded(data, bytes_max=_BYTES_MAX), _PERSON_FIELDS)
    read.version()
    if read.octets("person") != person:
        raise canonical.Malformed("they are another person's")
    return Secrets(read.octets("seed"), read.octets("share"))
