"""What the vault signs and gives for others to believe.

Trust pack, marks, manifests, grants for edges, the leaf.
"""

from __future__ import annotations

from contract import audit, grant, manifest, signature
from lot.clock import now_us
from lot.errors import Refused, RolledBack
from server.access.roles import Right
from server.keys import authority
from server.keys.folder import read
from server.keys.holder import calls, looking
from server.keys.holder.desk import Desk
from server.keys.holder.refusals import NotAllowed
from server.keys.holder.sessions import allowed, allowed_in

_MARKS = "marks"  # among the newest versions: which line of a node was signed last


def trust_pack(desk: Desk, _: calls.Trust) -> calls.TrustPack:
    """Return what edges pin; it is public."""
    return calls.TrustPack(read(desk.folder.trust_pack), desk.founded.issuing)


def mark(desk: Desk, asked: calls.SignMark) -> calls.Signature:
    """Sign where the audit ends.

    It is asked in nobody's name: a backup marks while nobody is signed in. So what can be signed is
    bounded: one line of a number, and none before it any more. Whoever takes the web process over
    gets no other past signed.
    """
    vault, line = desk.vault, audit.decoded(asked.line)
    try:
        desk.newest.put(calls.Version.of(_MARKS, line.node, line.seq, asked.line))
    except RolledBack:
        raise Refused(
            "this line of the audit, or a later one, was signed before", then="sign the newest"
        ) from None
    head = audit.chain_next(asked.line)
    return calls.Signature(signature.signature(vault.sign, signature.MARK, head))


def signed_manifest(desk: Desk, asked: calls.SignManifest) -> calls.Signature:
    """Sign an export's manifest, which is of this server, its maker and a confirmed range."""
    vault, present = desk.vault, desk.sessions.present(asked.by)
    allowed_in(present, Right.EXPORT, asked.lot)
    said = manifest.read(asked.manifest)
    wanted = calls.Range(asked.lot, said.first, said.last)
    desk.sessions.check_begun(present.session, wanted)
    if (said.server, said.by) != (desk.founded.server, present.account.id):
        raise NotAllowed("the manifest is not of this server and person", then="export anew")
    return calls.Signature(signature.signature(vault.sign, signature.EXPORT, asked.manifest))


def edge_granted(desk: Desk, asked: calls.GrantEdge) -> calls.EdgeGranted:
    """Sign that the server may ask an edge of a lot for one work, for who may see it live.

    The edge takes it once and within a minute, so a web process that is taken over keeps nothing
    by which it could ask again when the vault is locked.
    """
    vault, present = desk.vault, desk.sessions.present(asked.by)
    allowed_in(present, Right.SEE_LIVE, asked.lot)
    rights = looking.certificate(desk, asked.certificate)
    if rights.lot != asked.lot or rights.until is not None:
        raise NotAllowed("this is no edge of the lot any more", then="look which edges it has")
    desk.pace.take(present.session.id, 1)
    made = grant.Grant(desk.founded.server, rights.writer, asked.work, asked.nonce)
    return calls.EdgeGranted(grant.signed(made, vault.sign))


def leaf(desk: Desk, asked: calls.IssueLeaf) -> calls.Leaf:
    """Sign a certificate for the server's TLS key: for who may unlock, as that is when it is due.

    The web process holds that key itself, so no code is asked for: taken over, it can pose as the
    server anyway. Names beyond the lot's own network are refused.
    """
    allowed(desk.sessions.present(asked.by), Right.UNLOCK)
    issuing = desk.founded.issuing
    made = authority.leaf_issued(
        asked.csr, issuing, desk.vault.vault.issuing, authority.utc(now_us())
    )
    return calls.Leaf(made.leaf, issuing, int(made.renew_at.timestamp()) * 1_000_000)
