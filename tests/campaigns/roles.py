"""Every route with every identity against the table of roles, at a real server and keyholder.

`python -m tests.campaigns.roles` walks it at full size. Each request is one that the server's own
document describes, of a lot that is there, so that it reaches what decides; who may not is refused,
who may is not, and once the vault is shut nobody reads anything.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from schemathesis import openapi as openapi_of
from schemathesis.core.result import Ok

from server.access.roles import Right, Role, limit
from server.api import assembling, itself
from server.api.operations import AUTOMATIC, Door, Operation, Room
from server.api.watching import Watch
from server.api.ways_in import Taking
from tests.contract.writers import LOT
from tests.server.databases import servers
from tests.server.standing import Standing, standing

EXAMPLES = 12
NOT_LET_IN = frozenset({"unauthenticated", "session_ended", "forbidden", "device_unknown"})
# These end what the walk stands on: who may is tried with them at the end.
ENDING = frozenset({"lock", "sign_out"})
# What of these is refused hangs on more than who asks: how many browsers wait already, whose
# account is closed, which code an edge knows, and for which purpose a code is typed.
FORBIDDEN_OTHERWISE = frozenset({"ask_for_approval", "change_user", "enrol_edge", "confirm"})

_OURS = {"Content-Type", AUTOMATIC}  # who asks is not drawn: that is what is walked

Case = schemathesis.Case[Any]


@dataclass
class Told:
    """What was asked, and each answer that is not what the table says."""

    asked: int = 0
    wrong: list[str] = field(default_factory=list)

    def note(self, what: str) -> None:
        if what not in self.wrong:
            self.wrong.append(what)


def campaign(house: Standing, examples: int, number: int = 1) -> Told:
    """Walk the open vault, then the shut one."""
    told = Told()
    known = {one.name: one for one in operations(house)}
    described = dict(cases(house))
    for name in sorted(known.keys() ^ described.keys()):
        told.note(f"{name}: declared and described are not the same")
    with Everybody(house) as everybody:
        for name, operation in sorted(known.items()):
            _walk(everybody, operation, described[name], examples, number, told)
        _end(house, told)
        for name, operation in sorted(known.items()):
            if operation.method == "GET" and "locked" in operation.problems:
                _walk_shut(everybody, operation, described[name], number, told)
    return told


def operations(house: Standing) -> Iterator[Operation]:
    """Yield every operation, as the server's own code declares it."""
    parts, watch = house.vault.parts, Watch()
    others = assembling.rooms(parts, Taking(parts, lambda: None), watch)
    rooms: list[Room] = [itself.room(others, watch, parts.unready), *others]
    for room in rooms:
        yield from (bound.operation for bound in room.bound)


def cases(house: Standing) -> Iterator[tuple[str, Any]]:
    """Yield operations by name as the served document describes them."""
    with house.client("nobody") as client:
        document = openapi_of.from_dict(client.get("/api/v1/openapi.json").json())
    for found in document.get_all_operations():
        assert isinstance(found, Ok)
        one = found.ok()
        yield str(one.definition.raw["operationId"]), one


def may(operation: Operation, who: str) -> bool:
    """Say whether the table lets somebody in; all but the owner are of one lot."""
    access = operation.access
    if access is Door.ANYBODY:
        return who not in ("somebody unknown", "edge")  # a session that is none is said to be
    if access is Door.THIS_MACHINE:
        access = Right.ADMINISTER
    is_person = who in {role.value for role in Role}
    if isinstance(access, Right):
        return is_person and limit(Role(who), access) is not None
    if access is Door.SIGNED_IN:
        return is_person
    return who == {Door.EDGE: "edge", Door.DEVICE: "browser"}[access]


class Everybody:
    """A client each; a stream that never ends is looked at, and let go."""

    def __init__(self, house: Standing) -> None:
        self.house = house
        self._clients = {who: house.client(who) for who in house.identities}

    def __enter__(self) -> Everybody:
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients.values():
            client.close()

    def sent(self, case: Case, who: str) -> httpx.Response:
        """Put a request in somebody's name, about the lot that is there."""
        if "lot" in case.path_parameters:
            case.path_parameters["lot"] = LOT.hex()
        said = case.as_transport_kwargs(base_url=self.house.url)
        client = self._clients[who]
        request = client.build_request(
            said["method"],
            said["url"],
            params=said.get("params"),
            json=said.get("json"),
            content=said.get("data"),
            headers={name: said["headers"][name] for name in _OURS & {*(said["headers"] or {})}},
            timeout=60,
        )
        answer = client.send(request, stream=True)
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):
            answer.read()
        answer.close()
        return answer


