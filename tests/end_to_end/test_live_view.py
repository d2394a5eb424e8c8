"""A camera at the gate is seen live in Chromium: box, its API, vault and page are their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page

from lot.settings import given_values
from tests.edge.api.serving import free_port
from tests.edge.delivery.serving import until
from tests.edge.toys import ToyCar, record_gate
from tests.end_to_end.standing import standing
from tests.end_to_end.test_edge_asked import _running
from tests.end_to_end.test_road import _enrolled
from tests.gui.browsing import Screen, screen
from tests.gui.conftest import WIDTHS
from tests.gui.served import page
from tests.server.databases import Server

# What stands in the picture now, as Chromium decoded it; None while there is none.
_STANDS = """async () => {
  const shown = document.querySelector("p.picture img");
  if (!shown.naturalWidth) return null;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [shown.naturalWidth, shown.naturalHeight];
  canvas.getContext("2d").drawImage(shown, 0, 0);
  return [canvas.width, canvas.height, canvas.toDataURL()];
}"""


def test_a_gate_is_seen_live_in_the_browser_and_moves(
    tmp_path: Path, database_servers: Callable[[str], Server], chromium: Browser
) -> None:
    folder = tmp_path / "edge"
    with standing(tmp_path, database_servers("sqlite").new()) as (owner, found):
        owner.unlock()
        env = dict(_enrolled(owner, found, folder)) | given_values({}, folder / ".env")
        env["LOT_API_BIND"] = f"0.0.0.0:{free_port()}"
        cars = [ToyCar(1, float(begin)) for begin in range(0, 60, 5)]
        film = record_gate(tmp_path / "gate.mp4", 60, cars)
        with (
            page(found.url, tmp_path / "gui.log", LOT_GUI_ROOT=str(owner.root())) as address,
            screen(chromium, address, WIDTHS["desk"]) as seen,
        ):
            seen.holds({"__Host-lot-session": owner.session})
            assert _type(seen).startswith("image/svg+xml")  # why nothing is seen
            words = [str(film), "--camera", "gate"]
            with (
                _running("tests.edge.api.toy_api", [env["LOT_API_BIND"]], env, folder),
                _running("tests.edge.daemon.toy_gate", words, env, folder),
            ):
                until(lambda: _type(seen).startswith("multipart/x-mixed-replace"), seconds=90)
                seen.goto("/more/cameras")
                seen.page.get_by_role("link", name="gate live").click()
                seen.says("gate, live")
                until(lambda: _stands(seen.page) is not None, seconds=30)
                first = _stands(seen.page)
                assert first is not None
                assert first[:2] != [0, 0]
                until(lambda: _stands(seen.page) not in (None, first), seconds=30)


def _type(seen: Screen) -> str:
    """Return of what kind the camera's pictures are now, as the browser is told."""
    seen.goto("/more/cameras")
    seen.page.get_by_role("link", name="gate live").click()
    source = seen.page.locator("p.picture img").get_attribute("src")
    said: str = seen.page.evaluate(
        """async (source) => {
          const ends = new AbortController();
          const answer = await fetch(source, { signal: ends.signal });
          ends.abort();
          return answer.headers.get("content-type");
        }""",
        source,
    )
    return said


def _stands(page: Page) -> list[object] | None:
    found: list[object] | None = page.evaluate(_STANDS)
    return found
