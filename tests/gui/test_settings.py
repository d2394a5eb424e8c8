"""Wrong settings of the page are told at its start, not by a worker's traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from gui.__main__ import main


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"LOT_GUI_SERVER": "http://vault.lan"}, "LOT_GUI_SERVER must begin with https://"),
        ({"LOT_GUI_ROOT": "nowhere.pem"}, "LOT_GUI_ROOT=nowhere.pem is no file"),
        ({"LOT_GUI_ROOT": "."}, "LOT_GUI_ROOT=. is no file"),
    ],
)
def test_a_wrong_setting_is_a_line(
    values: dict[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--bind", "127.0.0.1:1"], values) == 2
    assert said in capsys.readouterr().err


def test_a_root_that_is_no_certificate_is_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "root.pem"
    root.write_text("no certificate\n", encoding="utf-8")
    assert main(["--bind", "127.0.0.1:1"], {"LOT_GUI_ROOT": str(root)}) == 2
    complaint = capsys.readouterr().err
    assert "holds no certificate" in complaint
    assert complaint.count("\n") == 1
