"""A server is set up once, by questions or by files, and a set-up that was cut begins anew."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from cryptography import x509
from sqlalchemy import insert, select

from contract import otp, trust
from lot.clock import now_us
from lot.errors import Refused
from server import setting_up
from server.__main__ import main
from server.keys import founding
from server.keys.founding import Owner
from server.keys.slots import Cost
from server.lot_keeping import New
from server.settings import settings_from
from server.store import audit_lines, lots, vouched, writers
from server.store.database import Database
from server.store.tables import SERVER, counts
from tests.server.databases import Server
from tests.server.serving import environment

PASSPHRASE = "a stone by the river sings"  # noqa: S105 - a test's own
CHEAP = Owner("Ada", PASSPHRASE, Cost(19 * 1024, 1))
LOT = New("North", "America/Chicago", 50, 90, 30)
_GIVING = setting_up.give_to_its_owner.__name__
INIT = (sys.executable, "-m", "server", "init")
ALONE = ("--unattended", "--owner", "Ada", "--lot", "North", "--capacity", "50")


def _env(folder: Path, url: str) -> dict[str, str]:
    return environment(folder, url)


def _read_end(into: list[bytes]) -> tuple[int, threading.Thread]:
    """Return the end of a pipe to write to, and what gathers it."""
    read, write = os.pipe()

    def gather() -> None:
        with os.fdopen(read, "rb") as pipe:
            into.append(pipe.read())

    thread = threading.Thread(target=gather)
    thread.start()
    return write, thread


def _alone(env: Mapping[str, str], folder: Path, *more: str) -> tuple[int, str, bytes, bytes]:
    """Set up without a question; return status, what was said, the phone's address, the sheet."""
    secret = folder / "passphrase"
    secret.write_text(PASSPHRASE + "\n")
    secret.chmod(0o600)
    phone: list[bytes] = []
    sheet: list[bytes] = []
    (one, first), (two, second) = _read_end(phone), _read_end(sheet)
    command = [*INIT, *ALONE, "--passphrase-file", str(secret), *more]
    command += ["--otp-address", f"/dev/fd/{one}", "--sheet", f"/dev/fd/{two}"]
    done = subprocess.run(
        command, env=env, pass_fds=(one, two), capture_output=True, text=True, check=False
    )
    for end, thread in ((one, first), (two, second)):
        os.close(end)
        thread.join()
    return done.returncode, done.stderr, phone[0], sheet[0]


def test_by_files_it_is_set_up_whole_and_only_once(
    tmp_path: Path, database_servers: Callable[[str], Server]
) -> None:
    env = _env(tmp_path, database_servers("sqlite").new())
    status, said, phone, sheet = _alone(env, tmp_path)
    assert status == 0, said
    assert re.fullmatch(rb"otpauth://totp/Lotkeeper:Ada\?secret=[A-Z2-7]{32}&.*\n", phone)
    (code,) = re.findall(rb"<code>((?:[0-9A-Z]{4}-){9}[0-9A-Z]{4})</code>", sheet)
    on_disk = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert code not in on_disk
    assert phone.split(b"secret=")[1][:32] not in on_disk
    chain = x509.load_pem_x509_certificates((tmp_path / "server/tls/chain.pem").read_bytes())
    pack = trust.pack_own((tmp_path / "server/trust.json").read_bytes())
    root = x509.load_der_x509_certificate(pack.root)
    chain[0].verify_directly_issued_by(chain[1])
    chain[1].verify_directly_issued_by(root)
    again, said, *_ = _alone(env, tmp_path)
    assert (again, said) == (6, "server: this server is set up already; sign in as its owner\n")


def test_its_first_rows_are_the_owner_the_lot_and_the_servers_writer(
    each_database: Database, database_url: str, tmp_path: Path
) -> None:
    settings = settings_from(_settings(tmp_path, database_url))
    setting_up.check_new(settings)
    begun = setting_up.begin(settings, CHEAP, now_us())
    setting_up.complete(settings, begun, LOT, now_us())
    with each_database.read() as read:
        assert vouched.account_named(read, "Ada") == begun.foundation.row
        (lot,) = lots.every(read)
        assert (lot.name, lot.timezone, lot.capacity) == ("North", "America/Chicago", 50)
        (own,) = writers.every(read)
        assert (own.lot, own.role) == (SERVER, "server")
        (node,) = audit_lines.nodes(read)
        assert audit_lines.newest(read, node).seq == 1
    pack = trust.pack_own(settings.places.trust_pack.read_bytes())
    known = trust.certificate_decoded(
        own.certificate, vault_sign=pack.vault_sign, server=pack.server
    )
    assert known.writer == own.writer


