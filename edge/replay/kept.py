"""The gate alone, on passages that were kept: last month under other settings, in seconds."""

from __future__ import annotations

from pathlib import Path

from edge.comparing import old_rows
from edge.gate.values import PassageKey
from edge.gate.whole import final_events
from edge.outputs.tables import write_events
from edge.passage_files import kept_passages
from edge.replay.asked import OUTPUT, Asked
from edge.replay.deciding import chosen_formats, gate_settings
from edge.replay.results import TABLE, earlier_set_aside
from edge.replay.summing import Summary
from edge.replay.telling import note, tell
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
    chosen = chosen_formats(ask.region, settings)
    outcome = final_events(
        kept.passages, cameras, gate_settings(settings, chosen), replay_ids(of), blind=kept.blind
    )
    events = list(replayed(outcome.events, of, {}))
    for event in events:
        tell(event, settings.zone, as_json=ask.json)
    write_events(output / TABLE, events, settings.zone)
    with earlier_set_aside(output, (), note):  # passages have no film
        pass
    summary = Summary(events, output / TABLE, refused=0)
    summary.add_uncounted(outcome.uncounted)
    summary.add_comparison(old, settings.zone)
    summary.tell(as_json=ask.json)
    return DONE
