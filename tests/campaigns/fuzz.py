"""The API fuzzed from its own document, and every decoder fed what nobody wrote.

`python -m tests.campaigns.fuzz` runs it at full size: a server behind TLS, its keyholder and
MariaDB, an owner signed in and the vault open. No answer may be a 5xx, or one that the document
does not list; no decoder may end with anything but an error of ours; the keyholder answers on,
whatever comes into its socket; and what is kept is whole afterwards.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    response_schema_conformance,
    status_code_conformance,
)

from contract import (
    audit,
    blind,
    codes,
    enrolment,
    event,
    grant,
    keeper,
    manifest,
    otp,
    record,
    sealing,
    tokens,
    trust,
    wire,
    wrap,
)
from lot.errors import LotError
from server.backup import manifest as backup_manifest
from server.index.asked import Query
from server.keys import rows, slots
from server.keys.holder import bodies, calls, framing, spelling
from server.records import statements
from server.verify import report
from tests.campaigns.roles import ENDING, Case, Everybody, cases, is_fault
from tests.contract import golden
from tests.contract.writers import LOT
from tests.server.databases import servers
from tests.server.standing import Standing, standing

EXAMPLES, ROUNDS = 200, 20_000
_SKIPPED = frozenset({"watch"})  # a stream that lasts ten minutes: its own tests read it
# These wait for a session's pace where others are refused: ten of them use up a minute.
_PATIENT, _PATIENT_EXAMPLES = frozenset({"find_doubtful", "see_erasure"}), 20

Decoder = Callable[[bytes], object]


@dataclass
class Told:
    """What was tried, and what came of it that must not."""

    asked: int = 0
    wrong: list[str] = field(default_factory=list)

    def note(self, what: str) -> None:
        if what not in self.wrong:
            self.wrong.append(what)


def requests(house: Standing, examples: int, number: int) -> Told:
    """Ask everything that the document describes, as an owner who is signed in."""
    told, events = Told(), _filled(house)
    with Everybody(house) as everybody:
        for name, described in sorted(cases(house)):
            if name not in ENDING | _SKIPPED:
                most = min(examples, _PATIENT_EXAMPLES) if name in _PATIENT else examples
                _asked(everybody, name, described, most, number, events, told)
    _check_whole(house, told)
    return told


def socket_fed(house: Standing, rounds: int, number: int) -> Told:
    """Bring the keyholder what is nearly a question; it goes on answering those that are one."""
    told, random = Told(), Random(number)  # noqa: S311 - to be repeated, not to be secret
    owner, path = house.vault.owner, str(house.vault.home.keyholder.socket)
    asked = (
        calls.Status(),
        calls.WhoAmI(owner),
        calls.SearchVisits(owner, Query()),
        calls.RowsOpen(owner, LOT, (calls.SealedRow("known", bytes(16), 1, bytes(60)),)),
        calls.Open(owner, (calls.SealedRecord(bytes(90), bytes(9), (bytes(9),), {"event": b""}),)),
    )
    seeds = [_framed(one) for one in asked]
    for _ in range(rounds):
        told.asked += 1
        with socket.socket(socket.AF_UNIX) as link, suppress(OSError):
            link.settimeout(20)
            link.connect(path)
            link.sendall(altered(random, seeds))
            link.shutdown(socket.SHUT_WR)
            link.recv(1 << 16)
    if house.vault.home.keyholder.who_am_i(owner).account != house.vault.home.founding.account.id:
        told.note("the keyholder forgot who asks")
    return told


def _framed(asked: calls.Request) -> bytes:
    octets: list[bytes] = []
    said = {"call": spelling.spelt(asked, octets)}
    return framing.framed(framing.Frame(said, octets))


def decoders(rounds: int, number: int, known: Mapping[str, Decoder] | None = None) -> Told:
    """Feed each decoder bytes that were altered, joined, cut and drawn."""
    told, random = Told(), Random(number)  # noqa: S311 - to be repeated, not to be secret
    seeds = [vector.data for vector in golden.of(*_kinds())]
    for name, decoder in (known or DECODERS).items():
        for _ in range(rounds):
            data = altered(random, seeds)
            told.asked += 1
            try:
                decoder(data)
            except LotError:
                continue
            except Exception as fault:  # the very thing that is looked for
                told.note(f"{name}: {type(fault).__name__} of {data[:200].hex()}")
    return told


def altered(random: Random, seeds: Sequence[bytes]) -> bytes:
    """Return bytes near to ones that somebody wrote, or as far from them as can be."""
    data = bytearray(random.choice(seeds))
    for _ in range(random.choice((0, 1, 1, 2, 5))):
        at = random.randrange(len(data) + 1)
        match random.randrange(6):
            case 0 if at < len(data):
                data[at] ^= 1 << random.randrange(8)
            case 1:
                data[at:at] = random.randbytes(random.randrange(9))
            case 2:
                del data[at : at + random.randrange(9)]
            case 3:
                data[at:] = random.choice(seeds)[at:]
            case 4:
                data = _json_altered(random, data)
            case _:
                data[at:] = b""
    return bytes(data) if random.randrange(20) else random.randbytes(random.randrange(200))


def _json_altered(random: Random, data: bytearray) -> bytearray:
    """Put another value into a place of an object, where it is one."""
    try:
        value = json.loads(data)
    except ValueError:
        return data
    if isinstance(value, dict) and value:
        name = random.choice(sorted(value))
        value[name] = random.choice(_VALUES)
    return bytearray(json.dumps(value, sort_keys=True, separators=(",", ":")).encode())


_VALUES: tuple[object, ...] = (
    *(None, True, 0, -1, 1, 2**53, 10**30, 1.5, "", "x", "\0", "é" * 50, "00" * 16, "ff" * 32),
    *([], [[]], {}, {"v": 1}, [0] * 20, ["a", 1], {"": ""}),
)


def _kinds() -> list[str]:
    files = (path for path in golden.VECTORS.glob("*.json") if path.stem != "keys")
    return sorted({one["kind"] for path in files for one in json.loads(path.read_bytes())})


def _text(decoder: Callable[[str], object]) -> Decoder:
    return lambda data: decoder(data.decode("utf-8", "replace"))


def _frame(data: bytes) -> object:
    left = memoryview(data)

    def take(size: int) -> bytes:
        nonlocal left
        found, left = left[:size], left[size:]
        return bytes(found)

    try:
        return framing.unframed(take)
    except framing.Ended:
        return None


_PUBLIC, _SERVER, _EDGE = golden.key("vault_public"), golden.key("server"), golden.key("edge")
DECODERS: Mapping[str, Decoder] = {
    "event": event.decoded,
    "blind": blind.decoded,
    "record": record.decoded,
    "wrap": wrap.decoded,
    "batch": wire.batch_decoded,
    "ack": lambda data: wire.ack_decoded(data, edge=_EDGE),
    "start": lambda data: wire.start_opened(data, golden.key("edge_public")),
    "started": lambda data: wire.started_decoded(data, ask=bytes(32), edge=_EDGE),
    "audit line": audit.decoded,
    **{f"detail {act}": partial(audit.detail_decoded, act) for act in sorted(audit.CLEAR_ACTS)},
    "manifest": manifest.read,
    "grant": lambda data: grant.opened(data, _PUBLIC, server=_SERVER, edge=_EDGE, work="live"),
    "certificate": lambda data: trust.certificate_decoded(data, vault_sign=_PUBLIC, server=_SERVER),
    "trust pack": trust.pack_own,
    "enrolment": lambda data: enrolment.request_opened(data, bytes(16)),
    "keeper's answer": lambda data: keeper.answer_opened(data, _PUBLIC, _ask()),
    "remembered steps": otp.decoded,
    "sealed part": lambda data: sealing.read(data, name="event"),
    "token": _text(tokens.token),
    "invitation": _text(codes.invitation),
    "recovery code": _text(codes.recovery_code),
    "statement": statements.decoded,
    "report": report.earlier,
    "backup's manifest": backup_manifest.decoded,
    "slot": slots.decoded,
    "row": lambda data: rows.opened(data, bytes(32), rows.Place("known", bytes(16), 1)),
    **{f"body of {table}": partial(bodies.decoded, table) for table in bodies.TABLES},
    "keyholder's frame": _frame,
}


def _ask() -> keeper.Forget:
    return keeper.Forget(keeper.Parties(_SERVER, bytes(16), bytes(16)), 1)


def _filled(house: Standing) -> list[str]:
    """Let an edge bring events, so that there is something to find; return their ids."""
    vault = house.vault
    made = [vault.edge.an_event({"plate": b"\xff\xd8 a crop"}) for _ in range(3)]
    vault.keep(*made)
    return [one.head.id for one in made]


def _asked(
    everybody: Everybody,
    name: str,
    described: Any,
    examples: int,
    number: int,
    events: Sequence[str],
    told: Told,
) -> None:
    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=described.as_strategy())
    def ask(case: Case) -> None:
        for place in {"event", "visit"} & case.path_parameters.keys():
            case.path_parameters[place] = events[told.asked % len(events)]
        answer = everybody.sent(case, "owner")
        told.asked += 1
        if is_fault(answer):
            told.note(f"{name}: {answer.status_code} {answer.text[:200]}")
            return
        try:
            case.validate_response(
                answer, checks=[response_schema_conformance, status_code_conformance]
            )
        except (Failure, FailureGroup) as fault:
            told.note(f"{name}: {answer.status_code} {_line(fault)}")

    ask()


def _line(fault: BaseException) -> str:
    return " ".join(str(fault).split())[:300]


def _check_whole(house: Standing, told: Told) -> None:
    """Let the server itself say that nothing is missing and nothing altered."""
    status = house.vault.home.keyholder.status()
    if status.state != "unlocked":
        told.note(f"the vault is {status.state} afterwards")
    if "error=bug" in (house.web.root.parent / "log").read_text(encoding="utf-8", errors="replace"):
        told.note("the log tells of a bug")
    for row in _reports(house):
        if row["state"] != "whole":
            told.note(f"verify says {row['state']}: {row['why']}")


def _reports(house: Standing) -> Iterator[dict[str, Any]]:
    with house.client("owner") as client:
        begun = client.post("/api/v1/verify/reports").json()
        until = time.monotonic() + 300
        while time.monotonic() < until:
            found = client.get("/api/v1/verify/reports").json()["rows"]
            if found and found[0]["state"] != "running":
                yield found[0]
                return
            time.sleep(0.2)
    yield {"state": "away", "why": str(begun)}


def main(arguments: Sequence[str]) -> int:
    """Run it all; 0 where nothing broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.fuzz")
    parser.add_argument("--examples", type=int, default=EXAMPLES, help="requests an operation")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="inputs a decoder")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    asked = parser.parse_args(arguments)
    sys.stderr.write(f"seed {asked.seed}\n")
    fed = decoders(asked.rounds, asked.seed)
    with (
        servers() as start,
        tempfile.TemporaryDirectory(prefix="lk-") as folder,
        standing(Path(folder), start("mariadb").new()) as house,
    ):
        knocked = socket_fed(house, asked.rounds // 10, asked.seed)
        told = requests(house, asked.examples, asked.seed)
    wrong = (*fed.wrong, *knocked.wrong, *told.wrong)
    for line in wrong:
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(
        f"fuzz: {fed.asked} inputs to {len(DECODERS)} decoders, {knocked.asked} to the keyholder, "
        f"{told.asked} requests, {len(wrong)} findings\n"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
