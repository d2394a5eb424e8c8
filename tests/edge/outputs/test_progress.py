"""How far a replay is."""

import io

from edge.outputs.progress import Progress, Task

TASK = Task("north.mp4", frames=300, rate=30.0)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """A clock in the hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def run(out: io.StringIO, task: Task, *, quiet: bool = False, every: float = 1.0) -> str:
    clock = Clock()
    with Progress(out, quiet=quiet, now=clock).of(task) as tick:
        for frames in range(60, 301, 60):
            clock.seconds += every
            tick(frames)
    return out.getvalue()


def test_a_terminal_has_one_line_that_is_rewritten_and_a_last_one_that_stays() -> None:
    text = run(Terminal(), TASK)
    lines = text.split("\r")
    assert lines[1] == "north.mp4: 20 %, 60 frames, 60/s (2.0x) 0:04 left"
    assert lines[-1].split("  ")[0] == "north.mp4: 300 frames in 0:05, 60/s (2.0x)"
    assert len(lines[-1]) == len(lines[-2]) + 1  # nothing of the longer line before is left
    assert text.count("\n") == 1


def test_no_line_is_wider_than_a_terminal() -> None:
    text = run(Terminal(), Task("n" * 200, 300, 30.0))
    assert max(len(line.rstrip("\n")) for line in text.split("\r")) == 79


def test_a_log_has_a_line_now_and_then() -> None:
    text = run(io.StringIO(), TASK, every=20.0)
    assert text.splitlines() == [
        "north.mp4: 40 %, 120 frames, 3/s (0.1x) 1:00 left",
        "north.mp4: 80 %, 240 frames, 3/s (0.1x) 0:20 left",
        "north.mp4: 300 frames in 1:40, 3/s (0.1x)",
    ]


def test_of_an_unknown_length_only_what_was_done_is_told() -> None:
    text = run(Terminal(), Task("north.h264"))
    assert text.split("\r")[1] == "north.h264: 60 frames, 60/s"


def test_quiet_is_silent() -> None:
    assert run(Terminal(), TASK, quiet=True) == ""


def test_a_clock_that_stands_still_is_no_division_by_nought() -> None:
    assert "0/s" in run(io.StringIO(), TASK, every=0.0)


def test_the_line_gives_way_to_another_one() -> None:
    out, clock = Terminal(), Clock()
    progress = Progress(out, now=clock)
    with progress.of(TASK) as tick:
        clock.seconds = 1.0
        tick(30)
        shown = len(out.getvalue()) - 1
        progress.clear()
        assert out.getvalue().endswith("\r" + " " * shown + "\r")
        progress.clear()
    assert out.getvalue().count("\n") == 1
