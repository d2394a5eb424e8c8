"""Edges are changed and enrolled by several at once, and by who ends before the last step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from lot.errors import Refused
from server.edges.enrolling import Enrolling
from server.edges.register import Edge, Edges
from server.keys.holder import calls
from server.keys.holder.client import Keyholder
from server.refusals import Changed
from server.running import settling
from server.store import writers
from tests.contract.writers import LOT, Writer
from tests.server.api.vaulted import Vaulted
from tests.server.keys.holder.edges import request


@dataclass(frozen=True, slots=True)
class Between(Keyholder):
    """The keyholder of a process that is held up between its answer and the commit."""

    meanwhile: Callable[[], object] = tuple

    def certify(self, asked: calls.Certify | calls.CertifyServer) -> calls.Certified:
        made = Keyholder.certify(self, asked)
        self.meanwhile()
        return made


class Cut(Keyholder):
    """The keyholder of a process that ends between commit and confirmation."""

    def confirm_versions(self, versions: tuple[calls.Version, ...]) -> None:
        raise KeyboardInterrupt


def _edges(vault: Vaulted) -> Edges:
    of = vault.parts
    return Edges(of.database, of.keyholder, of.trust, of, of.wall.now_us)


def _held_up(vault: Vaulted, meanwhile: Callable[[], object]) -> Edges:
    return replace(_edges(vault), keyholder=Between(vault.home.keyholder.socket, meanwhile))


def _only(edges: Edges) -> Edge:
    (edge,) = edges.every()
    return edge


def _opens(vault: Vaulted, certificate: bytes | None = None) -> bool:
    """Say whether the keyholder opens a record under a certificate, else the one that lies there.

    The record is a new one, which no certificate that says an edge was sent away lets through.
    """
    made = vault.edge.an_event()
    wraps = tuple(one.data for one in vault.edge.wraps.values())
    certificate = certificate or _only(_edges(vault)).row.certificate
    sealed = calls.SealedRecord(made.signed, certificate, wraps, vault.edge.sealed(made))
    (opened,) = vault.home.keyholder.open(calls.Open(vault.owner, (sealed,)))
    return opened.fault is None


def test_an_edge_stays_readable_where_who_changes_it_too_ends_before_the_commit(
    vault: Vaulted,
) -> None:
    edges = _edges(vault)
    known = _only(edges)
    other = calls.Certify(vault.owner, known.row.certificate, (*known.rights.cameras, "yard"), None)

    slow = _held_up(vault, lambda: vault.home.keyholder.certify(other))  # and its end
    slow.add_cameras(vault.owner, known, ["south"])

    assert _only(edges).rights.cameras[-1] == "south"
    assert _opens(vault)
    edges.add_cameras(vault.owner, _only(edges), ["yard"])
    assert _opens(vault)


def test_who_adds_a_camera_does_not_let_an_edge_in_again_that_was_sent_away(
    vault: Vaulted,
) -> None:
    edges = _edges(vault)
    known = _only(edges)
    slow = _held_up(vault, lambda: edges.revoke(vault.owner, known))

    with pytest.raises(Changed):
        slow.add_cameras(vault.owner, known, ["yard"])

    assert _only(edges).rights.until is not None
    assert vault.acts()[-1] == "edge_revoked"


def test_of_two_certificates_of_one_number_only_the_one_that_was_kept_opens_anything(
    vault: Vaulted,
) -> None:
    edges, stolen = _edges(vault), list[bytes]()
    known = _only(edges)
    other = calls.Certify(vault.owner, known.row.certificate, (*known.rights.cameras, "yard"), None)

    def make_another() -> None:
        stolen.append(vault.home.keyholder.certify(other).certificate)

    _held_up(vault, make_another).add_cameras(vault.owner, known, ["south"])

    assert _opens(vault)
    assert not _opens(vault, stolen[0])
    assert not _opens(vault, known.row.certificate)


def _revoked_by_who_ends_before_it_is_confirmed(vault: Vaulted) -> Edge:
    """Return the edge as it was before."""
    before = _only(_edges(vault))
    cut = replace(_edges(vault), keyholder=Cut(vault.home.keyholder.socket))
    with pytest.raises(KeyboardInterrupt):
        cut.revoke(vault.owner, before)
    assert _opens(vault, before.row.certificate)
    return before


def test_a_revocation_that_is_said_again_holds_where_its_confirmation_was_lost(
    vault: Vaulted,
) -> None:
    before = _revoked_by_who_ends_before_it_is_confirmed(vault)
    edges = _edges(vault)
    until = _only(edges).rights.until
    edges.revoke(vault.owner, _only(edges))
    assert not _opens(vault, before.row.certificate)
    assert _only(edges).rights.until == until
    assert vault.acts().count("edge_revoked") == 1


def test_a_revocation_whose_confirmation_was_lost_is_settled_by_a_look_at_it(
    vault: Vaulted,
) -> None:
    before = _revoked_by_who_ends_before_it_is_confirmed(vault)
    assert not _opens(vault)
    assert not _opens(vault, before.row.certificate)


def test_a_revocation_whose_confirmation_was_lost_is_settled_by_the_server_itself(
    vault: Vaulted,
) -> None:
    before = _revoked_by_who_ends_before_it_is_confirmed(vault)
    assert settling.settled(vault.database, vault.home.keyholder) == 1
    assert not _opens(vault, before.row.certificate)
    assert settling.settled(vault.database, vault.home.keyholder) == 0


def test_what_is_revoked_is_not_moved_to_a_later_record(vault: Vaulted) -> None:
    edges = _edges(vault)
    edges.revoke(vault.owner, _only(edges))
    row, rights = _only(edges).row, _only(edges).rights
    assert rights.until is not None
    later = replace(rights.until, sequence=rights.until.sequence + 5)
    with pytest.raises(Refused, match="stays revoked"):
        vault.home.keyholder.certify(
            calls.Certify(vault.owner, row.certificate, rights.cameras, later)
        )


def test_what_comes_while_an_edge_is_sent_away_was_acknowledged_and_counts(vault: Vaulted) -> None:
    edges, late = _edges(vault), vault.edge.an_event()
    coming = iter((late,))
    _held_up(vault, lambda: vault.keep(*coming)).revoke(vault.owner, _only(edges))
    until = _only(edges).rights.until
    assert until is not None
    assert until.sequence == late.head.sequence


def test_a_key_is_enrolled_once_also_where_the_confirmation_was_lost(vault: Vaulted) -> None:
    of, edge = vault.parts, Writer(seed=b"\x22" * 32)

    def enrol(keyholder: Keyholder) -> None:
        code = vault.home.keyholder.invite(calls.Invite(vault.owner, LOT, ("gate",))).code
        asked, _ = request(vault.home, code, edge)
        enrolling = Enrolling(of.database, keyholder, of, lambda: of.audit, of.wall.now_us)
        enrolling.enrolled(asked)

    with pytest.raises(KeyboardInterrupt):
        enrol(Cut(vault.home.keyholder.socket))
    with pytest.raises(Refused, match="enrolled already"):
        enrol(vault.home.keyholder)

    with vault.database.read() as read:
        row = writers.found(read, edge.id)
    assert row is not None
    vault.home.keyholder.certify(calls.Certify(vault.owner, row.certificate, ("gate",), None))
