"""The units are closed as far as their work lets them be, and the installer puts them in place."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "systemd").glob("*.service"))
EXPOSURE_MAX = 20  # tenths: 2.0

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here"
)


@needs_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_is_closed(unit: Path) -> None:
    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE_MAX}", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout.splitlines()[-1]


@needs_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_has_no_word_that_systemd_does_not_know(unit: Path) -> None:
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in said.stderr.splitlines() if "is not executable" not in line]
    assert lines == []


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_secrets_stay_in_memory_and_in_their_folder(unit: Path) -> None:
    read = configparser.RawConfigParser(strict=False)
    # Its way to keep capitals; the stubs take it for a method.
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read(unit)
    service = dict(read["Service"])
    assert service["UMask"] == "0077"
    assert service["LimitCORE"] == "0"
    assert service["PrivateTmp"] == "yes"
    assert re.fullmatch(r"\d+[MG]", service["MemoryMax"])


@needs_systemd
@pytest.mark.parametrize("part", ["edge", "server"])
def test_it_is_installed_into_a_card_and_removed_again(part: str, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "boot").mkdir()
    (tmp_path / "boot" / "cmdline.txt").write_text("console=tty1 rootwait\n")
    for _ in range(2):  # an upgrade is the same once more
        said = installed(part, tmp_path)
        assert said.returncode == 0, said.stderr
    units = tmp_path / "etc/systemd/system"
    wanted = units / "multi-user.target.wants"
    assert {path.name for path in wanted.iterdir()} >= {f"lotkeeper-{part}.service"}
    assert (tmp_path / "opt/lotkeeper" / part / "__init__.py").is_file()
    assert not (tmp_path / "opt/lotkeeper/.env").exists()
    assert f"lot-{'edge' if part == 'edge' else 'web'}" in (tmp_path / "etc/passwd").read_text()
    timer = units / "lotkeeper-backup@.timer"
    assert timer.exists() == (part == "server")
    nightly = units / "timers.target.wants" / "lotkeeper-backup@media-stick.timer"
    nightly.parent.mkdir(exist_ok=True)
    nightly.symlink_to(timer)
    line = (tmp_path / "boot/cmdline.txt").read_text()
    assert line.count("cgroup_enable=memory") == (part == "server")
    assert installed(f"remove-{part}", tmp_path).returncode == 0
    assert list(units.rglob("*.service")) == []
    assert nightly.is_symlink() == (part == "edge")  # the other part's is not its to remove


def test_a_wrong_word_is_a_line_and_a_status(tmp_path: Path) -> None:
    for words in (["gate"], ["edge", "--root", str(tmp_path / "nowhere")]):
        said = subprocess.run(
            [str(ROOT / "systemd/install"), *words], capture_output=True, text=True, check=False
        )
        assert said.returncode == 2
        assert said.stderr.count("\n") == 1


def installed(what: str, root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "systemd/install"), what, "--root", str(root)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )
