"""The keyholder over its real socket: who may, who may not, and what is left after locking."""

import os
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract import audit, manifest, signature, trust
from contract.audit import NOTHING_SEEN, Line
from contract.digest import H
from contract.otp import Typed
from lot.errors import Damaged, LotError, Refused, RolledBack
from server.access import rows
from server.access.roles import Role
from server.keys.holder import bodies, calls, framing, refusals
from server.keys.holder.framing import Frame
from server.keys.slots import Cost
from tests.server.keys.holder.running import (
    PASSPHRASE,
    House,
    caller,
    guarded,
    house,
    wait_for,
)

LOT, OTHER = b"l" * 16, b"o" * 16
PEPPER = b"p" * 32
LINE = Line(
    node=b"n" * 16,
    seq=7,
    time=1,
    clock="ntp",
    boot=b"b" * 16,
    lot=None,
    actor=b"a" * 16,
    act="unlock",
    detail=None,
    prev=bytes(32),
)
PASSWORD = "the password of them"  # noqa: S105 - a test's own


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as found:
        yield found


def test_passphrase_and_code_open_the_vault_and_sign_in(home: House) -> None:
    assert home.keyholder.status().state == "locked"

    admitted = home.unlock(home.code())

    assert admitted.opened_vault
    assert admitted.identity.role is Role.OWNER
    assert home.keyholder.status().state == "unlocked"
    assert home.keyholder.who_am_i(caller(admitted, home.founding.row)) == admitted.identity


def test_wrong_passphrase_wrong_code_and_used_code_have_one_answer(home: House) -> None:
    code = home.code()
    home.unlock(code)
    answers = []
    for typed, passphrase in ((code, PASSPHRASE), ("000000", PASSPHRASE), (home.code(1), "no")):
        with pytest.raises(refusals.NotThem) as refused:
            home.unlock(typed, passphrase)
        answers.append(str(refused.value))

    assert len(set(answers)) == 1


def test_the_fifth_miss_in_a_row_waits_also_over_a_restart(home: House) -> None:
    for _ in range(5):
        with pytest.raises(refusals.NotThem):
            home.unlock("000000")
    with pytest.raises(refusals.MustWait) as waits:
        home.unlock(home.code())
    assert 0 < waits.value.wait_s <= 900

    home.keyholder.lock(calls.Console())
    with pytest.raises(refusals.MustWait):
        home.unlock(home.code())

    home.keyholder.reopen(home.founding.account.id)
    home.unlock(home.code())


