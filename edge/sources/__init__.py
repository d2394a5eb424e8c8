"""Where frames come from: each source is an iterator of Frame.

The rules know no more of a source than this. What a recording can say beside (how long it
is, when it began, how its reading ended) stands with the recordings.
"""

from collections.abc import Iterator
from typing import Protocol

from edge.values import Frame


class Source(Protocol):
    """A camera or a recording: frames in the order of their times, which never run backwards."""

    def __iter__(self) -> Iterator[Frame]:
        """Begin at the first frame; a recording can be begun again, a camera goes on."""
