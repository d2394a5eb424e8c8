"""axe-core over a page: what keeps somebody with other eyes or hands from using it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Any

from playwright.sync_api import Page

# Of the level that is promised (WCAG 2.2 AA), and what axe-core holds for good practice.
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_OF_COLOURS = ("color-contrast", "link-in-text-block")
_SERIOUS = ("serious", "critical")
_SCRIPT = (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def serious(page: Page) -> list[str]:
    """Return each serious finding as one line: the rule, and the element that breaks it."""
    return _found(page, {"type": "tag", "values": _RULES})


def serious_of_colours(page: Page) -> list[str]:
    """Return each serious finding that another theme can bring: it changes colours alone."""
    return _found(page, {"type": "rule", "values": _OF_COLOURS})


def _found(page: Page, rules: Mapping[str, object]) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(_SCRIPT)
    found: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, { runOnly: rules, resultTypes: ['violations'] })", rules
    )
    return [
        f"{one['id']}: {node['html'][:120]}"
        for one in found["violations"]
        if one["impact"] in _SERIOUS
        for node in one["nodes"]
    ]
