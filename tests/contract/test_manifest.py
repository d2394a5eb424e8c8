"""An export's manifest: signed by the vault, and its files are those that it names."""

from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from contract import canonical, manifest, signature
from contract.audit import AuditHead
from contract.canonical import Malformed
from contract.manifest import ExportFile, Manifest, export_file
from lot.errors import Damaged
from tests.contract import golden

VAULT = Ed25519PrivateKey.from_private_bytes(golden.key("vault_sign_seed"))
PUBLIC = signature.public_half(VAULT)
FILES = (export_file("a.csv", b"id,at\n"), export_file("b.mp4", b"film"))
A_MANIFEST = Manifest(
    server=golden.key("server"),
    made=9,
    by=golden.key("person"),
    rows=2,
    first=None,
    last=8,
    files=FILES,
    notes=("times are in the lot's zone",),
    audit=AuditHead(golden.key("node"), 3, bytes(32)),
)


@settings(max_examples=30)
@given(
    st.dictionaries(
        st.from_regex(r"[a-zä0-9 -]{1,9}\.(csv|mp4|jpg)", fullmatch=True),
        st.binary(max_size=9),
        max_size=4,
    ),
    st.lists(
        st.from_regex(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,50}", fullmatch=True), max_size=3
    ),
)
def test_a_manifest_comes_back_from_what_was_signed(
    contents: dict[str, bytes], notes: list[str]
) -> None:
    files = tuple(export_file(name, content) for name, content in sorted(contents.items()))
    made = replace(A_MANIFEST, files=files, notes=tuple(notes))
    found = manifest.opened(manifest.signed(made, VAULT), PUBLIC)
    assert found == made
    manifest.check_files(found, {one.name: one for one in files})


def test_every_flipped_byte_and_every_cut_is_refused() -> None:
    data = manifest.signed(A_MANIFEST, VAULT)
    for at in range(len(data)):
        flipped = data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :]
        for torn in (flipped, data[:at]):
            with pytest.raises(Damaged):
                manifest.opened(torn, PUBLIC)


@given(st.binary(max_size=200))
def test_whatever_comes_in_only_our_error_comes_out(data: bytes) -> None:
    with pytest.raises(Damaged):
        manifest.opened(data, PUBLIC)
    as_signed = signature.signed(VAULT, signature.EXPORT, data + b"}")
    with pytest.raises(Damaged):
        manifest.opened(as_signed, PUBLIC)


def test_another_key_and_another_purpose_are_refused() -> None:
    thief = Ed25519PrivateKey.from_private_bytes(b"\x66" * 32)
    with pytest.raises(Damaged, match="signature"):
        manifest.opened(manifest.signed(A_MANIFEST, thief), PUBLIC)
    message = manifest.signed(A_MANIFEST, VAULT)[:-64]
    with pytest.raises(Damaged, match="signature"):
        manifest.opened(signature.signed(VAULT, signature.MARK, message), PUBLIC)


def test_files_that_are_missing_altered_or_too_many_are_told() -> None:
    whole = {one.name: one for one in FILES}
    manifest.check_files(A_MANIFEST, whole)
    for wrong in (
        {"a.csv": FILES[0]},
        whole | {"a.csv": export_file("a.csv", b"id,at\n ")},
        whole | {"a.csv": replace(FILES[0], size=7)},
        whole | {"c.csv": export_file("c.csv", b"")},
    ):
        with pytest.raises(Damaged):
            manifest.check_files(A_MANIFEST, wrong)


@pytest.mark.parametrize(
    "change",
    [
        {"files": FILES[::-1]},
        {"files": FILES[:1] * 2},
        {"notes": ("a\nb",)},
        {"notes": ("",)},
        {"notes": ("x",) * 65},
        {"rows": -1},
        {"first": -1},
        {"made": True},
        {"by": bytes(15)},
    ],
    ids=str,
)
def test_a_manifest_that_breaks_a_rule_cannot_be_made(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        replace(A_MANIFEST, **change)


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "a/b", "a\\b", "a\nb", "x" * 101])
def test_a_file_lies_in_no_folder_and_is_not_hidden(name: str) -> None:
    with pytest.raises(Malformed):
        ExportFile(name, 1, bytes(32))


@pytest.mark.parametrize("field", ["v", "server", "files", "notes", "audit", "first"])
def test_a_signed_manifest_without_a_field_is_refused(field: str) -> None:
    value = canonical.decoded(manifest.signed(A_MANIFEST, VAULT)[:-64], bytes_max=9999)
    del value[field]
    data = signature.signed(VAULT, signature.EXPORT, canonical.encoded(value))
    with pytest.raises(Damaged, match="missing"):
        manifest.opened(data, PUBLIC)
