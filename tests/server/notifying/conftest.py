"""A web service and a mail server that tests really send to."""

from collections.abc import Iterator

import pytest

from tests.server.notifying.receivers import Post, Web, post, web


@pytest.fixture(name="web")
def a_web() -> Iterator[Web]:
    with web() as found:
        yield found


@pytest.fixture(name="post")
def a_post() -> Iterator[Post]:
    with post() as found:
        yield found
