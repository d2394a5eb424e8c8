"""Of the plates found on one vehicle one is its own; others are told only if strongly read."""

from __future__ import annotations

from edge.mounted import Mounted, Plate, mounted
from edge.values import Look, Reading
from edge.voting import NO_FORMATS
from tests.edge.reader_with_noise import look_at
from tests.edge.traffic import at


def plate(first: float, last: float, *reads: tuple[str, float], width: float = 100.0) -> Plate:
    """A plate seen from first to last, with these texts, each as sure a character."""
    found = Plate(at(first), at(last))
    looks = [
        look_at(Reading(text, (sure,) * len(text), ((),) * len(text), "crnn"), number, width)
        for number, (text, sure) in enumerate(reads)
    ]
    found.add(looks, NO_FORMATS)
    return found


def texts(of: Mounted) -> set[str]:
    return {look.reading.text for look in of.looks}


STRONG = (("TRK1234", 0.995),) * 3


def test_no_plate_and_no_reading_are_nothing() -> None:
    assert mounted([]) == Mounted()
    assert mounted([Plate(at(0), at(1))]) == Mounted()


def test_the_widest_of_strong_plates_is_the_vehicle_s_and_the_rest_are_others() -> None:
    trailer = plate(0, 5, *[("TRL5678", 0.995)] * 3, width=60)
    found = mounted([trailer, plate(0, 5, *STRONG, width=90)])
    assert texts(found) == {"TRK1234"}
    assert [text for text, _ in found.others] == ["TRL5678"]


def test_a_plate_seen_twice_in_turn_is_one_plate_also_where_one_sight_misread_it() -> None:
    again = plate(6, 9, ("TRK1284", 0.8))
    found = mounted([plate(0, 5, *STRONG), again])
    assert texts(found) == {"TRK1234", "TRK1284"}
    assert found.others == ()


def test_a_weak_text_beside_the_plate_in_one_picture_is_neither_vote_nor_other_plate() -> None:
    sticker = plate(0, 5, ("DEALER", 0.8))
    found = mounted([plate(0, 5, *STRONG), sticker])
    assert texts(found) == {"TRK1234"}
    assert found.others == ()


def test_two_strong_plates_that_differ_by_one_character_are_two() -> None:
    other = plate(6, 9, *[("TRK1284", 0.995)] * 3)
    found = mounted([plate(0, 5, *STRONG), other])
    assert len(found.others) == 1


def test_of_weak_plates_that_of_which_most_was_read_is_the_vehicle_s() -> None:
    glimpse = plate(0, 1, ("T57", 0.55))
    long = plate(2, 6, *[("TA96886", 0.75), ("TAK96886", 0.7), ("YA96886", 0.72)] * 3)
    assert long.voted is not None
    assert "T57" not in texts(mounted([glimpse, long]))


def test_the_looks_kept_are_ten_at_most_and_in_the_order_of_time() -> None:
    many = [plate(i, i + 0.5, *[("TRK1234", 0.9)] * 4) for i in range(6)]
    looks: tuple[Look, ...] = mounted(many).looks
    assert len(looks) == 10
    assert [look.at for look in looks] == sorted(look.at for look in looks)
