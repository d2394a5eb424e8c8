"""`python -m edge` as an operator types it: one line when something is wrong, and a status."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from contract import codes
from contract.codes import Invitation
from edge.__main__ import main
from lot.errors import DONE, LOCKED, SOME_REFUSED, WRONG_USAGE
from tests.edge.delivery import lot
from tests.edge.delivery.fake_server import TOLD
from tests.edge.delivery.serving import ROOT, serving


def edge(folder: Path, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    env = {"PYTHONPATH": str(ROOT), "LOT_EDGE_FOLDER": str(folder / "edge"), "PATH": "/usr/bin"}
    return subprocess.run(
        [sys.executable, "-m", "edge", *words],
        cwd=folder,
        env=env,
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )


def test_enrol_then_doctor(tmp_path: Path) -> None:
    tls = lot.tls()
    with serving(tmp_path / "server", tls) as server:
        (server.folder / "invitation").write_bytes(bytes(16))
        invitation = Invitation.to(lot.pack(tls.root), bytes(16))
        code = f"{codes.invitation_text(invitation)}@127.0.0.1:{server.port}"
        done = edge(tmp_path, "enrol", "--name", "gate box", typed=f"{code}\n")
    assert (done.returncode, done.stderr) == (DONE, "")
    assert "cameras: gate" in done.stdout
    looked = edge(tmp_path, "doctor")
    # What is wrong with the machine that the tests run on is no fault of the edge's.
    assert (looked.returncode in (DONE, SOME_REFUSED), looked.stderr) == (True, "")
    assert "0 records written" in looked.stdout
    witness = edge(tmp_path, "doctor", "--witness").stdout
    assert f"{TOLD.node.hex()} {TOLD.seq} {TOLD.head.hex()}" in witness
    (tmp_path / ".env").chmod(0o644)
    assert edge(tmp_path, "doctor").returncode == LOCKED


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["enrol", "AAAA"], WRONG_USAGE),
        (["enrol", "AAAA@127.0.0.1:1"], WRONG_USAGE),
        (["nonsense"], WRONG_USAGE),
        ([], WRONG_USAGE),
        (["doctor"], LOCKED),
    ],
)
def test_what_is_wrong_is_one_line_and_a_status(
    tmp_path: Path,
    words: list[str],
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words, {"LOT_EDGE_FOLDER": str(tmp_path / "edge")}) == status
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert "AAAA" not in said
