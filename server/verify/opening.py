"""Every part of every record tried through the keyholder: what the walk without keys cannot see.

The walk has shown that the sealed bytes are those that were signed. This shows that they still
open, and that what is inside agrees with what stands outside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from server.keys.holder import calls
from server.keys.holder.calls import Caller, OpenedRecord
from server.records.sealed import Shelf, every_record, everything
from server.verify.report import FINDINGS_MAX, Report

Open = Callable[[calls.Open], tuple[OpenedRecord, ...]]


@dataclass(frozen=True, slots=True)
class Tried:
    """How many parts opened, and what did not."""

    parts: int
    faults: tuple[str, ...]


def tried(read: Connection, shelf: Shelf, keyholder: Open, by: Caller, reason: str | None) -> Tried:
    """Open every record that has parts, a batch at a time; nothing of it is kept."""
    parts = 0
    faults: list[str] = []
    for batch in shelf.batches(read.execute(every_record()), everything):
        sealed = tuple(one.sealed for one in batch)
        answers = keyholder(calls.Open(by, sealed, reason))
        for lying, answer in zip(batch, answers, strict=True):
            parts += len(answer.contents)
            left_out = lying.sealed.parts.keys() - answer.contents.keys()
            if answer.fault is not None or left_out:
                why = answer.fault or f"{', '.join(sorted(left_out))} not shown"
                faults.append(f"record {lying.sequence} of {lying.writer.hex()}: {why}")
    return Tried(parts, tuple(faults))


def with_opened(report: Report, found: Tried) -> Report:
    """Return the report with what opening found."""
    return replace(report, opened=found.parts, rows=(*report.rows, *_at_most(found.faults)))


def _at_most(faults: tuple[str, ...]) -> Iterator[str]:
    yield from faults[:FINDINGS_MAX]
    if len(faults) > FINDINGS_MAX:
        yield f"and {len(faults) - FINDINGS_MAX} more records that do not open"
