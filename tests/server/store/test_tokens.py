"""An old token and a new one stand together until the new is used, seven days at most."""

from contract.tokens import Token, drawn
from server.store import tokens
from server.store.database import Database
from server.store.tokens import OVERLAP_US_MAX, Holder

LOT = b"\xf1" * 16
EDGE = b"\xe1" * 16
OTHER = b"\xe2" * 16
NOW = 1_800_000_000_000_000


def add(database: Database, token: Token, now: int) -> None:
    database.write(lambda c: tokens.add(c, LOT, token, now))


def holder(database: Database, token: Token, now: int) -> Holder | None:
    with database.read() as connection:
        return tokens.holder(connection, token, now)


def use(database: Database, token: Token, now: int) -> None:
    found = holder(database, token, now)
    assert found is not None
    database.write(lambda c: tokens.note_use(c, found, now))


def test_a_token_says_whose_it_is(each_database: Database) -> None:
    token = drawn(EDGE)
    add(each_database, token, NOW)
    add(each_database, token, NOW)
    assert holder(each_database, token, NOW) == Holder(LOT, EDGE, token.hash, None)
    assert holder(each_database, drawn(EDGE), NOW) is None
    assert holder(each_database, drawn(OTHER), NOW) is None
    use(each_database, token, NOW + 5)
    use(each_database, token, NOW + 9)
    assert holder(each_database, token, NOW) == Holder(LOT, EDGE, token.hash, NOW + 5)


def test_the_first_use_of_the_new_ends_the_old_alone(each_database: Database) -> None:
    old, new, others = drawn(EDGE), drawn(EDGE), drawn(OTHER)
    for token, at in ((old, NOW), (others, NOW), (new, NOW + 1)):
        add(each_database, token, at)
    use(each_database, old, NOW + 2)
    assert holder(each_database, new, NOW + 2) is not None
    use(each_database, new, NOW + 3)
    assert holder(each_database, old, NOW + 3) is None
    assert holder(each_database, others, NOW + 3) is not None


def test_the_old_ends_after_seven_days(each_database: Database) -> None:
    old, new = drawn(EDGE), drawn(EDGE)
    add(each_database, old, NOW)
    add(each_database, new, NOW)
    assert holder(each_database, old, NOW + OVERLAP_US_MAX - 1) is not None
    assert holder(each_database, old, NOW + OVERLAP_US_MAX) is None
    assert holder(each_database, new, NOW + OVERLAP_US_MAX) is not None


def test_another_rotation_does_not_lengthen_the_olds_life(each_database: Database) -> None:
    old = drawn(EDGE)
    for token, at in ((old, NOW), (drawn(EDGE), NOW + 1), (drawn(EDGE), NOW + 100)):
        add(each_database, token, at)
    assert holder(each_database, old, NOW + 1 + OVERLAP_US_MAX) is None


def test_a_revoked_edge_has_no_token(each_database: Database) -> None:
    token, others = drawn(EDGE), drawn(OTHER)
    add(each_database, token, NOW)
    add(each_database, others, NOW)
    each_database.write(lambda c: tokens.revoke(c, LOT, EDGE))
    assert holder(each_database, token, NOW) is None
    assert holder(each_database, others, NOW) is not None
