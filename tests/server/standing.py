"""A vault as it stands at a lot: set up, served by its command over TLS, with everybody there is.

Its keyholder is the one that `serve` starts; the database may be of any kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from contract import tokens, trust
from lot.clock import WallClock, now_us
from server import setting_up
from server.access.roles import Role
from server.api.parts import Parts
from server.keys.folder import KeysFolder
from server.keys.founding import Owner
from server.keys.holder.client import Keyholder
from server.lot_keeping import New
from server.settings import settings_from
from server.store import tokens as kept_tokens
from server.store.database import Database
from tests.contract.writers import LOT
from tests.server.api.vaulted import Vaulted, take_in
from tests.server.keys.holder.edges import Edge
from tests.server.keys.holder.running import CHEAP, PASSPHRASE, House, caller
from tests.server.serving import Served, environment, served

FAR = {"X-Forwarded-For": "192.168.1.9"}  # as our own page passes on who asks it


@dataclass
class Standing:
    """The vault, and by which headers everybody comes in."""

    web: Served
    vault: Vaulted
    identities: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.web.url

    def client(self, who: str) -> httpx.Client:
        """Return a client of somebody."""
        client = self.web.client()
        client.headers.update({**FAR, **self.identities[who]})
        return client


@contextmanager
def standing(folder: Path, database_url: str) -> Iterator[Standing]:
    """Serve a vault that is open, its people signed in, while the block lasts."""
    env = environment(folder, database_url, "own")
    settings = settings_from({name: text for name, text in env.items() if name.startswith("LOT_")})
    setting_up.check_new(settings)
    begun = setting_up.begin(settings, Owner("Ada", PASSPHRASE, CHEAP), now_us())
    setting_up.complete(settings, begun, New("first", "UTC", 50, 90, 30), now_us())
    root = _root(folder, settings.places.trust_pack.read_bytes())
    with (
        served(folder, env, folder / "log", root) as web,
        closing(Database.open(settings.database)) as database,
    ):
        keyholder = Keyholder(settings.places.socket)
        home = House(KeysFolder(settings.places.keys), keyholder, begun.foundation, 0)
        admitted = home.unlock(home.code())
        owner = caller(admitted, home.founding.row)
        parts = Parts(settings, database, keyholder, WallClock())
        vault = Vaulted(home, database, settings.places, owner, Edge(), parts)
        vault.admit(home.founding.row, admitted)
        take_in(vault)
        found = Standing(web, vault)
        found.identities.update(_everybody(found))
        yield found


def _root(folder: Path, pack: bytes) -> Path:
    path = folder / "root.pem"
    root = x509.load_der_x509_certificate(trust.pack_own(pack).root)
    path.write_bytes(root.public_bytes(Encoding.PEM))
    return path


def _everybody(found: Standing) -> Mapping[str, dict[str, str]]:
    vault = found.vault
    token = tokens.drawn(vault.edge.id)
    vault.database.write(lambda write: kept_tokens.add(write, LOT, token, now_us()))
    people = {role: vault.person(role.value, role, LOT) for role in Role if role is not Role.OWNER}
    bearers = {role.value: by.token for role, by in people.items()}
    bearers |= {"owner": vault.owner.token, "edge": token.text}
    return {
        "nobody": {},
        "somebody unknown": {"Authorization": "Bearer unknown", "Lot-Device": "unknown"},
        "browser": {"Lot-Device": _approved(found)},
        **{who: {"Authorization": f"Bearer {text}"} for who, text in bearers.items()},
    }


def _approved(found: Standing) -> str:
    """Let a browser ask and the owner approve it; return what it holds."""
    with found.web.client() as client:
        asked = client.post("/api/v1/devices/requests", json={"name": "booth"}).json()
        answer = client.post(
            f"/api/v1/devices/requests/{asked['id']}",
            json={"number": asked["number"], "is_desk": True},
            headers={"Authorization": f"Bearer {found.vault.owner.token}"},
        )
        answer.raise_for_status()
    return f"{asked['id']}.{asked['key']}"
