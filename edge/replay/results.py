"""Where a replay's results go, and what becomes of an earlier one's under the same names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from edge.sources.choosing import Input
from lot.files import unwritable

TABLE = "detected_vehicles_and_plates.csv"
FILM = "detected_vehicles_and_plates.mp4"
DETECTIONS = "detections.csv"
SNAPSHOTS = "snapshots"


def film_paths(output: Path, items: Sequence[Input]) -> list[Path]:
    """Return where each recording's film goes: of several, each into a folder of its name.

    Recordings of one name, from several folders, are told apart by a number.
    """
    if len(items) == 1:
        return [output / FILM]
    given: Counter[str] = Counter()
    taken: set[str] = set()
    paths = []
    for item in items:
        name = stem = item.path.stem
        while name in taken:
            given[stem] += 1
            name = f"{stem}-{given[stem] + 1}"
        taken.add(name)
        paths.append(output / name / FILM)
    return paths


@contextmanager
def earlier_set_aside(
    output: Path, films: Iterable[Path], say: Callable[[str], None]
) -> Iterator[None]:
    """Rename an earlier replay's films and detections, once another table than theirs stands there.

    On leaving, those that were replaced are removed, and of the others it is said what they are
    called now: nothing is lost, and nothing is taken for what it is not.
    """
    set_aside = []
    for path in dict.fromkeys((output / FILM, output / DETECTIONS, *films)):
        older = path.with_suffix(f".older{path.suffix}")
        if path.is_file():
            try:
                path.replace(older)
            except OSError as error:
                raise unwritable(older, error) from error
            set_aside.append((path, older))
    try:
        yield
    finally:
        for path, older in set_aside:
            if path.exists():
                older.unlink(missing_ok=True)
            else:
                say(f"{path} was an earlier replay's; it is now {older.name}")
