"""Whoever opens the vault has the newest line of the audit signed, and the leaf renewed in time."""

from __future__ import annotations

from contract import audit, signature
from contract.audit import Mark
from lot.clock import now_us
from server.running import tls_leaf
from server.running.opened import AfterOpening
from server.store import audit_lines
from tests.server.api.vaulted import Vaulted

NEARLY_OVER_US = 320 * 86_400_000_000  # of 397 days


def _after_opening(vault: Vaulted) -> AfterOpening:
    of = vault.parts
    later = now_us() + NEARLY_OVER_US
    return AfterOpening(of.settings, of.database, of.keyholder, lambda: of.audit, lambda: later)


def test_the_line_of_the_opening_is_signed_in_the_line_after_it(vault: Vaulted) -> None:
    of = vault.parts
    opened = of.database.write(lambda write: of.audit.line(write, "unlock"))

    _after_opening(vault)(vault.owner)

    with vault.database.read() as read:
        newest, *_ = audit_lines.page(read, audit_lines.Wanted(), before=None, most=1)
    assert vault.acts() == ["unlock", "mark"]
    assert newest.detail is not None
    mark = audit.detail_decoded("mark", newest.detail)
    assert isinstance(mark, Mark)
    assert mark.seq == opened.seq
    signature.check(of.trust.pack().vault_sign, mark.sig, signature.MARK, opened.head)


def test_a_leaf_that_is_nearly_over_is_made_anew_for_the_same_key(vault: Vaulted) -> None:
    places = vault.places
    key, csr = tls_leaf.request_made(("lot.local",))
    made = vault.home.keyholder.issue_leaf(vault.owner, csr)
    tls_leaf.keep(places, made.leaf, made.issuing, key)
    before = places.chain.read_bytes()

    _after_opening(vault)(vault.owner)

    assert places.chain.read_bytes() != before
    assert places.tls_key.read_bytes() == key
