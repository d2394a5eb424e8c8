"""Bytes as they come back from a bad disk or a bad neighbour: flipped, cut, lengthened."""

from collections.abc import Iterator


def damaged(whole: bytes, *, step: int = 1) -> Iterator[bytes]:
    """Yield `whole` with each bit of every `step`th byte flipped, and cut there; and longer."""
    for at in range(0, len(whole), step):
        for bit in range(8):
            yield whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :]
        yield whole[:at]
    yield whole + b"\0"
    yield b" " + whole
