"""The edge's calls to its server: TLS under the pinned root alone, answers of a known size."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

import httpx

from contract import wire
from contract.enrolment import WELCOME_BYTES_MAX
from contract.tokens import Token
from contract.trust import PACK_BYTES_MAX
from lot.addresses import Address
from lot.errors import Unreachable, WrongCode

# OpenSSL's X509_V_FLAG_NO_CHECK_TIME, which Python does not name. A Jetson without a clock
# battery wakes up in 1970, and delivery must not wait for somebody to set it.
NO_CHECK_TIME = 0x200000

API_PORT = "Lot-Api-Port"
BLIND = "Lot-Blind"  # cameras that see nothing just now; an empty one says that all see
_CONNECT_S = 5.0
# A Pi 3 stores a full batch well within a second; a card that erases a block may take some.
_ANSWER_S = 30.0
_PROBLEM_BYTES_MAX = 16 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, and a body that is not larger than asked for."""

    status: int
    body: bytes = field(repr=False)

    def problem(self) -> tuple[str, int | None]:
        """Return the code of an RFC 9457 problem, and the record that it names, if it does."""
        try:
            said: object = json.loads(self.body)
        except ValueError:
            return "", None
        if not isinstance(said, dict):
            return "", None
        sequence = said.get("sequence")
        is_number = isinstance(sequence, int) and not isinstance(sequence, bool)
        return str(said.get("type", "")).rpartition(":")[2], sequence if is_number else None


def pinned(root: bytes) -> ssl.SSLContext:
    """Return a context that believes this root and no other, whatever the clock shows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(cadata=root)
    context.verify_flags |= ssl.VerifyFlags(NO_CHECK_TIME)
    return context


def unverified() -> ssl.SSLContext:
    """Return a context for the one call whose answer is checked against a code instead."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _headers(token: Token | None, api_port: int | None) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {token.text}"} if token is not None else {}
    if api_port is not None:
        headers[API_PORT] = str(api_port)
    return headers


class Server:
    """One connection, kept open. Unreachable where there is no whole answer."""

    def __init__(
        self,
        address: Address,
        tls: ssl.SSLContext,
        token: Token | None = None,
        *,
        answer_s: float = _ANSWER_S,
        api_port: int | None = None,
    ) -> None:
        """`api_port`: where our own interface listens, for what the desk asks of us."""
        self._address = address
        self._blind: Callable[[], Iterable[str]] | None = None
        self._client = httpx.Client(
            base_url=f"https://{address}",
            verify=tls,
            trust_env=False,  # a proxy of the environment has no business between us
            timeout=httpx.Timeout(answer_s, connect=min(_CONNECT_S, answer_s)),
            headers=_headers(token, api_port),
        )

    def blind_from(self, names: Callable[[], Iterable[str]]) -> None:
        """Say with each call which cameras are blind, so that the server need not wait for it."""
        self._blind = names

    def close(self) -> None:
        self._client.close()

    def batch(self, batch: wire.Batch) -> Answer:
        return self._post("/api/v1/batch", wire.batch_encoded(batch), wire.ACK_BYTES_MAX)

    def start(self, start: bytes) -> Answer:
        return self._post("/api/v1/start", start, wire.ACK_BYTES_MAX)

    def enrol(self, request: bytes) -> Answer:
        return self._post("/api/v1/enrol", request, WELCOME_BYTES_MAX)

    def trust(self) -> Answer:
        return self._asked(self._client.build_request("GET", "/api/v1/trust"), PACK_BYTES_MAX)

    def _post(self, path: str, body: bytes, bytes_max: int) -> Answer:
        kind = {"Content-Type": "application/octet-stream"}
        if self._blind is not None:
            kind[BLIND] = ",".join(quote(name, safe="") for name in self._blind())
        request = self._client.build_request("POST", path, content=body, headers=kind)
        return self._asked(request, bytes_max)

    def _asked(self, request: httpx.Request, bytes_max: int) -> Answer:
        with self._told():
            answer = self._client.send(request, stream=True)
            try:
                limit = bytes_max if answer.is_success else _PROBLEM_BYTES_MAX
                body = bytearray()
                for piece in answer.iter_raw():  # raw: nothing of ours is compressed
                    body += piece
                    if len(body) > limit:
                        raise Unreachable(
                            f"{self._address} answers more than {limit} bytes",
                            then="check that LOT_SERVER names the lot's server",
                        )
                return Answer(answer.status_code, bytes(body))
            finally:
                answer.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except httpx.HTTPError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise WrongCode(
                    f"{self._address} is not the server that this edge was enrolled at",
                    then="check LOT_SERVER and the names in the server's certificate",
                ) from error
            raise Unreachable(
                f"{self._address} does not answer: {type(error).__name__}",
                then="check that the server runs and the network is whole",
            ) from error
