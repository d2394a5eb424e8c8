"""A board as JetPack leaves it, told line by line, and what to do where something is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from edge.doctor.board import Machine, board
from edge.doctor.finding import Finding
from lot.clock import Discipline

HELD = Discipline(is_synchronised=True, error_us=9_000)
FILES = {
    "proc/device-tree/model": "NVIDIA Jetson Orin Nano Developer Kit\0",
    "etc/nv_tegra_release": "# R36 (release), REVISION: 4.3, GCID: 38968081, BOARD: generic\n",
    "usr/local/cuda/version.json": '{"cuda": {"name": "CUDA SDK", "version": "12.6.11"}}',
    "etc/nvpmodel.conf": "< POWER_MODEL ID=0 NAME=15W >\n< POWER_MODEL ID=1 NAME=25W >\n",
    "var/lib/nvpmodel/status": "pmode:0001\n",
    "proc/swaps": "Filename Type Size Used Priority\n/dev/zram0 partition 1 0 5\n",
}


@pytest.fixture
def jetson(tmp_path: Path) -> Machine:
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    return Machine(tmp_path, tensorrt=True, gstreamer=True, clock=HELD, free_bytes=1 << 40)


def about(what: str, machine: Machine) -> Finding:
    (found,) = (one for one in board(machine) if one.what.startswith(what))
    return found


def test_a_board_that_is_well_is_told_without_a_fault(jetson: Machine) -> None:
    found = list(board(jetson))
    assert {one.weight for one in found} == {"ok"}
    said = "\n".join(map(str, found))
    for part in ("Orin Nano", "36.4.3", "12.6.11", "TensorRT", "25W", "NTP", "1024.0 GB", "swap"):
        assert part in said


def test_a_machine_that_is_no_jetson_says_so_and_the_rest_is_looked_at(tmp_path: Path) -> None:
    machine = Machine(tmp_path, tensorrt=False, gstreamer=False, clock=HELD, free_bytes=1)
    found = list(board(machine))
    assert "no Jetson" in found[0].what
    assert [one.weight for one in found] == ["ok", "ok", "ok", "fault", "ok"]


@pytest.mark.parametrize(
    ("file", "content", "what", "weight", "then"),
    [
        ("etc/nv_tegra_release", "", "JetPack", "fault", "flash JetPack 6.2"),
        ("etc/nv_tegra_release", "# R35 (release), REVISION: 4.1", "JetPack", "fault", "6.2"),
        ("usr/local/cuda/version.json", "", "CUDA", "fault", "nvidia-jetpack"),
        ("usr/local/cuda/version.json", "[]", "CUDA", "fault", "nvidia-jetpack"),
        ("var/lib/nvpmodel/status", "pmode:0000", "power mode: 15W", "advice", "nvpmodel -m 1"),
        ("var/lib/nvpmodel/status", "", "power mode: unknown", "advice", "nvpmodel -q"),
        ("proc/swaps", "Filename\n/swapfile file 1 0 -2\n", "swap", "fault", "swapoff"),
    ],
)
def test_what_is_missing_or_set_otherwise_is_told_with_what_to_do(
    jetson: Machine, file: str, content: str, what: str, weight: str, then: str
) -> None:
    (jetson.root / file).write_text(content)
    found = about(what, jetson)
    assert (found.weight, then in found.then) == (weight, True)


def test_an_environment_without_jetpacks_packages_is_told_how_to_see_them(jetson: Machine) -> None:
    blind = replace(jetson, tensorrt=False, gstreamer=False)
    assert "nvidia-jetpack" in about("TensorRT", blind).then
    (jetson.root / "usr/lib/python3.10/dist-packages/tensorrt").mkdir(parents=True)
    assert "--system-site-packages" in about("TensorRT", blind).then
    assert about("OpenCV", blind).weight == "advice"


def test_a_clock_that_nothing_holds_and_a_disk_that_is_full_are_told(jetson: Machine) -> None:
    adrift = replace(jetson, clock=Discipline(is_synchronised=False, error_us=0), free_bytes=1)
    assert about("clock", adrift).weight == "advice"
    assert about("disk", adrift).weight == "fault"
