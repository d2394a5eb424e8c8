"""A plate's text: spelled the same everywhere, and judged by the formats that a lot chose."""

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.plates import (
    ALPHABET,
    LENGTH_MAX,
    Formats,
    confusable,
    confusables,
    fitting,
    formats,
    normalise,
    regions,
    spelled,
)
from lot.errors import WrongUsage

CONSONANTS = "BCDFGHJKLMNPRSTVWXYZ"
TEXAS = formats(["us-tx", "us"])


def certain(text: str) -> list[list[tuple[str, float]]]:
    return [[(c, 0.99)] for c in text]


@given(st.text(max_size=400))
def test_normalising_gives_few_plain_characters_and_twice_is_once(text: str) -> None:
    once = normalise(text)
    assert len(once) <= LENGTH_MAX
    assert set(once) <= set(ALPHABET)
    assert normalise(once) == once


@given(st.text(alphabet=ALPHABET, max_size=LENGTH_MAX), st.sampled_from(" -.·•–—'\t_/★"))
def test_case_and_separators_do_not_matter(text: str, separator: str) -> None:
    assert normalise(separator.join(text.lower())) == text


@pytest.mark.parametrize(
    ("typed", "plate"),
    [
        ("abc-1234", "ABC1234"),
        ("浙A·8254S", "A8254S"),  # the province sign falls away
        ("М 452 ТК 77", "M452TK77"),  # Cyrillic letters, all of them
        ("ΑΒΖ-1234", "ABZ1234"),  # Greek letters
        ("٣٤٥ ABC", "345ABC"),  # Arabic-Indic digits
        ("۱۲ABC", "12ABC"),  # those of Iran
        ("ＫＬ３１", "KL31"),  # full-width forms
        ("M-ÜX 12", "MUX12"),  # accents fall away
        ("ØSTLO 1", "OSTLO1"),
        ("", ""),
        ("★ · -", ""),
    ],
)
def test_a_plate_is_spelled_the_same_however_it_was_typed(typed: str, plate: str) -> None:
    assert normalise(typed) == plate


def test_a_hostile_text_is_not_read_to_its_end() -> None:
    assert normalise("A" * 10_000_000) == "A" * LENGTH_MAX
    assert normalise("\ufdfa" * 1_000_000 + "A") == ""  # each is eighteen characters in NFKC


def test_every_script_has_its_digits() -> None:
    digits = [chr(c) for c in range(0x3000) if unicodedata.category(chr(c)) == "Nd"]
    assert len(digits) > 200
    for digit in digits:
        assert normalise(digit) == str(unicodedata.decimal(digit))


def test_confusion_goes_both_ways_and_a_character_is_not_its_own_confusion() -> None:
    for one in ALPHABET:
        assert confusable(one, one) == 0.0
        for other in ALPHABET:
            assert confusable(one, other) == confusable(other, one)
            assert 0.0 <= confusable(one, other) <= 1.0


def test_the_pairs_that_readers_mix_up_are_known() -> None:
    for pair in ("0O", "1I", "8B", "2Z", "5S", "6G", "4A", "4L", "VU", "UJ", "0D", "0Q"):
        assert confusable(*pair) > 0.0, pair
    assert confusables("0")[0][0] == "O"


def test_texas_today_goes_before_its_older_serials() -> None:
    today = fitting("BKX1234", TEXAS)
    older = fitting("BK1X234", TEXAS)
    assert today is not None
    assert older is not None
    assert (today.region, today.standing, today.since) == ("us-tx", "current", 2012)
    assert (older.region, older.standing) == ("us-tx", "older")


@given(st.text(alphabet="AEIOUQ", min_size=3, max_size=3))
def test_texas_issues_no_vowels_and_no_q(letters: str) -> None:
    found = fitting(f"{letters}1234", TEXAS)
    assert found is not None
    assert found.region == "us"  # another state's, then


