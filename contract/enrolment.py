"""Enrolment: an edge and a server that have one code in common learn each other's keys.

The edge fetched the trust pack and checked it against the code before it sends anything here. Its
request shows that it knows the code, holds its signing key, and could wrap a day key; the
answer's nonce came out of what was sealed, so the server holds the RSA key that it announced.
"""

import hmac
import re
from dataclasses import asdict, dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from contract import canonical, macs, sealing, signature, tokens, wrap
from contract.audit import AuditHead, audit_head
from contract.canonical import CONTROLS, Fields, Malformed, at_most, matching, sized
from contract.digest import H
from contract.event import CAMERA_OR_LANE
from contract.sealing import DayKey
from contract.tokens import Token
from contract.trust import Certificate, certificate_object, certificate_read
from contract.wrap import Wrap

ENROL = b"lot/enrol/1"
NONCE_BYTES = 32
STATE_KEY_BYTES = 32
REQUEST_BYTES_MAX = 64 * 1024
WELCOME_BYTES_MAX = 64 * 1024
API_CERT_BYTES_MAX = 8 * 1024

_HELLO = "hello"
_HELLO_BYTES_MAX = 20 * 1024  # a certificate in hex is the most of it
_API_TOKEN = re.compile(rf"[^{CONTROLS}]{{1,256}}")
_REQUEST_FIELDS = ("v", "invite", "name", "public", "wrap", "hello")
_HELLO_FIELDS = ("v", "nonce", "api_token", "api_cert")
_WELCOME_FIELDS = ("v", "nonce", "certificate", "token", "state_key", "audit")


@dataclass(frozen=True, slots=True)
class Hello:
    """What an edge tells the keyholder alone: by which certificate the server knows its API."""

    nonce: bytes
    api_token: str = field(repr=False)  # opens nothing: the server asks with grants
    api_cert: bytes  # DER

    def __post_init__(self) -> None:
        sized("nonce", self.nonce, NONCE_BYTES)
        matching("api_token", self.api_token, _API_TOKEN)
        at_most("api_cert", self.api_cert, API_CERT_BYTES_MAX)


@dataclass(frozen=True, slots=True)
class Request:
    """An edge that asks to be enrolled."""

    invite: bytes
    name: str
    public: bytes
    wrap: Wrap
    hello: bytes  # a sealed part

    def __post_init__(self) -> None:
        sized("invite", self.invite, macs.INVITE_BYTES)
        matching("name", self.name, CAMERA_OR_LANE)
        if self.wrap.writer != signature.writer_id(self.public):
            raise Malformed("its wrap is another writer's")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an edge keeps while it waits for the answer."""

    secret: bytes = field(repr=False)
    request: bytes
    nonce: bytes
    public: bytes
    vault_sign: bytes  # of the trust pack, as is the server
    server: bytes


@dataclass(frozen=True, slots=True)
class Welcome:
    """What an enrolled edge may be, and what it needs for it."""

    nonce: bytes
    certificate: Certificate
    token: Token
    state_key: bytes = field(repr=False)
    audit: AuditHead

    def __post_init__(self) -> None:
        sized("nonce", self.nonce, NONCE_BYTES)
        sized("state_key", self.state_key, STATE_KEY_BYTES)
        if self.certificate.role != "edge" or self.token.edge != self.certificate.writer:
            raise Malformed("its token is not that of the edge it certifies")


def request_made(
    secret: bytes, key: Ed25519PrivateKey, *, name: str, day_key: DayKey, wrap: Wrap, hello: Hello
) -> bytes:
    """Return an edge's request, with the hello sealed under the day key of the wrap."""
    public = signature.public_half(key)
    said = canonical.encoded({"v": canonical.VERSION, **asdict(hello)})
    sealed = day_key.sealed(said, head_hash=H(public), name=_HELLO)
    request = Request(macs.invite_of(secret), name, public, wrap, sealed)
    data = canonical.encoded(
        {
            "v": canonical.VERSION,
            "invite": request.invite,
            "name": request.name,
            "public": request.public,
            "wrap": request.wrap.data,
            "hello": request.hello,
        }
    )
    signed = signature.signed(key, ENROL, data)
    return signed + macs.mac(secret, "edge", data)


