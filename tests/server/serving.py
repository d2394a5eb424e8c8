"""A served vault for the tests: a real process, TLS on loopback, a certificate made for it."""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_READY_S = 30.0


@dataclass(frozen=True, slots=True)
class Served:
    """Where it listens, and whom to trust for that."""

    url: str
    port: int
    root: Path
    process: subprocess.Popen[bytes]

    def client(self) -> httpx.Client:
        trusted = ssl.create_default_context(cafile=self.root)
        return httpx.Client(base_url=self.url, verify=trusted, trust_env=False, timeout=60)


def write_certificate(folder: Path) -> Path:
    """Put a self-signed certificate of loopback and its key where the server looks for them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(timezone.utc)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(parents=True)
    chain = folder / "chain.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return chain


def environment(folder: Path, database_url: str, keyholder: str = "apart") -> dict[str, str]:
    """Return what the settings of a server in this folder are."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("LOT_")}
    return {
        **mine,
        "LOT_SERVER_FOLDER": str(folder / "server"),
        "LOT_KEYS_FOLDER": str(folder / "keys"),
        "LOT_DATABASE": database_url,
        "LOT_KEYHOLDER": keyholder,
        "LOT_TIMEZONE": "America/Chicago",
    }


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def served(
    folder: Path,
    env: Mapping[str, str],
    log: Path,
    root: Path | None = None,
    module: str = "server",
) -> Iterator[Served]:
    """Run a server until the test ends; its certificate must lie there, self-signed if no root."""
    port = free_port()
    command = [sys.executable, "-m", module, "serve", "--bind", f"127.0.0.1:{port}"]
    with log.open("wb") as said:
        process = subprocess.Popen(command, env=dict(env), stderr=said, start_new_session=True)
    trusted = root or folder / "server/tls/chain.pem"
    found = Served(f"https://127.0.0.1:{port}", port, trusted, process)
    try:
        _wait_for(found)
        yield found
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def _wait_for(found: Served) -> None:
    transport = httpx.HTTPTransport(verify=ssl.create_default_context(cafile=found.root), retries=9)
    with httpx.Client(transport=transport, trust_env=False, timeout=_READY_S) as client:
        assert client.get(f"{found.url}/api/v1/health").json() == {"ok": True}
