"""What was drawn is shown to those who were answered the same, and only while somebody looks."""

from __future__ import annotations

from gui.alike import KEPT, Alike


class Drawing:
    def __init__(self) -> None:
        self.drawn: list[str] = []
        self.alike: Alike[str] = Alike()

    def of(self, answer: str) -> str:
        def draw() -> str:
            self.drawn.append(answer)
            return f"<p>{answer}</p>"

        return self.alike.drawn(answer, draw)


def test_the_same_answer_is_drawn_once_while_anybody_looks_and_another_for_itself() -> None:
    drawing = Drawing()
    with drawing.alike.look(), drawing.alike.look():
        said = [drawing.of(one) for one in ("owner's", "viewer's", "owner's", "viewer's")]
    assert said == ["<p>owner's</p>", "<p>viewer's</p>"] * 2
    assert drawing.drawn == ["owner's", "viewer's"]


def test_the_last_who_leaves_takes_along_what_was_drawn() -> None:
    drawing = Drawing()
    with drawing.alike.look():
        with drawing.alike.look():
            drawing.of("a plate")
        drawing.of("a plate")
    assert drawing.drawn == ["a plate"]
    assert not drawing.alike._drawn
    drawing.of("a plate")  # nobody looks: it is drawn, and not kept
    assert drawing.drawn == ["a plate"] * 2
    assert not drawing.alike._drawn


def test_who_never_stops_looking_keeps_no_more_than_a_few() -> None:
    drawing = Drawing()
    with drawing.alike.look():
        for number in range(3 * KEPT):
            drawing.of(str(number))
        assert len(drawing.alike._drawn) == KEPT
        drawing.of("0")
    assert drawing.drawn[-1] == "0"