@pytest.mark.parametrize(
    ("region", "plates"),
    [
        ("us-tx", "BKX1234 BK1X234 AX37762 BKX12D D12BKX 123BKX BKX123 1BKX23 12BKX3"),
        ("us-ca", "8ABC123 8AIC123 4A12345"),
        ("us-ny", "JBX1234 12345AB"),
        ("us-nj", "A12BCD ABC12D"),
        ("us", "8ABC123 JBX1234 A12BCD 1234567 BIGDOG GR8ST8 AB12"),
        ("br", "ABC1234 ABC1D23"),
        ("gb", "LS15EBC A123BCD ABC123D ABC1 1234AB AIG1234 BAZ4567"),
        ("ar", "ABC123 AB123CD A123BCD 123ABC"),
        ("in", "KL31K3137 DL1CAB1234 MH12AB123 21BH1234AA"),
        ("eu", "BAB1234 MAB123E AA123BB 1234BCD 24LSB1 89NVJP TTBJ42 SCZ26114 WA1234X"),
        ("eu-nl", "24LSB1 89NVJP TTBJ42"),
    ],
)
def test_a_region_knows_its_plates(region: str, plates: str) -> None:
    chosen = formats([region])
    if region == "us":
        plates = plates.removesuffix(" AB12")
        assert fitting("AB12", chosen) is None
    for plate in plates.split():
        assert fitting(plate, chosen) is not None, plate


@pytest.mark.parametrize(
    ("read", "plate"),
    [
        ("10AA078", "1OAA078"),  # Belgium; Ireland has no county AA
        ("4AO5091", "4A05091"),  # Czech serials have no O
        ("SKO239W", "SK0239W"),  # nor have Polish ones
    ],
)
def test_what_a_country_does_not_issue_tells_o_from_0(read: str, plate: str) -> None:
    sure = [((character, 0.95),) for character in read]
    assert spelled(sure, formats(["eu"])).text == plate


def test_an_american_plate_may_be_personal_but_not_of_four_or_nine_letters() -> None:
    us = formats(["us"])
    assert fitting("GOTEXAS", us) is not None
    assert fitting("GOTX", us) is None
    assert fitting("PARKEDHERE", us) is None


def test_a_european_plate_has_letters_and_digits_or_a_sign_would_be_one() -> None:
    eu = formats(["eu"])
    assert fitting("PARKING", eu) is None
    assert fitting("XK8ZZ9Q", eu) is not None


def test_a_words_own_country_brings_its_states() -> None:
    wide = {one.places for one in formats(["us"])}
    for region in regions():
        if region.startswith("us-"):
            assert {one.places for one in formats([region])} <= wide


@pytest.mark.parametrize(
    ("word", "fits", "fits_not"),
    [
        ("x:AAA000", "ABC123", "A123BC"),
        ("x:[L][K]00", "LK47", "LX47"),
        ("x:A(A)00", "A12", "ABC12"),
        ("x:A(A)00", "AB12", "12AB"),
        ("Staff: aa0?", "AB1C", "ABCC"),
    ],
)
def test_an_owner_adds_patterns_of_their_own(word: str, fits: str, fits_not: str) -> None:
    chosen = formats(["us-tx", word])
    found = fitting(fits, chosen)
    assert found is not None
    assert found.region == word.partition(":")[0].lower()
    assert fitting(fits_not, chosen) is None


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("us-tz", "us-tx"),
        ("tx", "the nearest is us-tx"),
        ("", "no region"),
        ("x:", "1 to 16 characters"),
        ("x:AAA-000", "'-' stands for nothing"),
        ("x:[", "bracket"),
        ("x:[]0", "bracket"),
        ("x:[é]0", "bracket"),
        ("x:(A", "parenthesis"),
        ("x:((A))", "parenthesis"),
        ("x:" + "A" * 17, "1 to 16 characters"),
        ("x:" + "(A)" * 16, "too many"),
        ("a name:AAA", "cannot name"),
    ],
)
def test_a_wrong_word_is_named_in_one_line(word: str, said: str) -> None:
    with pytest.raises(WrongUsage) as caught:
        formats(["us-tx", word])
    line = str(caught.value)
    assert said in line
    assert "\n" not in line


