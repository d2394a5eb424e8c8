"""Messages to the share keeper are carried, over TLS that believes its one certificate.

They hold by themselves, so whoever carries them learns nothing and can change nothing; the pin
keeps what is typed meanwhile from a box that poses as the keeper. Which certificate that is the
keyholder says; where the keeper listens is known here alone.
"""

from __future__ import annotations

import http.client
import ssl
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from contract import codes, pairing
from contract.keeper import MESSAGE_BYTES_MAX
from contract.pairing import PACK_BYTES_MAX
from lot import addresses
from lot.addresses import Address
from lot.errors import Damaged, Refused
from lot.files import remove, write_private
from server.keys.holder import calls
from server.keys.holder.client import Keyholder
from server.refusals import KeeperAway

# On the lot's own network; a person waits, and shall be told before their browser gives up.
_CONNECTS_S = 4.0
_ANSWERS_S = 8.0  # an ask takes the keeper up to three seconds where its clock is lost
_NO_CHECK_TIME = 0x200000  # OpenSSL's X509_V_FLAG_NO_CHECK_TIME: a wrong clock is no reason to stop
_SAID_BYTES_MAX = 300
_SHEET = "or open the vault with the recovery sheet: python -m server unlock --recovery"


@dataclass(frozen=True, slots=True)
class KeeperLink:
    """The way to the keeper."""

    keyholder: Keyholder
    place: Path  # a file that says where it listens

    def carried(self, asked: calls.AskKeeper) -> bytes:
        """Return the keeper's answer; KeeperAway, in one line, where none comes."""
        pinned = self.keyholder.pinned_keeper()
        if pinned is None or pinned.keeper != asked.keeper:
            raise KeeperAway(
                "the share keeper that this asks for is not paired any more", then=_SHEET
            )
        return _asked(self.address(), "/keeper/v1", asked.message, _believing(pinned.tls))

    def address(self) -> Address:
        """Return where the keeper listens."""
        try:
            return addresses.address(self.place.read_text(encoding="utf-8"))
        except OSError:
            raise KeeperAway(
                "nobody said where the share keeper listens",
                then=f"python -m server keeper address HOST:PORT, {_SHEET}",
            ) from None

    def check(self) -> Address:
        """Return where the paired keeper answers; KeeperAway where it does not."""
        pinned, where = self.keyholder.pinned_keeper(), self.address()
        if pinned is None:
            raise KeeperAway("no keeper is paired", then="python -m server keeper pair")
        _asked(where, "/keeper/v1/pack", b"", _believing(pinned.tls))
        return where

    def keep_address(self, where: Address) -> None:
        """Keep where the keeper listens."""
        write_private(self.place, str(where).encode())

    def forget_address(self) -> None:
        """Forget it: no keeper is paired."""
        remove(self.place)

    def pair(self, by: calls.Caller, text: str) -> calls.KeeperPinned:
        """Pair with the keeper that printed CODE@HOST:PORT."""
        invitation, where = codes.invitation_at(text)
        # Not believed: its hash stands in the code, and the keyholder looks at that as well.
        pack = _asked(where, "/keeper/v1/pack", b"", _believing(None))
        tls = pairing.pack_invited(pack, invitation).tls
        code = codes.invitation_text(invitation)
        asked = self.keyholder.pair_keeper(calls.PairKeeper(by, pack, code))
        answer = _asked(where, "/keeper/v1/pair", asked.message, _believing(tls))
        found = self.keyholder.go_on(calls.GoOn(asked.ticket, answer))
        assert isinstance(found, calls.KeeperPinned)  # what the first call is for
        self.keep_address(where)
        return found


def _believing(tls: bytes | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    if tls is None:
        context.verify_mode = ssl.CERT_NONE
    else:
        context.verify_flags |= _NO_CHECK_TIME
        context.load_verify_locations(cadata=tls)
    return context


def _asked(where: Address, path: str, body: bytes, context: ssl.SSLContext) -> bytes:
    link = http.client.HTTPSConnection(where.host, where.port, context=context, timeout=_CONNECTS_S)
    try:
        with closing(link):
            link.connect()
            link.sock.settimeout(_ANSWERS_S)
            link.request("POST" if body else "GET", path, body or None)
            answer = link.getresponse()
            data = answer.read(max(PACK_BYTES_MAX, MESSAGE_BYTES_MAX) + 1)
    except ssl.SSLCertVerificationError:
        raise KeeperAway(
            f"another box than the paired share keeper answers at {where}",
            then=f"look at that address, pair anew, {_SHEET}",
        ) from None
    except (OSError, http.client.HTTPException):
        raise KeeperAway(
            f"the share keeper at {where} does not answer", then=f"start it there, {_SHEET}"
        ) from None
    if answer.status == http.HTTPStatus.OK:
        return data
    said = data[:_SAID_BYTES_MAX].decode("utf-8", "replace").strip()
    if answer.status == http.HTTPStatus.FORBIDDEN:
        raise Refused(f"the share keeper refuses: {_line(said)}", then=f"ask there, {_SHEET}")
    if answer.status == http.HTTPStatus.BAD_REQUEST:
        raise Damaged(f"{_line(said)}", then=f"pair with it anew, {_SHEET}")
    raise KeeperAway(f"the share keeper at {where} cannot answer: {_line(said)}", then=_SHEET)


def _line(said: str) -> str:
    """Return what another box said as one line that a terminal can show."""
    return "".join(one if one.isprintable() else " " for one in said) or "it says nothing"
