"""A report in words, a line each: what a person reads and an auditor files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from contract.chain import Finding
from contract.digest import H
from server.verify.report import Erasure, NodeFound, Report, WriterFound

Times = Callable[[int], str]  # microseconds since 1970, as the lot's clock shows them

_MINUTE = 60_000_000


def lines(report: Report, time: Times) -> Iterator[str]:
    """Tell a report to a person."""
    yield f"server {report.server.hex()}, looked at on {time(report.made)}"
    yield f"vault signing key {_in_fours(H(report.vault_sign).hex())} (compare it with the sheet)"
    for writer in report.writers:
        yield from _writer(writer, report.made, time)
    for node in report.nodes:
        yield from _node(node)
    yield from report.rows
    yield from report.notes
    if report.opened is not None:
        yield f"opened: {report.opened} parts"
    if report.is_whole:
        yield "nothing missing, nothing altered"
    else:
        yield "DAMAGE, see above: keep this report, and the disk as it is, for who looks into it"


def _writer(found: WriterFound, now: int, time: Times) -> Iterator[str]:
    who = f"{found.role} {found.name}"
    yield (
        f"{who} ({found.writer.hex()}): {found.records} records up to {found.newest}, "
        f"{found.tombstones} tombstones, {found.erased_records} erased"
    )
    for erasure in (one for one in found.erasures if not one.early):
        yield f"{who}: {_erased(erasure, time)}"
    for erasure in (one for one in found.erasures if one.early):
        yield f"{who}: BEFORE IT WAS DUE, {_erased(erasure, time)}"
    yield from _findings(who, found.findings, found.findings_more)
    yield f"{who}: {_uncovered(found, now, time)}"


def _erased(erasure: Erasure, time: Times) -> str:
    what = f"{len(erasure.keys)} keys"
    if erasure.first is not None:
        what = f"records {_run(erasure.first, erasure.last)} ({erasure.count}), {what}"
    keys = "".join(f" {key.hex()[:16]}" for key in erasure.keys) if erasure.early else ""
    signed = f"{erasure.by.hex()[:8]}/{erasure.sequence}"
    return f"erased on {time(erasure.at)}: {what}{keys}, signed {signed}"


def _uncovered(found: WriterFound, now: int, time: Times) -> str:
    """Say what could be cut unseen: the newest that no later record and no hourly low names."""
    if found.newest_at is None:
        return "no record is there"
    if found.low >= found.newest:
        return "all of it is named in the audit"
    since = found.low_at if found.low_at is not None else found.newest_at
    return (
        f"records after {found.newest} could have been cut unseen; the audit last saw it whole up "
        f"to {found.low}, {max(0, now - since) // _MINUTE} minutes ago ({time(since)})"
    )


def _node(found: NodeFound) -> Iterator[str]:
    who = f"audit {found.node.hex()[:8]}"
    marked = f"signed by the vault up to {found.mark}" if found.mark else "never signed"
    yield f"{who}: {found.seq} lines, {marked}"
    if found.restored_from is not None:
        yield f"{who}: follows {found.restored_from.hex()[:8]}, which a restore ended"
    for lost in found.lost:
        yield f"{who}: LOST at the restore, line {lost.seq} with head {lost.head.hex()}"
    yield from _findings(who, found.findings, found.findings_more)


def _findings(who: str, found: Iterable[Finding], more: int) -> Iterator[str]:
    for one in found:
        yield f"{who}: {_run(one.first, one.last)}: {one.what}"
    if more:
        yield f"{who}: and {more} more findings"


def _run(first: int, last: int | None) -> str:
    return str(first) if last in (None, first) else f"{first} to {last}"


def _in_fours(text: str) -> str:
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))
