"""Slots: any one opens the vault key, none with another secret, and none that was altered."""

import contextlib
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract import canonical
from contract.canonical import Malformed
from lot.errors import Damaged, LotError, Refused
from server.keys.passphrases import passphrase_bytes
from server.keys.slots import (
    MEMORY_KIB_MAX,
    MEMORY_KIB_MIN,
    ROUNDS_MAX,
    Cost,
    Held,
    Kind,
    Slot,
    Terms,
    decoded,
    encoded,
    kek_of_passphrase,
    kek_of_recovery,
    opened,
    sealed,
    terms_drawn,
)
from tests.contract import golden
from tests.contract.flips import damaged
from tests.contract.golden import Vector

PERSON, KEEPER = golden.key("person"), golden.key("keeper")
SHARE, RECOVERY = golden.key("share"), golden.key("recovery")
HELD = Held(golden.key("vault_key"))
WITH_SEED = Held(golden.key("vault_key"), golden.key("otp_seed"))
LEAST = Cost(MEMORY_KIB_MIN, 1)
SLOTS = {name: golden.named(f"slot {name}").data for name in ("pass", "pass+share", "recovery")}


def terms(kind: Kind) -> Terms:
    is_recovery, has_share = kind == "recovery", kind == "pass+share"
    return terms_drawn(
        kind,
        made=1,
        person=None if is_recovery else PERSON,
        cost=None if is_recovery else LEAST,
        keeper=KEEPER if has_share else None,
    )


def kek_given(slot: Slot, context: dict[str, str]) -> bytes:
    if "code" in context:
        return kek_of_recovery(slot.terms, bytes.fromhex(context["code"]))
    share = bytes.fromhex(context["share"]) if "share" in context else None
    return kek_of_passphrase(slot.terms, passphrase_bytes(context["passphrase"]), share)


@pytest.mark.parametrize("vector", golden.of("slot"), ids=lambda vector: vector.name)
def test_golden_slots_open_and_are_written_again(vector: Vector) -> None:
    slot = decoded(vector.data)
    held = opened(slot, kek_given(slot, vector.context))
    found = {"vault_key": held.vault_key.hex(), "seed": (held.seed or b"").hex()}
    assert found == vector.means
    assert encoded(slot) == vector.data


def test_the_keys_that_the_law_prints() -> None:
    one = Terms(bytes(16), "pass", PERSON, bytes([3]) * 16, Cost(64 * 1024, 3), None, 0)
    split = replace(one, kind="pass+share", keeper=KEEPER)
    assert kek_of_passphrase(one, b"correct horse").hex().startswith("bed741bf")
    shared = kek_of_passphrase(split, b"correct horse", bytes([4]) * 32)
    assert shared.hex().startswith("7fe208e3")


@pytest.mark.parametrize(
    ("kind", "held"), [("pass", WITH_SEED), ("pass+share", HELD), ("recovery", HELD)]
)
def test_a_slot_opens_with_its_own_secret_alone(kind: Kind, held: Held) -> None:
    own = terms(kind)
    kek = bytes(range(32))
    slot = sealed(own, kek, held)
    assert opened(decoded(encoded(slot)), kek) == held
    with pytest.raises(Refused):
        opened(slot, bytes(32))


def test_passphrase_and_share_are_both_needed_whole() -> None:
    own = terms("pass+share")
    kek = kek_of_passphrase(own, b"right", SHARE)
    assert kek_of_passphrase(own, b"wrong", SHARE) != kek
    assert kek_of_passphrase(own, b"right", bytes(32)) != kek
    with pytest.raises(Refused, match="share"):
        kek_of_passphrase(own, b"right")
    with pytest.raises(Refused, match="share"):
        kek_of_passphrase(terms("pass"), b"right", SHARE)
    with pytest.raises(Malformed):
        kek_of_passphrase(own, b"right", SHARE[:-1])


def test_a_recovery_slot_takes_no_passphrase_and_no_other_slot_the_code() -> None:
    with pytest.raises(Refused):
        kek_of_passphrase(terms("recovery"), b"right")
    with pytest.raises(Refused):
        kek_of_recovery(terms("pass"), RECOVERY)
    with pytest.raises(Malformed):
        kek_of_recovery(terms("recovery"), RECOVERY[:-1])


def test_two_slots_of_one_passphrase_have_nothing_in_common() -> None:
    one, other = terms("pass"), terms("pass")
    assert one.id != other.id
    assert one.salt != other.salt
    assert kek_of_passphrase(one, b"x") != kek_of_passphrase(other, b"x")


def test_a_seed_lies_in_the_slot_in_local_mode_alone() -> None:
    for kind, held in (("pass", HELD), ("pass+share", WITH_SEED), ("recovery", WITH_SEED)):
        with pytest.raises(Malformed, match="seed"):
            sealed(terms(kind), bytes(32), held)  # type: ignore[arg-type]  # mypy widens the kinds to str


@pytest.mark.parametrize(
    ("memory_kib", "rounds"),
    [
        (MEMORY_KIB_MIN - 1, 3),
        (MEMORY_KIB_MAX + 1, 3),
        (64 * 1024, 0),
        (64 * 1024, ROUNDS_MAX + 1),
        (8, 1),
        (2**40, 1),
    ],
)
def test_a_cost_that_weakens_or_stalls_is_refused(memory_kib: int, rounds: int) -> None:
    with pytest.raises(Malformed):
        Cost(memory_kib, rounds)
    value = json.loads(SLOTS["pass"]) | {"m": memory_kib, "t": rounds}
    with pytest.raises(Damaged):
        decoded(canonical.encoded(value))


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("pass", {"v": 2}),
        ("pass", {"kind": "master"}),
        ("pass", {"kind": "recovery"}),
        ("pass", {"kind": "pass+share"}),
        ("pass", {"m": None}),
        ("pass", {"m": None, "t": None}),
        ("pass", {"person": None}),
        ("pass", {"salt": "00"}),
        ("pass", {"box": "00"}),
        ("pass", {"lanes": 4}),
        ("pass+share", {"keeper": None}),
        ("recovery", {"m": 65536, "t": 3}),
        ("recovery", {"person": "00" * 16}),
    ],
)
def test_a_slot_that_breaks_a_rule_is_refused(kind: str, change: dict[str, object]) -> None:
    with pytest.raises(Damaged):
        decoded(canonical.encoded(json.loads(SLOTS[kind]) | change))


@pytest.mark.parametrize("kind", ["pass", "pass+share", "recovery"])
def test_a_slot_with_anything_altered_opens_nothing(kind: str) -> None:
    vector = golden.named(f"slot {kind}")
    right = kek_given(decoded(vector.data), vector.context)
    for wrong in damaged(vector.data):
        # The key as it was: that an altered salt or cost makes another one is Argon2's.
        with pytest.raises((Damaged, Refused)):
            opened(decoded(wrong), right)


@given(st.binary(max_size=300) | st.text(alphabet='{}[]",:0kindpasv1', max_size=80))
@settings(max_examples=60)
def test_whatever_comes_in_only_our_error_comes_out(data: bytes | str) -> None:
    with contextlib.suppress(LotError):
        decoded(data.encode() if isinstance(data, str) else data)


def test_nothing_that_a_slot_holds_is_shown_where_it_is_printed() -> None:
    assert WITH_SEED.vault_key.hex() not in repr(WITH_SEED)
    assert repr(WITH_SEED) == "Held()"