@given(st.text(alphabet="A0?[]()KL9", max_size=40))
def test_any_pattern_is_taken_or_refused_in_words(pattern: str) -> None:
    try:
        chosen = formats([f"x:{pattern}"])
    except WrongUsage:
        return
    assert all(1 <= len(one.places) <= LENGTH_MAX for one in chosen)


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("BKX1O34", "BKX1034"),  # a digit stands there
        ("BKXI234", "BKX1234"),
        ("ABO1234", "ABO1234"),  # both fit some state: what was read stays
        ("B0O1234", "BOO1234"),  # three letters, in some state
        ("8BC1234", "8BC1234"),  # strong, and a state issues it
        ("GOTEXA5", "GOTEXA5"),  # personal: nothing says that 5 is S
    ],
)
def test_a_place_decides_between_letter_and_digit(read: str, meant: str) -> None:
    assert spelled(certain(read), TEXAS).text == meant


def test_a_weak_character_goes_to_the_runner_up_that_fits() -> None:
    reading = [[("8", 0.6), ("B", 0.35)], *certain("KX1234")]
    found = spelled(reading, TEXAS)
    assert found.text == "BKX1234"
    assert found.characters[0] == 0.35
    assert found.format is not None
    assert found.format.region == "us-tx"
    assert found.penalty > 0.0


def test_a_strong_character_stays_even_if_no_format_fits() -> None:
    reading = [[("8", 0.99), ("B", 0.001)], *certain("BBBBBBBBB")]
    found = spelled(reading, TEXAS)
    assert found.text == "8BBBBBBBBB"
    assert found.format is None
    assert found.penalty == 0.0


@given(
    st.lists(
        st.lists(
            st.tuples(st.sampled_from(ALPHABET + "浙-"), st.floats(0.0, 1.0)),
            max_size=4,
            unique_by=lambda pair: pair[0],
        ),
        max_size=10,
    )
)
def test_a_spelling_has_a_probability_for_each_character_and_fits_what_it_names(
    reading: list[list[tuple[str, float]]],
) -> None:
    found = spelled(reading, TEXAS)
    assert len(found.text) == len(found.characters) <= len(reading)
    assert all(0.0 <= p <= 1.0 for p in found.characters)
    assert found.penalty >= 0.0
    if found.format is not None:
        assert found.format.fits(found.text)
        assert fitting(found.text, TEXAS) is not None


@given(st.text(alphabet=ALPHABET, min_size=1, max_size=10))
def test_without_formats_what_was_read_stays(text: str) -> None:
    assert spelled(certain(text), Formats(())).text == text


@given(
    st.text(alphabet=CONSONANTS, min_size=3, max_size=3),
    st.text(alphabet=string.digits, min_size=4, max_size=4),
)
def test_a_texas_plate_read_strongly_is_left_alone(letters: str, digits: str) -> None:
    found = spelled(certain(letters + digits), TEXAS)
    assert found.text == letters + digits
    assert found.penalty == 0.0


def test_every_pattern_of_the_data_can_be_issued() -> None:
    for region in regions():
        for one in formats([region]):
            assert one.serials > 0
            assert one.fits("".join(place[0] for place in one.places)) or one.mixed
            assert one.since is None or 1900 < one.since < 2100


def test_the_lots_own_region_and_patterns_weigh_more_than_the_words_after() -> None:
    own, wide = formats(["us-tx"]), formats(["us-tx", "us", "x:AAAA0"])
    texas, personal, mine = (fitting(text, wide) for text in ("BKX1234", "GOTEXAS", "ABCD1"))
    assert texas == fitting("BKX1234", own)
    assert texas is not None
    assert personal is not None
    assert mine is not None
    assert texas.share == mine.share > personal.share
