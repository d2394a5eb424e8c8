"""Every byte of records flipped, rows and columns swapped: nothing of it may pass.

`python -m tests.campaigns.tamper` flips each byte of 200 records, of their signatures and of their
sealed parts, and swaps 10,000 times a column between two rows, a file for another, or a part under
another record; each must be refused when opened, or found by `verify`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import Pool
from random import Random
from typing import Any

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.exc import IntegrityError

from contract import opening, sealing
from contract.record import Record
from lot.errors import Damaged
from server.store import tables
from tests.contract.writers import Writer
from tests.server.verify.filled import Filled

RECORDS, SWAPS = 200, 10_000

# What the server notes for itself and nobody signs; it decides nothing about what is shown.
UNSIGNED = frozenset(
    {
        ("records", "received"),
        ("records", "bytes"),
        ("wraps", "received"),
        ("pictures", "received"),
        ("pictures", "size"),
        ("writers", "name"),
        ("writers", "made"),
        ("writers", "closed"),
        ("writers", "state_key"),
        ("writers", "day_bytes_max"),
        ("writers", "stamp"),
        ("writers", "stamp"),
        ("writers", "api"),
    }
)
SIGNED = (
    tables.records,
    tables.parts,
    tables.texts,
    tables.wraps,
    tables.audit_lines,
    tables.writers,
)


@dataclass(frozen=True)
class Told:
    """What a campaign did, and what passed that must not."""

    flips: int
    swaps: int
    passed: tuple[str, ...]


def campaign(records: int, swaps: int, *, step: int, seed: int, workers: int) -> Told:
    """Flip every `step`th byte, and swap; say what was not refused."""
    passed: list[str] = []
    flips = 0
    with Pool(workers) as pool:
        for count, found in pool.imap_unordered(_flipped, [(n, step) for n in range(records)]):
            flips += count
            passed += found
        shares = [(swaps // workers, seed + n) for n in range(workers)]
        for found in pool.imap_unordered(_swapped, shares):
            passed += found
    return Told(flips, swaps // workers * workers, tuple(passed))


def _flipped(asked: tuple[int, int]) -> tuple[int, list[str]]:
    number, step = asked
    random = Random(number)  # noqa: S311 - to be repeated, not to be secret
    writer = Writer()
    made = writer.an_event({"plate": random.randbytes(700)})
    sealed = writer.sealed(made)
    assert opening.opened(made.signed, writer.rights, sealed, writer.prk_of).says is not None
    passed: list[str] = []
    count = 0
    for at, wrong in _flips(made.signed, step, random):
        count += 1
        if _opens(writer, wrong, sealed):
            passed.append(f"record {number}: byte {at} of envelope or signature")
    for name, part in sealed.items():
        for at, wrong in _flips(part, step, random):
            count += 1
            if _opens(writer, made.signed, sealed | {name: wrong}):
                passed.append(f"record {number}: byte {at} of {name}")
            if _unseals(writer, made, name, wrong):
                passed.append(f"record {number}: byte {at} of {name}, its hash not looked at")
    return count, passed


def _flips(whole: bytes, step: int, random: Random) -> Iterator[tuple[int, bytes]]:
    for at in range(random.randrange(step), len(whole), step):
        yield at, whole[:at] + bytes([whole[at] ^ random.randrange(1, 256)]) + whole[at + 1 :]


def _opens(writer: Writer, signed: bytes, sealed: dict[str, bytes]) -> bool:
    try:
        opening.opened(signed, writer.rights, sealed, writer.prk_of)
    except Damaged:
        return False
    return True


def _unseals(writer: Writer, made: Record, name: str, part: bytes) -> bool:
    """Open a part as if its hash were not in the envelope: the seal itself must hold."""
    key = writer.found[writer.wraps[sealing.class_of(name)].key_id].key
    try:
        clear = sealing.read(part, name=name)
        prk = sealing.prk_of(key, clear.nonce)
        sealing.opened(part, prk, head_hash=made.head.hash, name=name)
    except Damaged:
        return False
    return True


def house() -> Filled:
    """Return a server of a few days, each table with rows to swap."""
    made = Filled()
    for n in range(3):
        made.new_day(made.edge, made.edge.wraps["T"].made + n)
        made.events(8)
        made.line("sign_in")
        made.marked()
    other = Writer(b"\x66" * 32)
    made.certify("exit", other)
    for n in range(6):
        made.put(other.an_event({"plate": b"other %d" % n}), other)
    assert made.verified().is_whole
    return made


def _swapped(asked: tuple[int, int]) -> list[str]:
    swaps, seed = asked
    random = Random(seed)  # noqa: S311 - to be repeated, not to be secret
    made = house()
    made.db.commit()
    passed: list[str] = []
    for _ in range(swaps):
        what = random.choice([_swap_column, _swap_column, _swap_column, _swap_file])(made, random)
        if what is not None and made.verified().is_whole:
            passed.append(f"seed {seed}: {what}")
        made.db.rollback()
    return passed


def _swap_column(made: Filled, random: Random) -> str | None:
    """Swap a column between two rows; None where the database itself refused, or they are alike."""
    table = random.choice(SIGNED)
    columns = [c.name for c in table.columns if (table.name, c.name) not in UNSIGNED]
    column = random.choice(columns)
    rows = made.db.execute(select(table)).all()
    one, other = (dict(row._mapping) for row in random.sample(rows, 2))
    before = _signed(table, one, other)
    for row in (one, other):
        made.db.execute(delete(table).where(*_key(table, row)))
    one[column], other[column] = other[column], one[column]
    if _signed(table, one, other) == before:
        return None  # the two are rolled back
    try:
        made.db.execute(insert(table), [one, other])
    except IntegrityError:
        return None
    return f"{table.name}.{column} between two rows"


def _signed(table: Table, *rows: dict[str, Any]) -> set[tuple[Any, ...]]:
    """Return what is signed of rows: two that are alike in all of it can be swapped for nothing."""
    names = [c.name for c in table.columns if (table.name, c.name) not in UNSIGNED]
    return {tuple(row[name] for name in names) for row in rows}


def _swap_file(made: Filled, random: Random) -> str | None:
    """Let a file stand in another one's place, until the walk is over."""
    kept = random.choice([made.wraps, made.pictures])
    one, other = random.sample(list(kept.files), 2)
    files = dict(kept.files)
    kept.files[one], kept.files[other] = kept.files[other], kept.files[one]
    is_whole = made.verified().is_whole
    kept.files = files
    if is_whole:
        raise AssertionError("a file stands in another one's place unseen")
    return None


def _key(table: Table, row: dict[str, Any]) -> list[Any]:
    return [column == row[column.name] for column in table.primary_key.columns]


def main(arguments: Sequence[str]) -> int:
    """Run at full size, or as asked; 1 where anything passed."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.tamper")
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--swaps", type=int, default=SWAPS)
    parser.add_argument("--step", type=int, default=1, help="flip every so manieth byte")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args(arguments)
    told = campaign(
        asked.records, asked.swaps, step=asked.step, seed=asked.seed, workers=asked.workers
    )
    for line in told.passed:
        sys.stdout.write(f"PASSED: {line}\n")
    sys.stdout.write(
        f"tamper: {told.flips} bytes flipped in {asked.records} records, {told.swaps} swaps, "
        f"{len(told.passed)} passed\n"
    )
    return 1 if told.passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
