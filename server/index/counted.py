"""What is counted over a range, as values: who asks for it and shows it needs no columns."""

from __future__ import annotations

from dataclasses import dataclass

from contract.event import Vehicle
from lot.errors import WrongUsage

SLICES_MAX = 1500  # a day in minutes, or two months in hours
MINUTE_US = 60_000_000


@dataclass(frozen=True, slots=True)
class Span:
    """A range of time, and how long each slice of it is."""

    first: int
    last: int
    slice_us: int = 60 * MINUTE_US

    def __post_init__(self) -> None:
        slices = -(-(self.last - self.first) // self.slice_us) if self.slice_us > 0 else 0
        if not 1 <= slices <= SLICES_MAX:
            raise WrongUsage(
                "the range cannot be cut into such slices",
                then=f"ask for 1 to {SLICES_MAX} slices, as a day in hours",
            )

    @property
    def begins(self) -> range:
        return range(self.first, self.last, self.slice_us)


@dataclass(frozen=True, slots=True)
class Slice:
    """A slice of the range; `inside` is how many cars were there when it began."""

    begins: int
    entries: int
    exits: int
    inside: int
    blind_us: int


@dataclass(frozen=True, slots=True)
class HourOfWeek:
    """Entries and exits of one hour of one weekday (0: Monday), where there were any."""

    weekday: int
    hour: int
    entries: int
    exits: int


@dataclass(frozen=True, slots=True)
class Peak:
    """When the most cars were there, the first time of several."""

    at: int
    inside: int


@dataclass(frozen=True, slots=True)
class StayCount:
    """How many stays were shorter than this, and not shorter than the one before."""

    below_us: int | None  # None: all longer ones
    number: int


@dataclass(frozen=True, slots=True)
class VehicleCount:
    """How many came in vehicles of a kind."""

    vehicle: Vehicle | None
    entries: int


@dataclass(frozen=True, slots=True)
class ReadingQuality:
    """How well a camera read in one hour of the day."""

    camera: str
    hour: int
    events: int
    unread: int
    confidence: int | None  # the mean of what was read, in thousandths


@dataclass(frozen=True, slots=True)
class Statistics:
    """A range's numbers."""

    slices: tuple[Slice, ...]
    hours: tuple[HourOfWeek, ...]
    peak: Peak | None  # None: nobody was there
    stays: tuple[StayCount, ...]
    median_stay_us: int | None
    vehicles: tuple[VehicleCount, ...]
    readings: tuple[ReadingQuality, ...]