def test_one_code_raced_by_many_opens_once(home: House) -> None:
    code, admitted, refused = home.code(), [], []

    def attempt() -> None:
        try:
            admitted.append(home.unlock(code))
        except LotError as error:
            refused.append(error)

    threads = [threading.Thread(target=attempt) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(admitted) == 1
    assert len(refused) == 11
    assert {type(one) for one in refused} <= {refusals.NotThem, refusals.MustWait, refusals.Busy}


def test_a_lock_ends_the_process_and_a_fresh_one_has_nothing(home: House) -> None:
    owner = home.owner()
    home.keyholder.lock(owner)

    assert home.keyholder.status().state == "locked"
    assert not home.keyholder.who_am_i(owner).unlocked  # signed in still, and nothing to read
    with pytest.raises(refusals.Locked):
        home.keyholder.sign_mark(audit.encoded(LINE))


def test_the_vault_locks_itself_when_nobody_asks(tmp_path: Path) -> None:
    with house(tmp_path, idle_s=1) as home:
        home.owner()
        until = time.monotonic() + 20
        while home.keyholder.status().state == "unlocked":  # which keeps it open no longer
            assert time.monotonic() < until

        assert home.keyholder.status().state == "locked"


def test_a_keyholder_that_was_killed_is_back_and_locked(home: House) -> None:
    home.owner()
    (child,) = _children(home.guardian)
    os.kill(child, signal.SIGKILL)

    assert wait_for(home.keyholder).state == "locked"


def test_a_killed_guardian_takes_the_open_vault_with_it(home: House, tmp_path: Path) -> None:
    home.owner()
    (child,) = _children(home.guardian)
    os.kill(home.guardian, signal.SIGKILL)

    until = time.monotonic() + 10
    # A process whose first thread has ended may hold its socket while the others end.
    while _is_alive(child) or _listens(home.keyholder.socket):
        assert time.monotonic() < until
    with guarded(home.folder, tmp_path / "k.sock"):
        assert home.keyholder.status().state == "locked"


def test_no_memory_of_the_keyholder_can_be_dumped_or_read_by_its_own_user(home: House) -> None:
    (child,) = _children(home.guardian)
    limits = Path(f"/proc/{child}/limits").read_text()

    assert next(line for line in limits.splitlines() if "core file" in line).split()[4:6] == [
        "0",
        "0",
    ]
    assert Path(f"/proc/{child}/stat").stat().st_uid == 0  # so does the kernel mark it


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_stranger_gets_no_answer_and_the_web_user_forgives_no_miss(open_folder: Path) -> None:
    reopen = framing.framed(Frame({"call": {"is": "Reopen", "person": 0}}, [bytes(16)]))
    with house(open_folder, uids=frozenset({4711})) as home:
        home.keyholder.socket.chmod(0o666)

        assert _as_user(4712, home.keyholder.socket, reopen) == b""
        assert b"NotAllowed" in _as_user(4711, home.keyholder.socket, reopen)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Give a folder that other users may enter, which pytest's are not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o711)
        yield Path(name)


def test_the_socket_and_everything_kept_is_for_few_eyes(home: House) -> None:
    assert home.keyholder.socket.stat().st_mode & 0o777 == 0o660
    for path in home.folder.path.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_no_secret_lies_in_the_folder(home: House) -> None:
    home.owner()
    everything = b"".join(p.read_bytes() for p in home.folder.path.rglob("*") if p.is_file())

    for secret in (home.founding.seed, home.founding.seed.hex().encode(), PASSPHRASE.encode()):
        assert secret not in everything
    assert home.founding.recovery not in repr(home.founding)


def test_the_recovery_sheet_opens_and_is_renewed(home: House) -> None:
    asked = calls.Recover(home.founding.row, home.founding.recovery, calls.Console())
    owner = caller(home.keyholder.recover(asked), home.founding.row)

    new = home.keyholder.renew_recovery(owner)

    with pytest.raises(Refused):
        home.keyholder.recover(asked)
    home.keyholder.recover(calls.Recover(home.founding.row, new, calls.Console()))


def test_a_changed_passphrase_opens_and_the_old_one_does_not(home: House) -> None:
    owner, new = home.owner(-1), "other words that nobody guesses"
    home.keyholder.change_passphrase(
        calls.ChangePassphrase(owner, PASSPHRASE, Typed(home.code()), new, "ntp")
    )

    with pytest.raises(refusals.NotThem):
        home.unlock(home.code(1))
    home.unlock(home.code(1), new)


def test_a_row_that_was_altered_or_put_back_counts_nothing(home: House) -> None:
    owner = home.owner()
    viewer = _account(home, owner, Role.VIEWER, version=1)
    owner_now = bodies.account(viewer.body)
    forged = bodies.encoded(
        bodies.Account(owner_now.id, 1, "Eve", Role.OWNER, (), None, code=False, closed=False)
    )
    with pytest.raises(refusals.SignedOut):
        home.keyholder.sign_in(_sign_in(calls.Vouched(forged, viewer.mac)))

    home.keyholder.sign_in(_sign_in(viewer))
    closed = _account(home, owner, Role.VIEWER, version=2, id_=owner_now.id, closed=True)
    with pytest.raises(RolledBackOrSignedOut):
        home.keyholder.sign_in(_sign_in(closed))
    with pytest.raises(RolledBackOrSignedOut):
        home.keyholder.sign_in(_sign_in(viewer))  # the version before it, put back


def test_until_the_commit_is_confirmed_the_version_before_counts_too(home: House) -> None:
    owner = home.owner()
    first = _account(home, owner, Role.VIEWER, version=1)
    body = bodies.account(first.body)
    second = _account(home, owner, Role.VIEWER, version=2, id_=body.id, confirm=False)

    for row in (first, second):
        home.keyholder.sign_in(_sign_in(row))


def test_a_password_signs_in_while_locked_and_sees_nothing_then(home: House) -> None:
    owner = home.owner()
    row = _account(home, owner, Role.ATTENDANT, version=1)
    home.keyholder.lock(owner)

    admitted = home.keyholder.sign_in(_sign_in(row))

    assert not admitted.identity.unlocked
    with pytest.raises(refusals.Locked):
        home.keyholder.open(calls.Open(caller(admitted, row), ()))
    with pytest.raises(refusals.NotThem):
        home.keyholder.sign_in(_sign_in(row, "another password that is wrong"))


def test_a_session_is_good_for_its_token_and_ends_for_good(home: House) -> None:
    owner = home.owner()
    with pytest.raises(refusals.SignedOut):
        home.keyholder.who_am_i(calls.Caller("another token", owner.session, owner.account))

    home.keyholder.sign_out(owner)

    with pytest.raises(refusals.SignedOut):
        home.keyholder.who_am_i(owner)
    home.keyholder.lock(calls.Console())
    with pytest.raises(refusals.SignedOut):  # nor when another process judges the same rows
        home.keyholder.who_am_i(owner)


def test_only_an_approved_device_reaches_a_passphrase(home: House) -> None:
    owner, key = home.owner(-1), "a-key-out-of-a-cookie"
    device = bodies.Device(
        b"d" * 16, 1, "Desk", H(key.encode()), home.founding.account.id, 1, True, False
    )
    body = bodies.encoded(device)
    row = calls.Vouched(body, home.keyholder.vouch(calls.Vouch(owner, "devices", body)))
    home.keyholder.confirm_versions((calls.Version.of("devices", device.id, 1, body),))

    def unlock(via: calls.Via) -> calls.Admission | calls.AskKeeper:
        asked = calls.Unlock(home.founding.row, PASSPHRASE, Typed(home.code()), via, "ntp")
        return home.keyholder.unlock(asked)

    with pytest.raises(refusals.SignedOut):
        unlock(calls.Device(row, "another key"))
    with pytest.raises(refusals.SignedOut):
        unlock(calls.Device(calls.Vouched(body, bytes(32)), key))
    admitted = unlock(calls.Device(row, key))  # and the strangers cost no miss and no code

    assert isinstance(admitted, calls.Admission)
    assert admitted.identity.device == device.id
    with pytest.raises(refusals.SignedOut):  # the session without its device
        home.keyholder.who_am_i(caller(admitted, home.founding.row))


def test_secrets_that_are_shown_once_are_opened_for_nobody(home: House) -> None:
    owner = home.owner()
    row = calls.SealedRow(rows.SEEDS, b"s" * 16, 1, bytes(60))
    with pytest.raises(refusals.NotAllowed, match="shown once"):
        home.keyholder.rows_open(calls.RowsOpen(owner, None, (row,)))


def test_an_edge_s_certificate_is_for_who_sees_the_gate_live_and_made_by_nobody_else(
    home: House,
) -> None:
    owner = home.owner()
    viewer = _signed_in(home, _account(home, owner, Role.VIEWER, version=1))
    row = calls.SealedRow(rows.API_ROWS, b"s" * 16, 1, bytes(60))
    assert home.keyholder.rows_open(calls.RowsOpen(owner, LOT, (row,))) == (None,)  # damaged
    with pytest.raises(refusals.NotAllowed):
        home.keyholder.rows_open(calls.RowsOpen(viewer, LOT, (row,)))
    plain = calls.PlainRow(rows.API_ROWS, b"s" * 16, 1, b"{}")
    with pytest.raises(refusals.NotAllowed, match="shown once"):
        home.keyholder.rows_seal(calls.RowsSeal(owner, LOT, (plain,)))


def test_private_rows_are_sealed_for_who_may_and_never_put_back(home: House) -> None:
    owner = home.owner()
    attendant = _signed_in(home, _account(home, owner, Role.ATTENDANT, version=1))
    first, second = _kept(home, owner, 1, "Ada"), _kept(home, owner, 2, "Bo")

    found = home.keyholder.rows_open(calls.RowsOpen(owner, LOT, (first, second)))
    assert found[0] is None
    assert isinstance(found[1], calls.PlainRow)
    assert found[1].content == b'{"name":"Bo"}'
    with pytest.raises(RolledBack):
        _kept(home, owner, 2, "Cy")
    with pytest.raises(refusals.NotAllowed):
        _kept(home, attendant, 3, "Di", "known")
    with pytest.raises(Refused, match="no rows of this kind"):
        _kept(home, owner, 3, "Ed", "anything")


def test_a_row_is_opened_in_the_name_of_its_own_lot_alone(home: House) -> None:
    owner = home.owner()
    theirs = _kept(home, owner, 1, "Ada")
    row = _account(home, owner, Role.MANAGER, version=1, lots=(OTHER,))
    manager = _signed_in(home, row)
    with pytest.raises(refusals.NotAllowed):
        home.keyholder.rows_open(calls.RowsOpen(manager, LOT, (theirs,)))
    assert home.keyholder.rows_open(calls.RowsOpen(manager, OTHER, (theirs,))) == (None,)
    with pytest.raises(Damaged, match="names a lot"):
        plain = calls.PlainRow("customer", b"d" * 16, 1, b'{"lot":null}')
        home.keyholder.rows_seal(calls.RowsSeal(owner, LOT, (plain,)))


def _kept(
    home: House, by: calls.Caller, version: int, name: str, kind: str = "customer"
) -> calls.SealedRow:
    row = calls.PlainRow(kind, b"c" * 16, version, b'{"name":"%s"}' % name.encode())
    (found,) = home.keyholder.rows_seal(calls.RowsSeal(by, LOT, (row,)))
    home.keyholder.confirm_versions((found.as_version,))
    return found


def test_an_export_is_signed_after_a_fresh_code_for_its_range_alone(home: House) -> None:
    owner = home.owner(-1)

    def asked(first: int, last: int) -> calls.SignManifest:
        said = manifest.Manifest(
            home.founding.server, 5, home.founding.account.id, 0, first, last, (), (), NOTHING_SEEN
        )
        data = manifest.signed(said, _throwaway())[: -signature.SIGNATURE_BYTES]
        return calls.SignManifest(owner, data, LOT)

    with pytest.raises(refusals.NeedsCode):
        home.keyholder.sign_manifest(asked(10, 20))
    code = Typed(home.code())
    home.keyholder.confirm(
        calls.Confirm(owner, code, "export", calls.Range(LOT, 10, 20), None, "ntp")
    )

    signed = home.keyholder.sign_manifest(asked(10, 20))
    data = asked(10, 20).manifest
    pack = trust.pack_own(home.founding.trust_pack)
    assert manifest.opened(data + signed, pack.vault_sign).first == 10
    for first, last in ((9, 20), (10, 21)):
        with pytest.raises(refusals.NeedsCode):
            home.keyholder.sign_manifest(asked(first, last))
    with pytest.raises(refusals.NotThem):  # the code was good once
        home.keyholder.confirm(
            calls.Confirm(owner, code, "export", calls.Range(None, None, None), None, "ntp")
        )


def test_a_line_of_the_audit_is_signed_once_and_none_before_it_any_more(home: House) -> None:
    home.owner()
    later = audit.encoded(replace(LINE, seq=8))

    signed = home.keyholder.sign_mark(later)

    pack = trust.pack_own(home.founding.trust_pack)
    head = audit.chain_next(later)
    signature.check(pack.vault_sign, signed, signature.MARK, head)
    for other in (LINE, replace(LINE, seq=8, actor=b"x" * 16)):
        with pytest.raises(Refused):
            home.keyholder.sign_mark(audit.encoded(other))
    with pytest.raises(Damaged):  # what is no line is not signed at all
        home.keyholder.sign_mark(head)
    for other in (replace(LINE, seq=9), replace(LINE, node=b"m" * 16)):
        home.keyholder.sign_mark(audit.encoded(other))


def test_bytes_that_are_no_question_are_refused_in_words(home: House) -> None:
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(str(home.keyholder.socket))
        link.sendall(framing.framed(Frame({"call": {"is": "OpenEverything"}}, [])))
        with link.makefile("rb") as answer:
            assert framing.unframed(answer.read).said["refused"]


def test_a_vault_beside_anothers_public_keys_does_not_open(home: House, tmp_path: Path) -> None:
    with house(tmp_path / "other", name="Other") as other:
        home.folder.trust_pack.write_bytes(other.folder.trust_pack.read_bytes())

    with pytest.raises(Damaged):
        home.unlock(home.code())
    assert home.keyholder.status().state == "locked"


def test_of_owners_who_close_each_other_at_one_moment_one_is_left(home: House) -> None:
    owner, count = home.owner(), 5
    ids = [bytes([number]) * 16 for number in range(count)]
    rows = [_account(home, owner, Role.OWNER, version=1, id_=id_, lots=()) for id_ in ids]
    ring = [_signed_in(home, row) for row in rows]
    start, closed, refused = threading.Barrier(count), set[int](), list[LotError]()

    def close_next(number: int) -> None:
        last = bodies.account(rows[(number + 1) % count].body)
        body = bodies.encoded(replace(last, version=2, closed=True))
        start.wait()
        try:
            home.keyholder.vouch(calls.Vouch(ring[number], "accounts", body))
            closed.add((number + 1) % count)
        except LotError as error:
            refused.append(error)

    threads = [threading.Thread(target=close_next, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert closed, "somebody was the first"
    assert len(closed) < count
    assert {type(one) for one in refused} == {refusals.BeingChanged}


def test_a_change_of_ones_own_that_was_cut_off_is_mended_by_keeping_it_again(home: House) -> None:
    owner = home.owner()
    ada = home.founding.account
    again = bodies.encoded(replace(ada, version=2))
    home.keyholder.vouch(calls.Vouch(owner, "accounts", again))  # and its commit never came
    with pytest.raises(refusals.BeingChanged):
        _account(home, owner, Role.VIEWER, version=1)

    mac = home.keyholder.vouch(calls.Vouch(owner, "accounts", again))
    home.keyholder.confirm_versions((calls.Version.of("accounts", ada.id, 2, again),))
    row = calls.Vouched(again, mac)
    asked = calls.Unlock(row, PASSPHRASE, Typed(home.code(1)), calls.Console(), "ntp")
    admitted = home.keyholder.unlock(asked)
    assert isinstance(admitted, calls.Admission)
    _account(home, caller(admitted, row), Role.VIEWER, version=1)


RolledBackOrSignedOut = (RolledBack, Damaged, refusals.SignedOut)


def _account(
    home: House,
    owner: calls.Caller,
    role: Role,
    *,
    version: int,
    id_: bytes = b"v" * 16,
    lots: tuple[bytes, ...] = (LOT,),
    closed: bool = False,
    confirm: bool = True,
) -> calls.Vouched:
    made = home.keyholder.password(calls.SetPassword(owner, PASSWORD, PEPPER))
    cost = Cost(made.memory_kib, made.rounds)
    password = bodies.Password(made.salt, cost, made.hash)
    body = bodies.encoded(
        bodies.Account(id_, version, "Vi", role, lots, password, code=False, closed=closed)
    )
    mac = home.keyholder.vouch(calls.Vouch(owner, "accounts", body))
    if confirm:
        home.keyholder.confirm_versions((calls.Version.of("accounts", id_, version, body),))
    return calls.Vouched(body, mac)


def _sign_in(row: calls.Vouched, password: str = PASSWORD) -> calls.SignIn:
    return calls.SignIn(row, password, PEPPER, None, None, calls.Console(), "ntp")


def _signed_in(home: House, row: calls.Vouched) -> calls.Caller:
    return caller(home.keyholder.sign_in(_sign_in(row)), row)


def _throwaway() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def _children(process: int) -> list[int]:
    text = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(one) for one in text.split()]


def _is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as link:
        return link.connect_ex(str(path)) == 0


def _as_user(uid: int, path: Path, request: bytes) -> bytes:
    """Ask at the socket as another user, and return what comes back."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.setuid(uid)
        with socket.socket(socket.AF_UNIX) as link:
            try:
                link.connect(str(path))
                link.sendall(request)
                os.write(writing, link.recv(65536))
            except ConnectionError:
                os._exit(0)  # hung up on: no answer
            except OSError:
                os.write(writing, b"the socket could not be reached")
            finally:
                os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as answer:
        return answer.read()
