"""A channel really sends, and what it says of a failure has no secret in it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lot.errors import WrongUsage
from server.notifying.channels import (
    Channel,
    Undelivered,
    channels,
    cleaned,
    mail_in,
    phone_in,
)
from server.refusals import NotThere
from tests.server.notifying.receivers import Post, Web


def test_a_web_service_gets_title_and_text(web: Web) -> None:
    Channel("hook", web.address).deliver("North is full", "50 cars are inside, and 50 fit.")
    (came,) = web.came
    assert (came["title"], came["message"]) == ("North is full", "50 cars are inside, and 50 fit.")


def test_mail_goes_to_the_one_customer_and_to_nobody_else(post: Post) -> None:
    channel = Channel("customer", post.address("{mail}"))
    assert channel.reaches == "mail"
    channel.deliver("Your car is ready", "Ticket 123 456. <b>7</b>", "jose+1@example.org")
    ((to, mail),) = post.came
    assert (to, mail["To"]) == ("jose+1@example.org", "jose+1@example.org")
    assert "Ticket 123 456." in mail.as_string()
    assert mail["Subject"] == "Your car is ready"


def test_what_a_service_says_is_told_without_a_part_of_the_address(post: Post, web: Web) -> None:
    web.down = True
    with pytest.raises(Undelivered) as raised:
        Channel("hook", web.address).deliver("a", "b")
    assert "503" in raised.value.what
    for secret in ("someone", "not-for-your-eyes", "hook-4711"):
        assert secret not in str(raised.value)
    with pytest.raises(Undelivered) as refused:
        Channel("customer", post.address("{mail}")).deliver("a", "b", "nobody@example.org")
    assert "nobody@example.org" not in str(refused.value)
    said = "401 for bob:s3cr&t at /T0KEN\nof bob"
    assert cleaned(said, "json://bob:s3cr%26t@h/T0KEN") == "401 for …:… at /… of …"


def test_an_address_that_apprise_does_not_know_is_said_to_be_none() -> None:
    with pytest.raises(Undelivered, match="knows no such address"):
        Channel("odd", "carrier-pigeon://coop").deliver("a", "b")


def test_apprise_is_not_there_until_something_is_sent() -> None:
    code = "import server.api.assembling, sys; sys.exit('apprise' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_rule_has_no_customers_channel_and_a_customer_none_of_a_rule() -> None:
    known = channels({"office": "json://h", "mail": "mailto://h?to={mail}", "sms": "x://{phone}"})
    assert known.for_rules("office").name == "office"
    for name in ("mail", "gone"):
        with pytest.raises(WrongUsage):
            known.for_rules(name)
    with pytest.raises(NotThere):
        known.named("gone")
    both = known.to_customer("a@b.example", "+1 512 555 0142")
    assert both is not None
    assert (both[0].name, both[1]) == ("mail", "a@b.example")
    alone = known.to_customer("not a mail", "+1 (512) 555-0142")
    assert alone is not None
    assert (alone[0].name, alone[1]) == ("sms", "+15125550142")
    assert known.to_customer(None, "ask at the bar") is None


@pytest.mark.parametrize(
    "hostile", ["a@b,c@d", "a@b c@d", "a@b;c@d", "<a@b>", "a@b\n", "@", "ñ@b.es", ""]
)
def test_no_typed_address_adds_a_recipient(hostile: str) -> None:
    assert mail_in(hostile) in (None, "a@b")
    assert phone_in(hostile) is None


def test_an_address_is_not_shown_where_a_channel_is(web: Web) -> None:
    assert "not-for-your-eyes" not in repr(Channel("hook", web.address))
