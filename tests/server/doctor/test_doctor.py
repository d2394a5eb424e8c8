"""What the doctor finds, each from what a machine really says, and nothing on a sound one."""

import os
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import create_engine, text

from server.doctor import machine as machines
from server.doctor.ailment import Ailment
from server.doctor.certificates import certificates
from server.doctor.database import database
from server.doctor.folders import folders, secret_file
from server.doctor.keyholder import idle_lock
from server.doctor.machine import machine

NOW = datetime(2027, 1, 1, tzinfo=timezone.utc)
SWAPS = "Filename\tType\tSize\tUsed\tPriority\n"


def whats(found: Iterable[Ailment]) -> list[str]:
    return [one.what for one in found]


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    (tmp_path / "swaps").write_text(SWAPS + "/dev/zram0 partition 9 0 5\n")
    (tmp_path / "cgroup.controllers").write_text("cpu io memory pids\n")
    return tmp_path


def test_a_sound_machine_has_no_ailment(sound: Path) -> None:
    assert whats(machine(sound, sound, sound)) == []


def test_swap_on_the_card_is_told(sound: Path) -> None:
    (sound / "swaps").write_text(SWAPS + "/var/swap file 102396 0 -2\n")
    (found,) = machine(sound, sound, sound)
    assert found.what == "swap is on (/var/swap): what was opened could be written to the card"
    assert "swapoff /var/swap" in str(found)


def test_a_memory_cgroup_that_is_off_is_told(sound: Path) -> None:
    (sound / "cgroup.controllers").write_text("cpu io pids\n")
    (found,) = machine(sound, sound, sound)
    assert "cgroup_enable=memory" in found.then
    (sound / "memory").mkdir()  # version 1
    assert whats(machine(sound, sound, sound)) == []


def test_a_disk_that_is_nearly_full_is_told(sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machines, "_FREE_BYTES_MIN", 2**62)
    (found,) = machine(sound, sound, sound / "not" / "yet" / "there")
    assert "MB are free" in found.what


def test_files_and_folders_that_others_can_read_are_told(tmp_path: Path) -> None:
    top = tmp_path / "state"
    (top / "wraps").mkdir(parents=True, mode=0o700)
    (top / "run").mkdir(mode=0o750)
    (top / "pictures").mkdir(mode=0o700)
    top.chmod(0o700)
    for name in ("pepper", "wraps/one", "pictures/one"):
        (top / name).touch(0o600)
    assert whats(folders([top, tmp_path / "none"])) == []
    (top / "pepper").chmod(0o640)
    (top / "wraps" / "one").chmod(0o604)
    (top / "wraps").chmod(0o755)
    (top / "pictures" / "one").chmod(0o644)  # its folder keeps others out
    assert sorted(str(one) for one in folders([top])) == [
        f"{top}/pepper can be read by others (mode 640); chmod 600 {top}/pepper",
        f"{top}/wraps can be read by others (mode 755); chmod 700 {top}/wraps",
        f"{top}/wraps/one can be read by others (mode 604); chmod 600 {top}/wraps/one",
    ]


def test_the_folder_of_a_shared_socket_may_be_passed_through_and_not_looked_into(
    tmp_path: Path,
) -> None:
    (tmp_path / "run").mkdir(mode=0o750)
    tmp_path.chmod(0o711)  # as the keyholder's unit makes it
    assert whats(folders([tmp_path])) == []
    tmp_path.chmod(0o755)
    (found,) = folders([tmp_path])
    assert found.then == f"chmod 711 {tmp_path}"


def test_a_folder_of_another_user_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o700)
    assert whats(folders([tmp_path])) == []
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    (found,) = folders([tmp_path])
    assert found.then == f"sudo chown {os.getuid() + 1} {tmp_path}"


def test_an_env_file_that_others_can_read_is_told(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    assert whats(secret_file(env)) == []
    env.touch(0o644)
    assert len(whats(secret_file(env))) == 1
    env.chmod(0o600)
    assert whats(secret_file(env)) == []


def test_sqlite_that_does_not_sync_is_told() -> None:
    with create_engine("sqlite://").connect() as read:
        read.execute(text("PRAGMA synchronous=FULL"))
        assert whats(database(read)) == []
        read.execute(text("PRAGMA synchronous=NORMAL"))
        assert len(whats(database(read))) == 1


@pytest.mark.parametrize(
    ("days", "words"),
    [(-1, "ended on"), (29, "ends on"), (31, None), (398, "begins on")],
)
def test_certificates_that_are_old_or_not_yet_young_are_told(
    tmp_path: Path, days: int, words: str | None
) -> None:
    (tmp_path / "leaf.pem").write_bytes(_certificate(NOW + timedelta(days=days)))
    (tmp_path / "key.pem").write_bytes(b"-----BEGIN PRIVATE KEY-----\n")
    found = whats(certificates(tmp_path, NOW))
    assert len(found) == (0 if words is None else 1)
    assert all(words in one for one in found if words)


def _certificate(ends: datetime) -> bytes:
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "lotkeeper.local")])
    made = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=1,
        not_valid_before=ends - timedelta(days=397),
        not_valid_after=ends,
    ).sign(key, SHA256())
    return made.public_bytes(Encoding.PEM)


def test_an_idle_lock_that_is_set_where_it_does_not_count_is_told() -> None:
    (found,) = idle_lock(10, 30 * 60)
    assert found.what == "LOT_IDLE_LOCK_MINUTES is 10 here, but the keyholder goes by 30"
    assert "keyholder's .env" in found.then
    assert whats(idle_lock(30, 30 * 60)) == []
