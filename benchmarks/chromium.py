"""Debian's Chromium, driven by Playwright: what a person's browser does, done by a command."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from lot.errors import Unreadable

WIDE = (1280, 900)
# The first is the same engine without the windows that nobody sees: they cost half of what a test
# does. Not every system has it.
PROGRAMS = ("chromium-headless-shell", "chromium")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run it while the block lasts."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        raise Unreadable("no Chromium here", then=f"apt-get install {' or '.join(PROGRAMS)}")
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=found,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        yield browser
        browser.close()


@contextmanager
def signed_in(browser: Browser, address: str, session: str) -> Iterator[BrowserContext]:
    """Give a fresh browser, with nothing in its cache, whose person holds a session."""
    context = browser.new_context(viewport={"width": WIDE[0], "height": WIDE[1]})
    context.add_cookies(
        [
            {
                "name": "__Host-lot-session",
                "value": session,
                "url": address.replace("http:", "https:"),  # Chromium takes loopback for safe
                "secure": True,
                "httpOnly": True,
                "sameSite": "Strict",
            }
        ]
    )
    try:
        yield context
    finally:
        context.close()
