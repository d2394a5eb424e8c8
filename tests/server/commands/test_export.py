"""Exports at the console: a fresh code, a place that is not the card, and a ZIP that is signed."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from contract import trust
from lot.errors import DONE, LOCKED, WRONG_USAGE
from lot.times import local_text, moment
from server.access.roles import Role
from server.exports.package import checked
from tests.contract.writers import AN_EVENT, NOON
from tests.server.commands.console import Console, event_of

HOUR = 3_600_000_000
ASKED = ("--reason", "the insurer asks")


@pytest.fixture
def filled(console: Console) -> Console:
    vault = console.vault
    vault.keep(vault.edge.an_event({"plate": b"no picture at all"}), vault.edge.an_event())
    return console


def exported(console: Console, *words: str) -> tuple[zipfile.ZipFile, str]:
    """Export into a pipe, and return what came out with what was said."""
    pipe = console.pipe()
    code = ("--fresh-code-file", console.fresh_code())
    status, _, talk = console.owner("export", *words, "--to", pipe.path, *code)
    data = pipe.octets()
    assert status == DONE, talk
    path = console.folder / "export.zip"
    path.write_bytes(data)
    checked(str(path), trust.pack_own(console.vault.home.founding.trust_pack).vault_sign)
    return zipfile.ZipFile(io.BytesIO(data)), talk


def text(at: int) -> str:
    return local_text(moment(at), moment(at).tzinfo)[:16].replace("T", " ")  # type: ignore[arg-type]  # aware


def test_tables_of_a_range_are_signed_and_the_reason_is_audited(filled: Console) -> None:
    range_ = ("--from", text(NOON - HOUR), "--until", text(NOON + HOUR))
    package, _ = exported(filled, "tables", *range_, *ASKED)
    assert package.read("events.csv").count(b"\n") == 3
    assert package.read("visits.csv").count(b"\n") > 1
    assert filled.vault.acts()[-2:] == ["confirm", "export"]
    later = ("--from", text(NOON + HOUR), "--until", text(NOON))
    status, _, talk = filled.owner("export", "tables", *later, *ASKED, "--to", "/run/no.zip")
    assert (status, "not after" in talk) == (WRONG_USAGE, True)


def test_film_and_crops_come_out_of_the_same_range(filled: Console) -> None:
    package, _ = exported(filled, "crops", *ASKED)
    assert {"crops.csv", "manifest.lkm"} <= set(package.namelist())


def test_a_pack_holds_exact_matches_and_names_the_doubtful(filled: Console) -> None:
    vault, plate = filled.vault, AN_EVENT.plate
    assert plate is not None
    near = event_of(vault.edge, plate[:-1] + ("8" if plate[-1] != "8" else "B"))
    vault.keep(near)
    package, talk = exported(filled, "subject", plate, "--ground", "they asked in writing")
    assert package.read("events.csv").count(b"\n") == 3
    assert f"{near.head.id} may be this plate's" in talk


def test_nothing_leaves_without_a_fresh_code_nor_onto_the_card(filled: Console) -> None:
    old = filled.file("old", "000000")
    pipe = filled.pipe()
    words = ("export", "tables", *ASKED, "--to", pipe.path, "--fresh-code-file", str(old))
    assert filled.owner(*words)[0] == LOCKED
    assert pipe.octets() == b""
    status, _, talk = filled.owner("export", "film", *ASKED, "--to", str(filled.folder / "a.zip"))
    assert (status, "server's own disk" in talk) == (WRONG_USAGE, True)
    assert not Path(filled.folder / "a.zip").exists()


def test_crops_are_an_owners_to_give_away(filled: Console) -> None:
    manager = str(filled.file("manager", filled.vault.person("Ma", Role.MANAGER).token))
    words = ("export", "crops", *ASKED, "--to", "/run/crops.zip", "--session", manager)
    assert filled.do(*words)[0] == LOCKED