@canonical.reading("a request to enrol")
def invite_in(data: bytes) -> bytes:
    """Return which invitation a request names: so far nothing of it is believed."""
    return _request(_parted(data)[0]).invite


@canonical.reading("a request to enrol")
def request_opened(data: bytes, secret: bytes) -> Request:
    """Return a request whose mac and signature hold, looked at in this order.

    WrongCode where the mac does not: whoever guesses has five tries.
    """
    said, signed, mac = _parted(data)
    macs.check(secret, mac, "edge", said)
    request = _request(said)
    signature.check(request.public, signed, ENROL, said)
    return request


@canonical.reading("an edge's hello")
def hello_opened(request: Request, rsa: RSAPrivateKey) -> Hello:
    """Return what the request seals for the vault's key."""
    day_key = wrap.unwrapped(request.wrap, rsa)
    part = sealing.read(request.hello, name=_HELLO)
    if (part.key_id, "T") != (request.wrap.key_id, request.wrap.key_class):
        raise Malformed("it is not sealed under the key of its wrap")
    prk = sealing.prk_of(day_key, part.nonce)
    said = sealing.opened(request.hello, prk, head_hash=H(request.public), name=_HELLO)
    read = Fields(canonical.decoded(said, bytes_max=_HELLO_BYTES_MAX), _HELLO_FIELDS)
    read.version()
    return Hello(read.octets("nonce"), read.text("api_token"), read.octets("api_cert"))


def welcome_made(
    welcome: Welcome, secret: bytes, *, request: bytes, vault_key: Ed25519PrivateKey
) -> bytes:
    """Return the server's answer to the bytes of a request."""
    data = canonical.encoded(
        {
            "v": canonical.VERSION,
            "nonce": welcome.nonce,
            "certificate": certificate_object(welcome.certificate, vault_key),
            "token": welcome.token.text,
            "state_key": welcome.state_key,
            "audit": asdict(welcome.audit),
        }
    )
    asked = H(_parted(request)[0])
    return data + macs.mac(secret, "server", asked, data)


@canonical.reading("an answer to this enrolment")
def welcome_opened(data: bytes, asked: Asked) -> Welcome:
    """Return the answer to our own request, from the server that the trust pack is of."""
    at_most("it", data, WELCOME_BYTES_MAX)
    said, mac = macs.parted(data)
    macs.check(asked.secret, mac, "server", H(_parted(asked.request)[0]), said)
    read = Fields(canonical.decoded(said, bytes_max=WELCOME_BYTES_MAX), _WELCOME_FIELDS)
    read.version()
    welcome = Welcome(
        nonce=read.octets("nonce"),
        certificate=read.of(
            "certificate",
            lambda value, path: certificate_read(
                value, path, vault_sign=asked.vault_sign, server=asked.server
            ),
        ),
        token=tokens.token(read.text("token")),
        state_key=read.octets("state_key"),
        audit=read.of("audit", audit_head),
    )
    if not hmac.compare_digest(welcome.nonce, asked.nonce):
        raise Malformed("its nonce is not ours: the server does not hold the key it announced")
    if welcome.certificate.public != asked.public:
        raise Malformed("it certifies another edge")
    return welcome


def _request(said: bytes) -> Request:
    read = Fields(canonical.decoded(said, bytes_max=REQUEST_BYTES_MAX), _REQUEST_FIELDS)
    read.version()
    return Request(
        invite=read.octets("invite"),
        name=read.text("name"),
        public=read.octets("public"),
        wrap=wrap.decoded(read.octets("wrap")),
        hello=read.octets("hello"),
    )


def _parted(data: bytes) -> tuple[bytes, bytes, bytes]:
    """Return JSON, signature and mac, unchecked."""
    at_most("it", data, REQUEST_BYTES_MAX)
    signed, mac = macs.parted(data)
    return *signature.parted(signed), mac