def code(answer: httpx.Response) -> str:
    """Return the code of a refusal; nothing of what is none."""
    if answer.status_code < 400:
        return ""
    said = answer.json() if "json" in str(answer.headers.get("content-type")) else {}
    return str(said.get("type", "")).rpartition(":")[2]


def is_fault(answer: httpx.Response) -> bool:
    """Say whether an answer tells of a fault; that no edge's own API is there is none of ours."""
    return answer.status_code >= 500 and code(answer) != "edge_away"


def _walk(
    everybody: Everybody,
    operation: Operation,
    described: Any,
    examples: int,
    number: int,
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
        for who in everybody.house.identities:
            wanted = may(operation, who)
            if wanted and operation.name in ENDING:
                continue
            answer = everybody.sent(case, who)
            told.asked += 1
            if wanted and _may_not_name_plates(case, who):
                _judge_a_search(operation, who, answer, told)
            else:
                _judge(operation, who, answer, told, wanted=wanted)

    ask()


def _may_not_name_plates(case: Case, who: str) -> bool:
    if "plate" not in (case.query or {}) or who not in {role.value for role in Role}:
        return False
    return limit(Role(who), Right.SEARCH) is None


def _judge_a_search(operation: Operation, who: str, answer: httpx.Response, told: Told) -> None:
    """Who may look and not search gets nothing by a plate; another fault may be told first."""
    if is_fault(answer) or answer.status_code < 400:
        told.note(f"{operation.name} by a plate as {who}: {answer.status_code} {code(answer)}")


def _judge(
    operation: Operation, who: str, answer: httpx.Response, told: Told, *, wanted: bool
) -> None:
    found = code(answer)
    line = f"{operation.name} as {who}: {answer.status_code} {found}"
    if is_fault(answer):
        told.note(line)
    elif not wanted and found not in NOT_LET_IN:
        told.note(f"{line}, and must be refused")
    elif wanted and found in NOT_LET_IN and operation.name not in FORBIDDEN_OTHERWISE:
        told.note(f"{line}, and must be let in: {answer.json().get('detail')}")


def _end(house: Standing, told: Told) -> None:
    """Everybody signs out or shuts the vault, who may: all of them."""
    with house.client("viewer") as client:
        status = client.post("/api/v1/lock").status_code
    if status != 204:
        told.note(f"lock as viewer: {status}")
    with house.client("manager") as client:
        status = client.delete("/api/v1/sessions/own").status_code
        again = client.get("/api/v1/sessions/own").status_code
    if (status, again) != (204, 401):
        told.note(f"sign_out as manager: {status}, and then {again}")


def _walk_shut(
    everybody: Everybody, operation: Operation, described: Any, number: int, told: Told
) -> None:
    @seed(number)
    @settings(max_examples=1, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=described.as_strategy())
    def ask(case: Case) -> None:
        for who in ("owner", "attendant", "auditor", "viewer"):
            answer = everybody.sent(case, who)
            told.asked += 1
            if is_fault(answer) or (answer.status_code < 400 and not _is_empty(answer)):
                told.note(f"{operation.name} as {who} while locked: {answer.status_code}")

    ask()


def _is_empty(answer: httpx.Response) -> bool:
    """Say whether an answer shows no row: whoever asked for nothing is given nothing."""
    is_json = "json" in answer.headers.get("content-type", "")
    return is_json and answer.json().get("rows") == []


def main(arguments: Sequence[str]) -> int:
    """Run it all; 0 where every answer is what the table says."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.roles")
    parser.add_argument("--examples", type=int, default=EXAMPLES, help="requests a route")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    asked = parser.parse_args(arguments)
    sys.stderr.write(f"seed {asked.seed}\n")
    with (
        servers() as start,
        tempfile.TemporaryDirectory(prefix="lk-") as folder,
        standing(Path(folder), start("mariadb").new()) as house,
    ):
        told = campaign(house, asked.examples, asked.seed)
    for line in told.wrong:
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"roles: {told.asked} requests, {len(told.wrong)} answers are wrong\n")
    return 1 if told.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
