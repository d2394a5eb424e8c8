"""The keyholder vouches for rows that others keep: a row written behind its back counts nothing.

Its key lies in its own folder and not in the vault, because people sign in while the vault is
shut too.
"""

from __future__ import annotations

import hmac

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from contract.head import ID_BYTES
from server.keys.holder.bodies import Table
from server.keys.holder.calls import Vouched
from server.keys.holder.refusals import SignedOut


class Voucher:
    """Makes and checks macs over rows; the key comes from the keyholder's own."""

    def __init__(self, holder_key: bytes) -> None:
        info = b"lot/vouch/1"
        self._key = HKDF(SHA256(), length=32, salt=None, info=info).derive(holder_key)

    def vouched(self, table: Table, body: bytes) -> Vouched:
        """Return the row with its mac."""
        return Vouched(body, self._mac(table, body))

    def check(self, table: Table, row: Vouched) -> None:
        """Refuse a row that this keyholder did not vouch for, in this table."""
        if not hmac.compare_digest(self._mac(table, row.body), row.mac):
            raise SignedOut(
                f"a row of {table} is not one that the keyholder vouched for",
                then="sign in again; if it comes back, somebody altered the database",
            )

    def mark(self, said: bytes) -> bytes:
        """Return what stands for something and does not tell what it is; the same each time."""
        return hmac.digest(self._key, b"lot/notice/1" + said, "sha256")[:ID_BYTES]

    def _mac(self, table: Table, body: bytes) -> bytes:
        name = table.encode()
        said = b"lot/vouch/1" + bytes([len(name)]) + name + body
        return hmac.digest(self._key, said, "sha256")
