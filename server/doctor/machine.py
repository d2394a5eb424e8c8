"""What the machine does behind the server's back: swap, limits that do nothing, a full disk."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from server.doctor.ailment import Ailment

# A few days of pictures: a warning that comes with the last hour is none.
_FREE_BYTES_MIN = 2 * 1024**3


def machine(proc: Path, cgroups: Path, state: Path) -> Iterator[Ailment]:
    """Look at what the kernel says of itself, and at the disk that the state lies on."""
    yield from _swap(proc / "swaps")
    yield from _memory_limits(cgroups)
    yield from _free(state)


def _swap(swaps: Path) -> Iterator[Ailment]:
    for line in _text(swaps).splitlines()[1:]:
        device = line.split()[0]
        if not device.startswith("/dev/zram"):  # that one is memory, squeezed
            yield Ailment(
                f"swap is on ({device}): what was opened could be written to the card",
                f"switch it off: sudo swapoff {device}, and on Pi OS sudo systemctl disable "
                "--now dphys-swapfile",
            )


def _memory_limits(cgroups: Path) -> Iterator[Ailment]:
    unified = _text(cgroups / "cgroup.controllers").split()
    if "memory" not in unified and not (cgroups / "memory").is_dir():
        yield Ailment(
            "the memory cgroup is off, so MemoryMax in the units does nothing",
            "add cgroup_enable=memory to /boot/firmware/cmdline.txt and restart the machine",
        )


def _free(state: Path) -> Iterator[Ailment]:
    there = next((one for one in (state, *state.parents) if one.exists()), Path("/"))
    free = shutil.disk_usage(there).free
    if free < _FREE_BYTES_MIN:
        yield Ailment(
            f"only {free // 1024**2} MB are free on the disk of {state}",
            "free space there, or keep pictures for fewer days: a full disk takes no more",
        )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
