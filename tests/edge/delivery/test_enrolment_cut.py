"""An enrolment is cut before any of its steps on the disk: no chain is begun twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contract import codes
from contract.codes import Invitation
from contract.digest import H
from edge.delivery.delivering import Delivery
from edge.delivery.enrolment import Enrolling, enrol
from edge.delivery.identity import Places, identity_in
from edge.delivery.settings import asked_from
from lot.settings import given_values
from tests.edge.delivery import lot
from tests.edge.delivery.serving import serving

TLS = lot.tls()
SECRET = bytes(range(16))
STEPS = ("replace", "unlink")


@contextmanager
def power_cut(before: int) -> Iterator[None]:
    """Cut before the step of this number, from 0; nothing of the enrolment is done after it."""
    done = 0

    def cut(step: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            nonlocal done
            if done >= before:
                raise KeyboardInterrupt
            done += 1
            return step(*arguments, **named)

        return counted

    with pytest.MonkeyPatch.context() as patch:
        for name in STEPS:
            patch.setattr(Path, name, cut(getattr(Path, name)))
        yield


def _puts(asked: Enrolling, number: int) -> int:
    """Put an event as the gate does after a start; return its number."""
    identity = identity_in(asked.places)
    values = given_values({}, asked.env_file)
    found = asked_from({**values, "LOT_EDGE_FOLDER": str(asked.places.folder)}, identity)
    with closing(Delivery(found, identity)) as delivery:
        return delivery.put(lot.an_event(number), {})


def test_whenever_an_enrolment_anew_is_cut_each_chain_goes_on_or_is_put_aside_whole(
    tmp_path: Path,
) -> None:
    with serving(tmp_path / "server", TLS) as server:
        (server.folder / "invitation").write_bytes(SECRET)
        code = codes.invitation_text(Invitation.to(lot.pack(TLS.root), SECRET))
        cuts = 0
        while _is_cut(tmp_path / str(cuts), f"{code}@127.0.0.1:{server.port}", cuts):
            cuts += 1
    assert cuts > len(STEPS)


def _is_cut(folder: Path, code: str, cut: int) -> bool:
    """Enrol, then enrol anew but for a cut, and check what is there; say whether it was cut."""
    asked = Enrolling(code, "gate box", Places(folder / "edge"), folder / ".env")
    first = enrol(asked)
    assert _puts(asked, 1) == 1
    key = H(asked.places.signing_key.read_bytes()).hex()
    aside = asked.places.folder / f"outbox-{key[:12]}.sqlite3"
    was_cut = False
    with power_cut(cut):
        try:
            enrol(replace(asked, is_anew=True))
        except KeyboardInterrupt:
            was_cut = True
    if asked.places.enrolled.exists():
        is_first = identity_in(asked.places).edge == first.edge
        assert _puts(asked, 2) == (2 if is_first else 1)
    enrol(replace(asked, is_anew=True))
    assert _puts(asked, 3) == 1
    with closing(sqlite3.connect(aside)) as put_aside:
        assert put_aside.execute("SELECT min(sequence) FROM records").fetchone() == (1,)
    return was_cut
