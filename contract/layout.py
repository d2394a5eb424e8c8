"""Bytes that stand one after another: lengths before what they measure, integers big-endian.

A length is a claim of whoever wrote it: it is compared with a limit and with what is there
before anything is taken.
"""

from contract.canonical import Malformed


class Layout:
    """Bytes taken from the front, piece by piece; Malformed where a piece is not there."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self._at = 0

    def mark(self, mark: bytes) -> None:
        """Take the bytes that say what this is."""
        if self.take(len(mark)) != mark:
            raise Malformed(f"it does not begin with {mark.decode()}")

    def take(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._data):
            raise Malformed("it is cut")
        taken = self._data[self._at : end].tobytes()
        self._at = end
        return taken

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def measured(self, what: str, *, bytes_max: int) -> bytes:
        """Take a u32 length and as many bytes."""
        size = self.number(4)
        if size > bytes_max:
            raise Malformed(f"{what} has more than {bytes_max} bytes")
        return self.take(size)

    def rest(self) -> bytes:
        return self.take(len(self._data) - self._at)

    def end(self) -> None:
        """Refuse whatever comes after."""
        if self._at != len(self._data):
            raise Malformed("something stands after its end")


def measured(data: bytes) -> bytes:
    """Return u32 length ‖ data."""
    return len(data).to_bytes(4, "big") + data
