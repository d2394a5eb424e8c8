"""The board: what of JetPack is there, how it is set, and whether clock, disk and swap are right.

What is Jetson's alone is read from the files that JetPack leaves, so nothing is started and
nothing needs root; on another machine it is passed over, and that is said.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edge.doctor.finding import Finding, advice, fault, ok
from edge.sources.live.opening import has_gstreamer
from lot.clock import Discipline, discipline

_L4T = re.compile(r"# R(\d+) \(release\), REVISION: ([\d.]+)")
_L4T_WANTED = 36  # JetPack 6: Python 3.10, CUDA 12.6, TensorRT 10.3
_MODE = re.compile(r"<\s*POWER_MODEL\s+ID=(\d+)\s+NAME=(\S+)\s*>")
_BEST_MODE = "25W"  # docs/jetson.md: the best work for its watts
_FREE_LEAST = 5 * 1024**3  # below it the outbox has no room for the days it is there for
_GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Machine:
    """What is looked at: the root of its files, and what this process knows by itself."""

    root: Path
    tensorrt: bool
    gstreamer: bool
    clock: Discipline
    free_bytes: int


def this_machine(state: Path) -> Machine:
    """Return the machine we run on; `state` is where the edge keeps its own."""
    there = next(one for one in (state, *state.absolute().parents) if one.exists())
    return Machine(
        Path("/"),
        importlib.util.find_spec("tensorrt") is not None,
        has_gstreamer(),
        discipline(),
        shutil.disk_usage(there).free,
    )


def board(machine: Machine) -> Iterator[Finding]:
    """Look at the board."""
    model = _text(machine.root / "proc/device-tree/model").strip("\0\n ")
    is_jetson = "jetson" in model.lower()
    if is_jetson:
        yield ok(f"board: {model}")
        yield _jetpack(machine.root)
        yield _cuda(machine.root)
        yield _tensorrt(machine)
        yield _power(machine.root)
    else:
        yield ok("board: this is no Jetson; JetPack, CUDA, TensorRT and power mode are not asked")
    yield _opencv(machine, is_jetson=is_jetson)
    yield _clock(machine.clock)
    yield _disk(machine.free_bytes)
    yield _swap(machine.root)


def _jetpack(root: Path) -> Finding:
    found = _L4T.match(_text(root / "etc/nv_tegra_release"))
    if found is None:
        return fault("JetPack: /etc/nv_tegra_release is missing", "flash JetPack 6.2 (its SD card)")
    if int(found[1]) != _L4T_WANTED:
        return fault(
            f"JetPack: Linux for Tegra {found[1]}.{found[2]} is not JetPack 6",
            f"flash JetPack 6.2, which is {_L4T_WANTED}.4",
        )
    return ok(f"JetPack: Linux for Tegra {found[1]}.{found[2]}")


def _cuda(root: Path) -> Finding:
    try:
        version = json.loads(_text(root / "usr/local/cuda/version.json"))["cuda"]["version"]
    except (ValueError, KeyError, TypeError):
        return fault("CUDA: it is not installed", "sudo apt install nvidia-jetpack")
    return ok(f"CUDA: {version}")


def _tensorrt(machine: Machine) -> Finding:
    if machine.tensorrt:
        return ok("TensorRT: this Python has it")
    if (machine.root / "usr/lib/python3.10/dist-packages/tensorrt").is_dir():
        then = "make the environment anew with python3 -m venv --system-site-packages .venv"
    else:
        then = "sudo apt install nvidia-jetpack"
    return fault("TensorRT: this Python has none", then)


def _power(root: Path) -> Finding:
    modes = dict(_MODE.findall(_text(root / "etc/nvpmodel.conf")))
    chosen = re.search(r"pmode:0*(\d+)", _text(root / "var/lib/nvpmodel/status"))
    mode = modes.get(chosen[1]) if chosen else None
    if mode is None:
        return advice("power mode: unknown", "look with sudo nvpmodel -q")
    best = next((number for number, name in modes.items() if name == _BEST_MODE), None)
    if mode == _BEST_MODE or mode.startswith("MAXN") or best is None:
        return ok(f"power mode: {mode}")
    return advice(f"power mode: {mode}", f"sudo nvpmodel -m {best} gives {_BEST_MODE}")


def _opencv(machine: Machine, *, is_jetson: bool) -> Finding:
    if machine.gstreamer:
        return ok("OpenCV: with GStreamer, cameras are decoded by the hardware where there is one")
    what = "OpenCV: without GStreamer, cameras are decoded by the processor"
    if not is_jetson:
        return ok(what)
    return advice(
        f"{what}, and CSI cameras cannot be opened",
        "pip uninstall opencv-python opencv-python-headless in an environment made with"
        " --system-site-packages: JetPack's has it (docs/jetson.md)",
    )


def _clock(clock: Discipline) -> Finding:
    if clock.is_synchronised:
        return ok(f"clock: held by NTP, off by {clock.error_us / 1000:.0f} ms at most")
    return advice(
        "clock: nothing holds it, and after a power cut it may be behind",
        "sudo timedatectl set-ntp true, with the router or the server as its source;"
        " or give the board a clock battery",
    )


def _disk(free_bytes: int) -> Finding:
    what = f"disk: {free_bytes / _GIB:.1f} GB free where the outbox lies"
    if free_bytes >= _FREE_LEAST:
        return ok(what)
    return fault(what, "free space there, or name another disk in LOT_EDGE_FOLDER")


def _swap(root: Path) -> Finding:
    rows = _text(root / "proc/swaps").splitlines()[1:]
    on_disk = [row.split()[0] for row in rows if row and "/zram" not in row.split()[0]]
    if not on_disk:
        return ok("swap: none on a disk")
    return fault(
        f"swap: memory is laid on the disk in {', '.join(on_disk)}, plates and keys with it",
        "sudo swapoff -a and take it out of /etc/fstab; zram may stay",
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
