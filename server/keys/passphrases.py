"""Passphrases: their bytes, the six words that are offered, and what an own one must be.

The bytes must come out the same on every keyboard and system, or the vault stays shut: a phone
composes its accents otherwise than a desk, and a space typed twice cannot be seen.
"""

import secrets
import unicodedata
from functools import cache
from pathlib import Path

from lot.errors import WrongUsage

WORDS_OFFERED = 6  # of 2,048: 66 bit
CHARACTERS_MIN = 14
CHARACTERS_MAX = 1024  # nobody types more, and none may stall the normaliser
DIFFERENT_MIN = 6

_WORDS = Path(__file__).parent / "words"
_KNOWN_FROM_BOOKS = frozenset({"correcthorsebatterystaple"})


def passphrase_bytes(text: str) -> bytes:
    """Return the bytes of a passphrase: NFKC, white space cut outside and one space inside."""
    if len(text) > CHARACTERS_MAX:
        raise WrongUsage(
            f"a passphrase has at most {CHARACTERS_MAX} characters", then="type a shorter one"
        )
    try:
        return _normalised(text).encode()
    except UnicodeEncodeError:
        raise WrongUsage("the passphrase holds half of a character", then="type it again") from None


def offered() -> str:
    """Draw a passphrase of six words."""
    words = _lines("offered.txt")
    return " ".join(secrets.choice(words) for _ in range(WORDS_OFFERED))


def check_own(text: str) -> None:
    """Raise WrongUsage where a passphrase of one's own is too short or too common."""
    characters = passphrase_bytes(text).decode()
    if len(characters) < CHARACTERS_MIN:
        raise WrongUsage(
            f"a passphrase of your own has at least {CHARACTERS_MIN} characters",
            then="lengthen it, or take the six words that are offered",
        )
    if len(set(characters.casefold())) < DIFFERENT_MIN or _is_common(characters):
        raise WrongUsage(
            "the passphrase is among the first that are tried",
            then="take another, or the six words that are offered",
        )


def _is_common(text: str) -> bool:
    """Say whether a text is a common password, or two of them in a row.

    That is a hundred million guesses at most, against 2^66 for the six words.
    """
    squeezed = "".join(text.casefold().split())
    common = _common()
    if squeezed in common:
        return True
    return any(squeezed[:at] in common and squeezed[at:] in common for at in range(len(squeezed)))


@cache
def _common() -> frozenset[str]:
    return _KNOWN_FROM_BOOKS.union(_lines("common.txt"))


@cache
def _lines(name: str) -> tuple[str, ...]:
    return tuple((_WORDS / name).read_text(encoding="ascii").split())


def _normalised(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())
