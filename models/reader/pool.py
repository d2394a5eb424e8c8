"""Many drawn plates, kept on disk before training, because drawing is dearer than wearing down.

`python -m models.reader.pool FOLDER` draws them. One picture serves many steps: what makes it
new each time is `models.drawing.wear`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.values import Image
from lot.errors import DONE, Unreadable
from lot.files import write_whole, written_aside
from lot.mains import status_of
from models.drawing.design import PlateDesign, serial_of
from models.drawing.designs import designs_of
from models.drawing.faces import FACES, TITLES, face
from models.drawing.lettering import Room, write
from models.drawing.plates import drawn_plate
from models.reader.data import ALPHABET, canonical

HEIGHT: Final = 64  # a plate nearer than this is shrunk before it is read
WIDTH: Final = 176
_KINDS: Final = {  # what is drawn, by share: what the product must read most
    "us-tx": 0.22, "us": 0.32, "eu": 0.16, "gb": 0.08, "br": 0.12, "ar": 0.05, "in": 0.05
}  # fmt: skip
_PERSONAL: Final = 0.12  # share of American texts that follow no format
_VARIED: Final = 0.5  # share of designs whose colours and lettering are no state's


@dataclass(frozen=True, slots=True)
class Pool:
    """Drawn plates [plates, HEIGHT, WIDTH, 3], what they say, and the region of each."""

    images: NDArray[np.uint8]
    texts: list[str]
    regions: list[str]


def opened(folder: Path) -> Pool:
    """Open a pool without reading its pictures into memory."""
    try:
        told = json.loads((folder / "plates.json").read_text())
        shape = (len(told["texts"]), HEIGHT, WIDTH, 3)
        images = np.memmap(folder / "plates.u8", np.uint8, "r", shape=shape)
        return Pool(images, told["texts"], told["regions"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unreadable(
            f"{folder} holds no whole pool of drawn plates",
            then="draw one with `python -m models.reader.pool`",
        ) from error


def draw(
    folder: Path,
    count: int,
    seed: int,
    grounds: Sequence[Image] = (),
    shares: Mapping[str, float] = _KINDS,
) -> None:
    """Draw `count` plates into `folder`; `grounds` are blank plates to letter now and then."""
    rng = np.random.default_rng(seed)
    texts, regions = [], []
    kinds, weights = list(shares), np.array(list(shares.values()))
    with written_aside(folder / "plates.u8") as aside, aside.open("wb") as stream:
        for _ in range(count):
            region = str(rng.choice(kinds, p=weights / weights.sum()))
            design = _design(region, rng)
            text = _text(design, rng)
            if grounds and region == "us-tx" and rng.random() < 0.4:
                image = lettered(grounds[int(rng.integers(len(grounds)))], text, rng)
            else:
                drawn = varied(design, rng) if rng.random() < _VARIED else design
                image = drawn_plate(text, drawn, 80, rng)
            fitted = cv2.resize(image, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
            stream.write(fitted.tobytes())
            texts.append(canonical(text, design.region[:2].upper()))
            regions.append(design.region)
    told = {"seed": seed, "texts": texts, "regions": regions}
    write_whole(folder / "plates.json", json.dumps(told).encode())


def _design(region: str, rng: np.random.Generator) -> PlateDesign:
    possible = designs_of(region)
    if region == "us-tx":  # today's plate oftenest
        return possible[min(int(rng.geometric(0.3)) - 1, len(possible) - 1)]
    return possible[int(rng.integers(len(possible)))]  # plates of two rows stand last, and need it


def _text(design: PlateDesign, rng: np.random.Generator) -> str:
    personal = design.region.startswith("us") and rng.random() < _PERSONAL
    if not personal and rng.random() > 0.1:
        return serial_of(design, rng)
    length = int(rng.integers(4, 8))  # any order of characters: reading must not lean on formats
    letters = rng.random() < 0.5
    # Among digits an O is a 0 to any eye; in a name of letters alone it is none.
    unlike = "Q" if letters and not design.region.startswith("us") else "OQ"
    choice = [c for c in ALPHABET if not (letters and c.isdigit()) and c not in unlike]
    return "".join(rng.choice(choice, length))


def varied(design: PlateDesign, rng: np.random.Generator) -> PlateDesign:
    """Return the design with other colours and lettering, as special plates have."""
    ground, ink = _contrasting(rng)
    faces = FACES if rng.random() < 0.6 else design.faces
    return replace(
        design,
        ground=(ground, _near(ground, rng)),
        ink=ink,
        header_ink=ink if rng.random() < 0.6 else _contrasting(rng)[1],
        border=ink if rng.random() < 0.3 else None,
        faces=faces,
        title_faces=TITLES,
        serial_top=design.serial_top + float(rng.normal(0, 0.02)),
        serial_height=design.serial_height * float(rng.uniform(0.85, 1.08)),
        cells=float(rng.uniform(0, 1)),
        scenery=design.scenery or rng.random() < 0.3,
        embossed=bool(rng.random() < 0.7),
    )


def _contrasting(rng: np.random.Generator) -> tuple[str, str]:
    while True:
        one, other = rng.integers(0, 256, (2, 3))
        if rng.random() < 0.6:
            one = 255 - one // 4  # most plates are light
        if abs(int(one.sum()) - int(other.sum())) > 240:
            return _hex(one), _hex(other)


def _near(written: str, rng: np.random.Generator) -> str:
    values = np.array([int(written[i : i + 2], 16) for i in (1, 3, 5)])
    return _hex(np.clip(values + rng.normal(0, 25, 3), 0, 255).astype(np.int64))


def _hex(values: NDArray[np.int64]) -> str:
    return "#" + "".join(f"{int(v):02x}" for v in values)


def lettered(ground: Image, text: str, rng: np.random.Generator) -> Image:
    """Write `text` across a picture of a blank plate, in an ink that stands out from it."""
    image = cv2.resize(ground, (2 * WIDTH, 2 * HEIGHT), interpolation=cv2.INTER_AREA)
    h, w = image.shape[:2]
    room = Room(0.06 * w, 0.29 * h, 0.88 * w, float(rng.uniform(0.42, 0.5)) * h)
    mask = np.zeros((h, w), np.uint8)
    cut = int(rng.integers(2, max(3, len(text) - 1)))
    name = ("dies-narrow", "road-narrow", "dies-square", "dies")[rng.integers(4)]
    spelled = f"{text[:cut]} {text[cut:]}" if rng.random() < 0.7 else text
    write(mask, spelled, room, face(name), gap=float(rng.uniform(0.08, 0.15)), cells=0.8)
    dark = image[h // 3 : 2 * h // 3].mean() < 120
    ink = np.array(rng.uniform(200, 250, 3) if dark else rng.uniform(5, 60, 3))
    return (image + (ink - image) * (mask / 255)[:, :, None]).astype(np.uint8)


def main(arguments: Sequence[str]) -> int:
    """Draw a pool."""
    parser = argparse.ArgumentParser(
        prog="python -m models.reader.pool", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--grounds", type=Path, help="folder of pictures of blank plates")
    parser.add_argument(
        "--shares",
        type=_shares,
        default=_KINDS,
        help="how many of each kind, as us-tx=1,us=1,eu=3; kinds: " + " ".join(_KINDS),
    )
    words = parser.parse_args(arguments)
    return status_of("models.reader.pool", lambda: _drawn(words))


def _drawn(words: argparse.Namespace) -> int:
    paths = sorted(words.grounds.glob("*.jpg")) if words.grounds else []
    if words.grounds and not paths:
        raise Unreadable(f"no .jpg in {words.grounds}", then="name a folder of blank plates")
    grounds = [_read(path) for path in paths]
    words.folder.mkdir(parents=True, exist_ok=True)
    draw(words.folder, words.count, words.seed, grounds, words.shares)
    return DONE


def _shares(written: str) -> dict[str, float]:
    found = {}
    for part in written.split(","):
        kind, _, share = part.partition("=")
        if kind not in _KINDS or not share.replace(".", "", 1).isdigit():
            raise argparse.ArgumentTypeError(f"{part!r} is not KIND=SHARE")
        found[kind] = float(share)
    if not sum(found.values()):
        raise argparse.ArgumentTypeError("all shares are 0")
    return found


def _read(path: Path) -> Image:
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise Unreadable(f"{path} is no picture", then="remove it from the grounds")
    return np.asarray(image, np.uint8)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
