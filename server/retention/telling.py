"""What a run would take, or took, in words: a line a lot, writer and kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from server.retention.plan import Going, Key, Plan

_KINDS = {"T": "text", "P": "pictures", "A": "audit details"}


def lines(plan: Plan, names: Mapping[bytes, str], day: Callable[[int], str]) -> Iterator[str]:
    """Tell what is due; `names` are those of lots and writers."""
    if not plan.going:
        yield "nothing is due"
    for going in plan.going:
        who = f"{_name(names, going.lot)}, {_name(names, going.writer)}"
        for kind, word in _KINDS.items():
            keys = [one for one in going.keys if one.key_class == kind]
            if keys:
                yield f"{who}: {word} of {_days(keys, day)}, {len(keys)} keys"
        yield from _records(who, going)


def _records(who: str, going: Going) -> Iterator[str]:
    for run in going.runs:
        span = str(run.first) if run.first == run.last else f"{run.first} to {run.last}"
        yield f"{who}: records {span} ({run.count}) with their envelopes"


def _days(keys: list[Key], day: Callable[[int], str]) -> str:
    first, last = (day(pick(one.made for one in keys)) for pick in (min, max))
    return first if first == last else f"{first} to {last}"


def _name(names: Mapping[bytes, str], known: bytes) -> str:
    return names.get(known, known.hex()[:8])
