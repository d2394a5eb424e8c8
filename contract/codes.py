"""Codes that a person reads off paper or a screen and types: Crockford's base32, in fours.

Small letters, spaces, dashes, and O for 0, I or L for 1 are read as meant. Check bytes stand at
the end, since a slip must be found here and not look like a wrong key: two in an invitation,
which lets one slip in 65,536 pass to where the secret fails, five on the recovery sheet.
"""

import re
from dataclasses import dataclass, field

from contract.canonical import Malformed, sized
from contract.digest import H
from lot.addresses import Address, address_in
from lot.errors import WrongCode, WrongUsage

VERSION = 1  # of an invitation
SECRET_BYTES = 16
PACK_DIGEST_BYTES = 16
RECOVERY_BYTES = 20

_INVITATION_CHECK = 2
_RECOVERY_CHECK = 5
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O (read as 1, 1, 0) and no U
_MEANT = str.maketrans("abcdefghijklmnopqrstuvwxyzILO", "ABCDEFGH1JK1MN0PQRSTUVWXYZ110")
_BETWEEN = re.compile("[\\s\u2010-\u2015\u2212-]+")  # dashes also as word processors make them


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a code to enrol or to pair says: a secret once good, and whose pack to believe."""

    secret: bytes = field(repr=False)
    digest: bytes  # the first half of the pack's SHA-256

    def __post_init__(self) -> None:
        sized("secret", self.secret, SECRET_BYTES)
        sized("digest", self.digest, PACK_DIGEST_BYTES)

    @staticmethod
    def to(pack: bytes, secret: bytes) -> "Invitation":
        """Return the invitation to believe this pack."""
        return Invitation(secret, pack_digest(pack))

    def check(self, pack: bytes, *, whose: str) -> None:
        """Raise WrongCode where these are not the bytes that the code was printed over."""
        if pack_digest(pack) != self.digest:
            raise WrongCode(
                f"the {whose}'s pack is not the one this code was printed for",
                then=f"check the address, and print a new code if the {whose} was set up anew",
            )


def pack_digest(pack: bytes) -> bytes:
    return H(pack)[:PACK_DIGEST_BYTES]


def invitation_text(invitation: Invitation) -> str:
    """Return the code as it is shown: 56 characters in fours."""
    said = bytes([VERSION]) + invitation.secret + invitation.digest
    return spelled(said + _check(said, _INVITATION_CHECK))


def invitation(text: str) -> Invitation:
    """Return what a typed code says; WrongUsage where it was mistyped."""
    said = _checked(text, 1 + SECRET_BYTES + PACK_DIGEST_BYTES, _INVITATION_CHECK)
    if said[0] != VERSION:
        raise WrongUsage(
            "the code comes from another version", then="install the same version on both sides"
        )
    return Invitation(said[1 : 1 + SECRET_BYTES], said[1 + SECRET_BYTES :])


def invitation_at(text: str) -> tuple[Invitation, Address]:
    """Return what `CODE@HOST:PORT` says, as `server edge add` prints it."""
    code, at, where = text.strip().rpartition("@")
    found = address_in(where)
    if not at or found is None:
        raise WrongUsage(
            "the code does not end with @HOST:PORT", then="type it whole, as it was printed"
        )
    return invitation(code), found


def recovery_text(code: bytes) -> str:
    """Return the recovery code as it stands on the sheet: 40 characters in fours."""
    sized("the recovery code", code, RECOVERY_BYTES)
    return spelled(code + _check(code, _RECOVERY_CHECK))


def recovery_code(text: str) -> bytes:
    """Return the 20 bytes of a recovery code as typed; WrongUsage where it was mistyped."""
    return _checked(text, RECOVERY_BYTES, _RECOVERY_CHECK)


def spelled(data: bytes) -> str:
    """Return bytes in base32, in fours; Malformed where they fill no whole characters."""
    if len(data) % 5:
        raise Malformed("a code has a multiple of five bytes, so that no bit is left over")
    number = int.from_bytes(data, "big")
    length = len(data) * 8 // 5
    text = "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(length)))
    return "-".join(text[at : at + 4] for at in range(0, length, 4))


def unspelled(text: str, size: int) -> bytes:
    """Return the `size` bytes of a code as typed; WrongUsage says what is wrong with it.

    What was typed is a secret and stays out of the complaint.
    """
    characters = _BETWEEN.sub("", text).translate(_MEANT)
    length = size * 8 // 5
    if len(characters) != length:
        raise WrongUsage(
            f"the code has {length} characters, {len(characters)} were typed",
            then="compare it group by group",
        )
    number = 0
    for at, character in enumerate(characters):
        place = _ALPHABET.find(character)
        if place < 0:
            raise WrongUsage(
                f"group {at // 4 + 1} holds a character that stands in no code",
                then="compare it with what was printed",
            )
        number = number << 5 | place
    return number.to_bytes(size, "big")


def _checked(text: str, size: int, check_size: int) -> bytes:
    data = unspelled(text, size + check_size)
    said, check = data[:size], data[size:]
    if _check(said, check_size) != check:
        raise WrongUsage("a character of the code is mistyped", then="compare it group by group")
    return said


def _check(said: bytes, size: int) -> bytes:
    return H(b"lot/code/1", said)[:size]
