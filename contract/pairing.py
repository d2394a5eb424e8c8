"""Pairing: a server and a share keeper learn each other's keys by one code.

As in enrolment with the sides exchanged: the keeper prints the code over its pack, and the server
brings its public keys.
"""

from dataclasses import asdict, dataclass

from contract import canonical, macs, signature
from contract.canonical import Fields, Malformed, at_most, sized
from contract.codes import Invitation
from contract.digest import H
from contract.head import ID_BYTES
from contract.keeper import BOX_KEY_BYTES

PACK_BYTES_MAX = 16 * 1024
PAIR_BYTES_MAX = 4 * 1024

_PACK_FIELDS = ("v", "keeper", "sign", "hpke", "tls")
_PAIR_FIELDS = ("v", "invite", "server", "keyholder", "vault_sign")


@dataclass(frozen=True, slots=True)
class KeeperPack:
    """What a server pins of its keeper."""

    keeper: bytes
    sign: bytes
    hpke: bytes
    tls: bytes  # DER

    def __post_init__(self) -> None:
        sized("keeper", self.keeper, ID_BYTES)
        signature.check_key(self.sign)
        sized("hpke", self.hpke, BOX_KEY_BYTES)


@dataclass(frozen=True, slots=True)
class Pair:
    """What a keeper pins of its server."""

    invite: bytes
    server: bytes
    keyholder: bytes
    vault_sign: bytes

    def __post_init__(self) -> None:
        sized("invite", self.invite, macs.INVITE_BYTES)
        sized("server", self.server, ID_BYTES)
        signature.check_key(self.keyholder)
        signature.check_key(self.vault_sign)
        if self.keyholder == self.vault_sign:
            # Whoever has the card could then replace a seed.
            raise Malformed("the keyholder's key is the vault's")


def pack_encoded(pack: KeeperPack) -> bytes:
    data = canonical.encoded({"v": canonical.VERSION, **asdict(pack)})
    at_most("a keeper's pack", data, PACK_BYTES_MAX)
    return data


@canonical.reading("a keeper's pack")
def pack_invited(data: bytes, invitation: Invitation) -> KeeperPack:
    """Return the pack that a code was printed over; WrongCode for any other."""
    at_most("it", data, PACK_BYTES_MAX)
    invitation.check(data, whose="keeper")
    read = Fields(canonical.decoded(data, bytes_max=PACK_BYTES_MAX), _PACK_FIELDS)
    read.version()
    return KeeperPack(*(read.octets(name) for name in ("keeper", "sign", "hpke", "tls")))


def pair_made(pair: Pair, secret: bytes) -> bytes:
    """Return what the server posts to the keeper."""
    data = canonical.encoded({"v": canonical.VERSION, **asdict(pair)})
    return data + macs.mac(secret, "server", data)


@canonical.reading("a request to pair")
def pair_opened(data: bytes, secret: bytes) -> Pair:
    """Return a request to pair; WrongCode where its mac was made without the code."""
    said = _vouched(data, secret, "server")
    read = Fields(canonical.decoded(said, bytes_max=PAIR_BYTES_MAX), _PAIR_FIELDS)
    read.version()
    names = ("invite", "server", "keyholder", "vault_sign")
    return Pair(*(read.octets(name) for name in names))


def paired_made(keeper: bytes, secret: bytes, *, request: bytes) -> bytes:
    """Return the keeper's answer to the bytes of a request."""
    sized("keeper", keeper, ID_BYTES)
    data = canonical.encoded({"v": canonical.VERSION, "keeper": keeper})
    return data + macs.mac(secret, "keeper", _asked(request), data)


@canonical.reading("an answer to this pairing")
def paired_opened(data: bytes, secret: bytes, *, request: bytes, keeper: bytes) -> None:
    """Accept the answer of the keeper whose pack we have, to our own request; or refuse it."""
    said = _vouched(data, secret, "keeper", _asked(request))
    read = Fields(canonical.decoded(said, bytes_max=PAIR_BYTES_MAX), ("v", "keeper"))
    read.version()
    if read.octets("keeper") != keeper:
        raise Malformed("another keeper answers")


def _vouched(data: bytes, secret: bytes, side: macs.Side, *before: bytes) -> bytes:
    at_most("it", data, PAIR_BYTES_MAX)
    said, mac = macs.parted(data)
    macs.check(secret, mac, side, *before, said)
    return said


def _asked(request: bytes) -> bytes:
    return H(macs.parted(request)[0])
