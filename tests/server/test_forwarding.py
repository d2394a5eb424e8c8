"""Where edges are, as far as they said it themselves."""

from __future__ import annotations

import pytest

from server.forwarding import Whereabouts

EDGE = b"\x07" * 16


def test_an_edge_is_where_it_was_last_heard() -> None:
    known = Whereabouts()
    assert known.of(EDGE) is None
    known.heard(EDGE, "192.168.1.7", "8444")
    known.heard(EDGE, "192.168.1.8", "8445")
    assert known.of(EDGE) == ("192.168.1.8", 8445)


@pytest.mark.parametrize("port", [None, "", "0", "70000", "-1", "8444; rm", "8 444"])
def test_what_is_no_port_changes_nothing(port: str | None) -> None:
    known = Whereabouts()
    known.heard(EDGE, "192.168.1.7", "8444")
    known.heard(EDGE, "10.0.0.1", port)
    assert known.of(EDGE) == ("192.168.1.7", 8444)
