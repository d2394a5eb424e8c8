"""Draw pages as Chromium shows them: every one to look at, or the documents' few. A thin main.

python -m tests.gui.pictures FOLDER [NAME ...]
python -m tests.gui.pictures --documents

Needs Chromium and nothing else that tests need: the vault's tables are in SQLite.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from benchmarks.chromium import PROGRAMS, chromium
from lot.files import write_whole
from server.store.database import Database
from tests.gui import every_page
from tests.gui.browsing import screen
from tests.gui.conftest import WIDTHS
from tests.gui.served import page
from tests.gui.vault import Vault, vault
from tests.server.databases import servers

TREE = Path(__file__).resolve().parent.parent.parent
DOCUMENTS = TREE / "docs" / "pictures"
OF_DOCUMENTS = {"now": "phone", "visits": "desk", "visit": "desk", "desk": "desk", "day": "phone"}
BYTES_MAX = 60_000
_QUALITY, _QUALITY_MIN, _STEP = 80, 40, 5


def main(words: Sequence[str]) -> int:
    """Draw the pages that the words name, else every one."""
    parser = argparse.ArgumentParser(prog="python -m tests.gui.pictures")
    parser.add_argument("folder", nargs="?", type=Path, help="where they are written")
    parser.add_argument("names", nargs="*", help="as now.page; left out: every one")
    parser.add_argument("--documents", action="store_true", help="the few of docs/pictures")
    asked = parser.parse_args(words)
    if asked.documents == (asked.folder is not None):
        parser.error("name a folder, or --documents")
    if not any(map(shutil.which, PROGRAMS)):
        needed = " or ".join(PROGRAMS)
        sys.stderr.write(f"the page's pictures need Chromium: apt-get install {needed}\n")
        return 1
    if asked.documents:
        _of_documents()
    else:
        _of_every(asked.folder, frozenset(asked.names))
    return 0


@contextmanager
def _a_day() -> Iterator[tuple[Vault, str, Browser, dict[str, str]]]:
    """Give a vault whose day has happened, where its page is, a browser, and pages' addresses."""
    with (
        tempfile.TemporaryDirectory() as kept,
        servers() as server,
        vault(Path(kept), Database.open(server("sqlite").new())) as home,
        page(home.url, Path(kept) / "log") as address,
        chromium() as browser,
    ):
        yield home, address, browser, dict(every_page.addresses(every_page.day(home)))


def _of_every(folder: Path, names: frozenset[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with _a_day() as (home, address, browser, paths):
        for name, path in paths.items():
            if not names or name in names:
                _draw(browser, home, address, path, folder / name.removesuffix(".page"))


def _draw(browser: Browser, home: Vault, address: str, path: str, stem: Path) -> None:
    for size, (width, height) in WIDTHS.items():
        with screen(browser, address, (width, height)) as browsed:
            browsed.signed_in(home.session)
            browsed.goto_whole(path)
            for theme in ("light", "dark"):
                browsed.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
                shot = stem.with_name(f"{stem.name}-{size}-{theme}.jpg")
                browsed.page.screenshot(path=shot, type="jpeg", quality=_QUALITY)


def _of_documents() -> None:
    """Draw what a window shows of each, its bar too, in files that load on a bad line."""
    with _a_day() as (home, address, browser, paths):
        for name, size in OF_DOCUMENTS.items():
            with screen(browser, address, WIDTHS[size]) as browsed:
                browsed.signed_in(home.session)
                browsed.goto(paths[f"{name}.page"])
                browsed.page.wait_for_load_state("networkidle")
                write_whole(DOCUMENTS / f"page-{name}.jpg", _small(browsed.page))
            sys.stdout.write(f"{DOCUMENTS.relative_to(TREE)}/page-{name}.jpg\n")


def _small(shown: Page) -> bytes:
    for quality in range(_QUALITY, _QUALITY_MIN, -_STEP):
        shot = shown.screenshot(type="jpeg", quality=quality)
        if len(shot) <= BYTES_MAX:
            return shot
    return shown.screenshot(type="jpeg", quality=_QUALITY_MIN)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
