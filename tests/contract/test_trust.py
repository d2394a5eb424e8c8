"""Whom an edge believes: what the vault signed, and nothing that was altered or put back."""

import contextlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from contract import canonical, signature
from contract.canonical import Malformed
from contract.chain import Point
from contract.codes import Invitation, invitation
from contract.trust import (
    CAMERAS_MAX,
    CERTIFICATE,
    CERTIFICATE_BYTES_MAX,
    PACK_BYTES_MAX,
    STATEMENT,
    Certificate,
    RsaKey,
    Statement,
    certificate_decoded,
    certificate_encoded,
    pack_encoded,
    pack_invited,
    pack_own,
    statement_renewed,
)
from lot.errors import Damaged, LotError, RolledBack, WrongCode
from tests.contract import golden
from tests.contract.flips import damaged
from tests.contract.golden import Vector

VAULT = Ed25519PrivateKey.from_private_bytes(golden.key("vault_sign_seed"))
VAULT_SIGN, SERVER = golden.key("vault_public"), golden.key("server")
EDGE = golden.key("edge_public")
AN_EDGE = Certificate(SERVER, golden.key("lot"), EDGE, "edge", ("gate",), 1_800_000_000_000_000)
A_PACK = golden.named("trust pack")


def read(data: bytes) -> Certificate:
    return certificate_decoded(data, vault_sign=VAULT_SIGN, server=SERVER)


@pytest.mark.parametrize("vector", golden.of("certificate"), ids=lambda vector: vector.name)
def test_golden_certificates_are_read_and_made_again(vector: Vector) -> None:
    found = certificate_decoded(
        vector.data,
        vault_sign=bytes.fromhex(vector.context["vault_public"]),
        server=bytes.fromhex(vector.context["server"]),
    )
    assert {"writer": found.writer.hex(), "role": found.role} == vector.means
    assert certificate_encoded(found, VAULT) == vector.data


@pytest.mark.parametrize("vector", golden.of("pack"), ids=lambda vector: vector.name)
def test_golden_packs_are_read_and_made_again(vector: Vector) -> None:
    given = vector.context
    if "digest" in given:
        digest = bytes.fromhex(given["digest"])
        stated = pack_invited(vector.data, Invitation(bytes(16), digest)).statement
    else:
        pinned = bytes.fromhex(given["pinned"])
        stated = statement_renewed(vector.data, pinned=pinned, least=given["least"])
    found = {"server": stated.server.hex(), "n": stated.n, "current": stated.current.id.hex()}
    assert found == vector.means
    root = bytes.fromhex(json.loads(vector.data)["root"])
    assert pack_encoded(root, stated, VAULT) == vector.data


@pytest.mark.parametrize("vector", golden.of("code"), ids=lambda vector: vector.name)
def test_golden_codes_are_read(vector: Vector) -> None:
    found = invitation(vector.data.decode())
    assert {"secret": found.secret.hex(), "pack": found.digest.hex()} == vector.means


def test_every_kind_of_these_files_is_checked() -> None:
    kinds = {
        one["kind"]
        for name in ("trust", "slot", "keeper")
        for one in json.loads((golden.VECTORS / f"{name}.json").read_bytes())
    }
    here, enrolment = {"certificate", "pack", "code"}, {"enrolment", "welcome"}
    keeper = {"message", "keeper pack", "pair", "paired"}
    assert kinds == here | enrolment | keeper | {"slot", "vault", "sheet", "row"}


def test_a_certificate_with_anything_altered_is_refused() -> None:
    for wrong in damaged(golden.named("certificate").data):
        with pytest.raises(Damaged):
            read(wrong)


def test_a_certificate_of_another_vault_or_for_another_server_is_refused() -> None:
    data = certificate_encoded(AN_EDGE, VAULT)
    with pytest.raises(Damaged, match="another server"):
        certificate_decoded(data, vault_sign=VAULT_SIGN, server=bytes(16))
    with pytest.raises(Damaged, match="signature"):
        certificate_decoded(data, vault_sign=EDGE, server=SERVER)


@pytest.mark.parametrize(
    "change",
    [
        {"writer": "00" * 16},
        {"v": 2},
        {"v": True},
        {"lot": None},
        {"role": "owner"},
        {"role": "server"},
        {"cameras": ["gate", "gate"]},
        {"cameras": ["a\n"]},
        {"cameras": "gate"},
        {"until": {"sequence": 1}},
        {"until": {"sequence": -1, "hash": "00" * 32}},
        {"public": "00" * 32},
        {"n": -1},
        {"more": 1},
    ],
)
def test_a_signed_body_that_breaks_a_rule_is_refused(change: dict[str, object]) -> None:
    body = json.loads(golden.named("certificate").data)["body"] | change
    sig = signature.signature(VAULT, CERTIFICATE, canonical.encoded(body))
    with pytest.raises(Damaged):
        read(canonical.encoded({"body": body, "sig": sig}))


