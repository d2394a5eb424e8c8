"""A photo at the desk: read at the gate through the vault, and shown to be confirmed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import httpx

from lot.settings import given_values
from tests.edge.api.serving import PHOTO, PLATE, free_port
from tests.edge.delivery.serving import until
from tests.end_to_end.standing import standing
from tests.end_to_end.test_edge_asked import _running
from tests.end_to_end.test_road import _enrolled
from tests.gui.served import page
from tests.server.databases import Server


class Desk:
    """Somebody at the desk's page, whose browser holds a session and the form's cookie."""

    def __init__(self, client: httpx.Client, session: str) -> None:
        self._client = client
        self._cookies = f"__Host-lot-session={session}"
        seen = self._client.get("/desk", headers={"Cookie": self._cookies})
        assert seen.status_code == 200, seen.text
        form = re.search(r"__Host-lot-form=([^;]+)", seen.headers["set-cookie"])
        assert form is not None
        self._cookies += f"; __Host-lot-form={form[1]}"
        self._fields = dict(re.findall(r'name="(csrf|lot)" value="([0-9a-f]+)"', seen.text))

    def photo(self, content: bytes) -> str:
        """Send a photo; return the page that comes back."""
        sent = {"photo": ("car.jpg", content, "image/jpeg")}
        headers = {"Cookie": self._cookies}
        return self._client.post("/desk/photo", data=self._fields, files=sent, headers=headers).text


def test_a_photo_is_read_at_the_gate_and_shown_to_be_confirmed(
    tmp_path: Path, database_servers: Callable[[str], Server]
) -> None:
    folder = tmp_path / "edge"
    with standing(tmp_path, database_servers("sqlite").new()) as (owner, found):
        owner.unlock()
        env = dict(_enrolled(owner, found, folder)) | given_values({}, folder / ".env")
        env["LOT_API_BIND"] = f"0.0.0.0:{free_port()}"
        log, root = tmp_path / "gui.log", str(owner.root())
        with (
            page(found.url, log, LOT_GUI_ROOT=root) as address,
            httpx.Client(base_url=address, trust_env=False, timeout=60) as client,
        ):
            desk = Desk(client, owner.session)
            assert "does not answer" in desk.photo(PHOTO)
            with _running("tests.edge.api.toy_api", [env["LOT_API_BIND"]], env, folder):
                until(lambda: f'value="{PLATE}"' in desk.photo(PHOTO), seconds=90)
                assert "Is it right?" in desk.photo(PHOTO)
                assert "no picture that can be read" in desk.photo(b"hello")
