"""The look's promises: every colour in one file, text that can be read in the sun, small files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import gui

LOOK = Path(gui.__file__).parent / "look"
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(", re.IGNORECASE)
TOKEN = re.compile(r"--([a-z0-9-]+): (#[0-9a-f]{6});")
LIGHT, DARK = (LOOK / "tokens.css").read_text().split("@media (prefers-color-scheme: dark)")
THEMES = {"light": dict(TOKEN.findall(LIGHT)), "dark": dict(TOKEN.findall(DARK))}

READ_ON = [
    *((ink, "surface") for ink in ("ink", "quiet", "accent", "entry", "exit", "doubt", "alarm")),
    *((ink, "ground") for ink in ("ink", "quiet", "accent", "entry", "exit", "doubt", "alarm")),
    *((ink, f"{ink}-wash") for ink in ("entry", "exit", "doubt", "alarm", "sealed", "accent")),
    ("ink", "accent-wash"),
    ("on-accent", "accent"),
    ("plaque-ink", "plaque"),
]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "ground"), READ_ON)
def test_text_is_read_in_sun_and_at_night(theme: str, ink: str, ground: str) -> None:
    colours = THEMES[theme]
    assert contrast(colours[ink], colours[ground]) >= 7, (theme, ink, ground)


@pytest.mark.parametrize("theme", THEMES)
def test_a_weak_letter_is_lighter_and_still_read(theme: str) -> None:
    colours = THEMES[theme]
    assert contrast(colours["plaque-weak"], colours["plaque"]) >= 4.5
    assert contrast(colours["plaque-weak"], colours["plaque"]) < contrast(
        colours["plaque-ink"], colours["plaque"]
    )


def test_both_themes_name_the_same_colours() -> None:
    assert THEMES["light"].keys() == THEMES["dark"].keys()


@pytest.mark.parametrize("sheet", sorted(LOOK.glob("*.css")), ids=lambda path: path.name)
def test_only_the_tokens_name_colours(sheet: Path) -> None:
    if sheet.name != "tokens.css":
        lines = [line for line in sheet.read_text().splitlines() if COLOUR.search(line)]
        assert [line.strip() for line in lines] in ([], ["color: #000;"])  # ink on paper


def test_sheets_and_script_stay_light() -> None:
    assert sum(path.stat().st_size for path in LOOK.glob("*.css")) < 20_000
    assert sum(path.stat().st_size for path in LOOK.glob("*.js")) < 40_000
    assert (LOOK / "plates.woff2").stat().st_size < 15_000
