"""`python -m models.drawing.scenes NAME… --out DIR`: films of the named scenes with their truth."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lot.errors import DONE, WrongUsage
from lot.mains import status_of
from models.drawing.scenes.catalogue import names, passages_of, scene
from models.drawing.scenes.clips import write_films
from models.drawing.scenes.light import CONDITIONS
from models.drawing.scenes.values import Scene


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m models.drawing.scenes",
        description="Draw gate scenes with known truth: films, truth.csv, events.json.",
        epilog="example: python -m models.drawing.scenes queue --condition night --out films",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="'all', or see --list")
    parser.add_argument("--list", action="store_true", help="name the scenes and end")
    parser.add_argument("--passages", type=int, metavar="N", help="N passages instead of names")
    parser.add_argument("--out", type=Path, metavar="DIR", default=Path("output"))
    parser.add_argument("--size", type=_size, default=(1280, 720), metavar="WxH")
    parser.add_argument("--fps", type=float, default=15.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--condition", choices=CONDITIONS, default="day")
    arguments = parser.parse_args(argv)
    return status_of("scenes", lambda: _drawn(arguments))


def _drawn(arguments: argparse.Namespace) -> int:
    if arguments.list:
        print("\n".join(names()))
        return DONE
    for film in write_films(_chosen(arguments), arguments.out):
        print(film)
    return DONE


def _chosen(arguments: argparse.Namespace) -> tuple[Scene, ...]:
    look = {"size": arguments.size, "fps": arguments.fps}
    if arguments.passages is not None:
        return passages_of(arguments.condition, arguments.passages, arguments.seed, **look)
    wanted = names() if arguments.names == ["all"] else arguments.names
    unknown = [name for name in wanted if name not in names()]
    if unknown or not wanted:
        raise WrongUsage(
            f"no scene is named {unknown[0]}" if unknown else "no scene is named",
            then="--list names them",
        )
    return tuple(scene(name, arguments.condition, arguments.seed, **look) for name in wanted)


def _size(text: str) -> tuple[int, int]:
    width, height = (int(part) for part in text.split("x"))
    if width % 2 or height % 2 or min(width, height) < 64:
        raise ValueError  # H.264 of ours halves the colours
    return width, height


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
