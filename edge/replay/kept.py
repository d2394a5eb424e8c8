"""The gate alone, on passages that were kept: last month under other settings, in seconds."""

from __future__ import annotations

from pathlib import Path

from contract.plates import formats
from edge.comparing import compared, old_rows, row_of
from edge.comparing import table as comparison_table
from edge.gate.values import PassageKey
from edge.gate.whole import final_events
from edge.outputs.tables import write_events
from edge.passage_files import kept_passages
from edge.replay.asked import OUTPUT, Asked
from edge.replay.running import TABLE, gate_settings
from edge.replay.telling import tell, tell_summary, uncounted_words
from edge.settings import TREE, Settings
from edge.sources.files import digest
from edge.sources.starts import INVENTED_YEAR
from edge.stamping import Origin, replay_ids, replayed
from lot.errors import DONE, WrongUsage
from lot.files import check_writable


def run_kept(path: Path, ask: Asked, settings: Settings) -> int:
    """Decide anew what kept passages mean; return the exit status."""
    if ask.truth:
        raise WrongUsage(
            "--truth names frames of videos, and passages have none", then="replay the videos"
        )
    kept = kept_passages(path)
    old = old_rows(ask.compare) if ask.compare else None
    output = ask.output or TREE / OUTPUT
    check_writable(output)
    # Times of the year 2000 were counted from an invented day: no recorder is that old.
    dated = all(passage.first_seen.year > INVENTED_YEAR for passage in kept.passages)
    origin = Origin(digest(path), None, dated=dated)

    def of(_: PassageKey) -> Origin:
        return origin

    # What the cameras file says now goes before what was known when the passages were kept.
    cameras = {name: settings.cameras.get(name, camera) for name, camera in kept.cameras.items()}
    chosen = formats(ask.region.split(",") if ask.region else settings.plate_formats)
    outcome = final_events(
        kept.passages, cameras, gate_settings(settings, chosen), replay_ids(of), blind=kept.blind
    )
    events = list(replayed(outcome.events, of, {}))
    for event in events:
        tell(event, settings.zone, as_json=ask.json)
    write_events(output / TABLE, events, settings.zone)
    counts: dict[str, object] = {"events": len(events), "refused": 0}
    words = [f"{len(events)} events in {output / TABLE}"]
    if outcome.uncounted:
        counts["uncounted"] = dict(outcome.uncounted)
        words += uncounted_words(outcome.uncounted)
    if old is not None:
        comparison = compared(old, [row_of(event) for event in events])
        counts["compared"] = comparison.summary()
        words += comparison_table(comparison, settings.zone)
    tell_summary(counts, words, as_json=ask.json)
    return DONE