def test_a_signature_for_another_purpose_certifies_nothing() -> None:
    body = json.loads(golden.named("certificate").data)["body"]
    sig = signature.signature(VAULT, STATEMENT, canonical.encoded(body))
    with pytest.raises(Damaged, match="signature"):
        read(canonical.encoded({"body": body, "sig": sig}))


def test_a_revocation_says_what_still_counts() -> None:
    revoked = replace(AN_EDGE, until=Point(17, bytes(32)), n=AN_EDGE.n + 1)
    assert read(certificate_encoded(revoked, VAULT)) == revoked


def test_as_many_cameras_as_an_edge_may_have_fit_a_certificate() -> None:
    names = tuple(f"{number:02}" + "\U0001f697" * 62 for number in range(CAMERAS_MAX))
    full = certificate_encoded(replace(AN_EDGE, cameras=names), VAULT)
    assert len(full) <= CERTIFICATE_BYTES_MAX
    assert read(full).cameras == names
    with pytest.raises(Malformed, match="more than"):
        replace(AN_EDGE, cameras=(*names, "gate"))


def test_a_pack_is_believed_for_its_code_alone() -> None:
    code = Invitation.to(A_PACK.data, bytes(16))
    assert pack_invited(A_PACK.data, code).vault_sign == VAULT_SIGN
    for wrong in damaged(A_PACK.data, step=7):
        with pytest.raises(WrongCode):
            pack_invited(wrong, code)


def test_a_pack_with_anything_signed_altered_is_refused() -> None:
    data = A_PACK.data
    begin = data.index(b'"statement":')
    for wrong in damaged(data[begin:], step=31):
        with pytest.raises(Damaged):
            statement_renewed(data[:begin] + wrong, pinned=VAULT_SIGN, least=0)
        with pytest.raises(Damaged):
            pack_own(data[:begin] + wrong)
    assert pack_own(data).vault_sign == VAULT_SIGN


def test_a_pack_larger_than_is_fetched_is_not_parsed() -> None:
    large = A_PACK.data + bytes(PACK_BYTES_MAX)
    with pytest.raises(Damaged, match="more than"):
        pack_invited(large, Invitation.to(large, bytes(16)))


def test_a_statement_that_was_put_back_is_told_apart_from_damage() -> None:
    with pytest.raises(RolledBack, match="put back"):
        statement_renewed(A_PACK.data, pinned=VAULT_SIGN, least=1_800_000_000_000_001)
    with pytest.raises(Damaged, match="another vault"):
        statement_renewed(A_PACK.data, pinned=EDGE, least=0)


def _statement(change: Callable[[Any], object]) -> bytes:
    pack = json.loads(A_PACK.data)
    change(pack["statement"])
    sig = signature.signature(VAULT, STATEMENT, canonical.encoded(pack["statement"]))
    return canonical.encoded(pack | {"statement_sig": sig})


@pytest.mark.parametrize(
    "change",
    [
        lambda stated: stated["rsa"].pop(0),
        lambda stated: stated["rsa"][1].update(state="current"),
        lambda stated: stated["rsa"].append(stated["rsa"][1]),
        lambda stated: stated["rsa"][0].update(id="00" * 32),
        lambda stated: stated["rsa"][0].update(spki="3000"),
        lambda stated: stated["rsa"][0].update(state="new"),
        lambda stated: stated.update(server="00" * 16),
        lambda stated: stated.update(v=2),
        lambda stated: stated.update(n=-1),
        lambda stated: stated.update(rsa={}),
        lambda stated: stated.pop("n"),
    ],
)
def test_a_signed_statement_that_breaks_a_rule_is_refused(
    change: Callable[[Any], object],
) -> None:
    with pytest.raises(Damaged):
        statement_renewed(_statement(change), pinned=VAULT_SIGN, least=0)


def test_a_statement_has_one_current_key_and_two_old_ones_at_most() -> None:
    stated = pack_invited(A_PACK.data, Invitation.to(A_PACK.data, bytes(16))).statement
    current, old = stated.rsa
    for wrong in ((), (old,), (current, current), (current, old, old)):
        with pytest.raises(Malformed):
            Statement(SERVER, 1, wrong)
    assert Statement(SERVER, 1, (old, current)).current == current
    with pytest.raises(Malformed):
        RsaKey(b"no key", "current")


@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:bodysigv1', max_size=80))
def test_whatever_comes_in_only_our_error_comes_out(data: bytes | str) -> None:
    given_bytes = data.encode() if isinstance(data, str) else data
    with contextlib.suppress(LotError):
        read(given_bytes)
    with contextlib.suppress(LotError):
        statement_renewed(given_bytes, pinned=VAULT_SIGN, least=0)
    with contextlib.suppress(LotError):
        pack_invited(given_bytes, Invitation.to(given_bytes, bytes(16)))
