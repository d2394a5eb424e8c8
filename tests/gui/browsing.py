"""A screen in Chromium: what a test does there, and what must never happen on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.gui.vault import DEVICE_COOKIE


@dataclass
class Screen:
    """One browser window with cookies of its own."""

    address: str
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    def holds(self, cookies: Mapping[str, str]) -> None:
        """Give the browser cookies as the page sets them."""
        at = self.address.replace("http:", "https:")  # as Chromium takes loopback for safe
        for name, value in cookies.items():
            self.context.add_cookies(
                [
                    {
                        "name": name,
                        "value": value,
                        "url": at,
                        "secure": True,
                        "httpOnly": True,
                        "sameSite": "Strict",
                    }
                ]
            )

    def approved(self) -> None:
        self.holds({"__Host-lot-device": DEVICE_COOKIE})

    def signed_in(self, session: str) -> None:
        self.approved()
        self.holds({"__Host-lot-session": session})

    def goto(self, path: str) -> None:
        self.page.goto(self.address + path)

    def goto_whole(self, path: str, *, unfolded: bool = False) -> None:
        """Go there in a window as high as the page: nothing lies below the bar at its foot."""
        self.goto(path)
        if unfolded:
            for folded in self.page.locator("main details").all():
                folded.evaluate("it => { it.open = true; }")
        size, high = self.page.viewport_size, "document.documentElement.scrollHeight"
        assert size is not None
        self.page.set_viewport_size({"width": size["width"], "height": self.page.evaluate(high)})

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.address)

    def says(self, text: str) -> None:
        """Wait until the page shows a text."""
        self.page.get_by_text(text).first.wait_for()

    def heard(self, message: ConsoleMessage) -> None:
        # A refusal that the test asked for is an error to Chromium, but no fault of the page.
        if message.type == "error" and "the server responded with a status of" in message.text:
            return
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


@contextmanager
def screen(
    browser: Browser,
    address: str,
    size: tuple[int, int],
    language: str = "en",
    *,
    scripts: bool = True,
) -> Iterator[Screen]:
    """Open a window of a size; errors in its console fail whatever test has it."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale=language, java_script_enabled=scripts
    )
    found = Screen(address, context, context.new_page())
    found.page.set_default_timeout(30_000)
    found.page.on("console", found.heard)
    found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
    yield found
    context.close()
    assert not found.complaints, found.complaints