@pytest.mark.parametrize("at", [None, (founding.Begun, "finish"), (setting_up, _GIVING)])
def test_a_set_up_that_was_cut_begins_anew(
    at: tuple[object, str] | None,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = settings_from(_settings(tmp_path, str(database.engine.url)))
    setting_up.check_new(settings)
    cut = setting_up.begin(settings, CHEAP, now_us())
    if at is not None:
        with monkeypatch.context() as power:
            power.setattr(*at, _power_cut)
            with pytest.raises(KeyboardInterrupt):
                setting_up.complete(settings, cut, LOT, now_us())
    setting_up.check_new(settings)
    again = setting_up.begin(settings, CHEAP, now_us())
    setting_up.complete(settings, again, LOT, now_us())
    with database.read() as read:
        assert vouched.every(read, "accounts") == [again.foundation.row]
        assert len(lots.every(read)) == len(writers.every(read)) == 1
    with pytest.raises(Refused, match="set up already"):
        setting_up.check_new(settings)


def test_a_database_with_another_servers_rows_is_left_alone(
    database: Database, tmp_path: Path
) -> None:
    row = {"lot": b"l" * 16, "id": b"i" * 16, "more": 1, "at": 1}
    database.write(lambda write: write.execute(insert(counts), row))
    settings = settings_from(_settings(tmp_path, str(database.engine.url)))
    with pytest.raises(Refused, match="another server's"):
        setting_up.check_new(settings)
    with database.read() as read:
        assert read.execute(select(counts.c.more)).scalars().all() == [1]
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize(
    ("words", "status", "what"),
    [
        (["--unattended", "--owner", "Ada"], 2, "--unattended needs --lot"),
        (["--sheet", "{}/sheet.html"], 2, "keep a secret on the card"),
        ([*ALONE, "--passphrase-file", "{}/none", "--otp-address"], 2, "expected one argument"),
        (["--text-days", "0"], 2, "from 1 to 3660 days"),
        (["--text-days", "5"], 2, "pictures no longer than events"),
    ],
)
def test_what_cannot_be_done_is_a_line_and_a_status(
    words: list[str],
    status: int,
    what: str,
    tmp_path: Path,
    database_servers: Callable[[str], Server],
    capsys: pytest.CaptureFixture[str],
) -> None:
    env = _env(tmp_path, database_servers("sqlite").new())
    ended = main(["init", *(word.format(tmp_path) for word in words)], env)
    said = capsys.readouterr().err
    assert (ended, said.count("\n")) == (status, 1), said
    assert what in said
    assert not (tmp_path / "keys").exists()


def test_a_passphrase_that_others_may_read_is_refused(
    tmp_path: Path, database_servers: Callable[[str], Server]
) -> None:
    secret = tmp_path / "open"
    secret.write_text(PASSPHRASE)
    secret.chmod(0o644)
    status, said, *_ = _alone(
        _env(tmp_path, database_servers("sqlite").new()),
        tmp_path,
        *("--passphrase-file", str(secret)),
    )
    assert (status, said.count("\n")) == (3, 1)
    assert "chmod 600" in said


def test_by_questions_every_secret_is_typed_back(
    tmp_path: Path, database_servers: Callable[[str], Server]
) -> None:
    env = _env(tmp_path, database_servers("sqlite").new())
    asked = subprocess.Popen(
        INIT,
        env=env,
        text=True,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=1,
    )
    assert asked.stdin is not None
    assert asked.stderr is not None
    said = ""

    def until(what: str) -> str:
        nonlocal said
        while what not in said:
            piece = asked.stderr.read(1)  # type: ignore[union-attr]  # a pipe
            assert piece, said
            said += piece
        before, said = said, ""
        return before

    def type_(text: str) -> None:
        asked.stdin.write(text + "\n")  # type: ignore[union-attr]  # a pipe
        asked.stdin.flush()  # type: ignore[union-attr]  # a pipe

    until("Your name: ")
    type_("Ada")
    until("parking lot: ")
    type_("North")
    until("passphrase of your own: ")
    type_("short")
    assert "at least 14" in until("passphrase of your own: ")
    type_(PASSPHRASE)
    until("Once more: ")
    type_("a stone by the river sinks")
    assert "not the same" in until("passphrase of your own: ")
    type_(PASSPHRASE)
    until("Once more: ")
    type_(PASSPHRASE)
    shown = until("it shows: ")
    seed = _seed(shown)
    type_("000000" if otp.code_at(seed, _step()) != "000000" else "111111")
    assert "not the code" in until("it shows: ")
    type_(otp.code_at(seed, _step()))
    shown = until("from your sheet: ")
    (code,) = re.findall(r"^ {4}((?:[0-9A-Z]{4}-){9}[0-9A-Z]{4})$", shown, re.MULTILINE)
    type_(code.replace("-", "").lower())
    rest = asked.communicate(timeout=60)[1]
    assert asked.returncode == 0, rest
    assert "is set up" in rest


def _settings(folder: Path, url: str) -> dict[str, str]:
    env = environment(folder, url)
    return {name: value for name, value in env.items() if name.startswith("LOT_")}


def _power_cut(*_: object) -> None:
    raise KeyboardInterrupt


def _seed(shown: str) -> bytes:
    (text,) = re.findall(r"secret=([A-Z2-7]{32})&", shown)
    return base64.b32decode(text)


def _step() -> int:
    return int(time.time()) // otp.STEP_S
