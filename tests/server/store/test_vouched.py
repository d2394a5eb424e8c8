"""Vouched rows are kept as the keyholder gave them, the newest version of each."""

from dataclasses import replace
from functools import partial

from server.access.roles import Role
from server.keys.holder import bodies
from server.keys.holder.bodies import Account, Session
from server.keys.holder.calls import Vouched
from server.store import vouched
from server.store.database import Database

ANNA = Account(b"\xa1" * 16, 1, "Anna", Role.OWNER, (), None, code=False, closed=False)
SIGNED_IN = Session(b"\x5e" * 16, 1, b"\x5e" * 32, ANNA.id, 1, None, 10, 100)


def row(body: bodies.Body) -> Vouched:
    return Vouched(bodies.encoded(body), bytes([body.version]) * 32)


def test_an_account_is_found_by_id_and_name(each_database: Database) -> None:
    each_database.write(lambda c: vouched.put(c, "accounts", row(ANNA)))
    with each_database.read() as connection:
        assert vouched.found(connection, "accounts", ANNA.id) == row(ANNA)
        assert vouched.account_named(connection, "Anna") == row(ANNA)
        assert vouched.account_named(connection, "anna") is None
        assert vouched.every(connection, "accounts") == [row(ANNA)]


def test_an_older_version_does_not_replace_a_newer(each_database: Database) -> None:
    newer = replace(ANNA, version=2, name="Anne")
    for body in (ANNA, newer, ANNA):
        each_database.write(partial(vouched.put, table="accounts", row=row(body)))
    with each_database.read() as connection:
        assert vouched.found(connection, "accounts", ANNA.id) == row(newer)
        assert vouched.account_named(connection, "Anna") is None


def test_of_two_that_change_one_version_the_second_is_told(each_database: Database) -> None:
    one, other = replace(ANNA, version=2, name="Anne"), replace(ANNA, version=2, name="Anke")
    each_database.write(lambda c: vouched.put(c, "accounts", row(ANNA)))
    assert each_database.write(lambda c: vouched.put(c, "accounts", row(one)))
    assert each_database.write(lambda c: vouched.put(c, "accounts", row(one)))  # a repeat
    assert not each_database.write(lambda c: vouched.put(c, "accounts", row(other)))
    with each_database.read() as connection:
        assert vouched.found(connection, "accounts", ANNA.id) == row(one)


def test_sessions_go_when_they_end(each_database: Database) -> None:
    each_database.write(lambda c: vouched.put(c, "sessions", row(SIGNED_IN)))
    each_database.write(lambda c: vouched.drop_ended(c, SIGNED_IN.ends))
    with each_database.read() as connection:
        assert vouched.found(connection, "sessions", SIGNED_IN.id) == row(SIGNED_IN)
    each_database.write(lambda c: vouched.drop_ended(c, SIGNED_IN.ends + 1))
    with each_database.read() as connection:
        assert vouched.every(connection, "sessions") == []
