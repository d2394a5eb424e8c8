"""Pictures and boxes from many sets become one table, each picture on a side of `models.split`.

A set is any folder with `images/` and one of `labels/` (YOLO text; `classes.txt` names its classes,
without it there is one, the plate), `annotations/` (Pascal VOC XML) or `annotations.json` (COCO).
Every set calls its plates otherwise; here they are all `plate`, in fractions of the picture.
Nothing that a set gets wrong is mended here, so that the counts in the card are the sets' own.
"""

from __future__ import annotations

import hashlib
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import pandas as pd

from edge.values import KINDS, Box
from lot.errors import Unreadable
from lot.files import write_whole
from models.duplicates import crossing
from models.split import TOGETHER, Plate, Split, by_picture, held, picture_named

PICTURES = (".jpg", ".jpeg", ".png")
NAMES_OF_PLATES = frozenset({"plate", "licence", "license", "license_plate", "number_plate"})
PICTURE_COLUMNS = ("source", "picture", "path", "width", "height", "side", "name")
BOX_COLUMNS = ("picture", "kind", "left", "top", "right", "bottom", "by")

MARKS = ("labels", "annotations", "annotations.json")


@dataclass(frozen=True)
class Prepared:
    """Two tables: `pictures` (PICTURE_COLUMNS) and `boxes` (BOX_COLUMNS), joined by `picture`.

    `picture` is the path below the data folder, which is the same on every machine, and `path`
    where it lies on this one; `side` is `train` or `held`; `name` is what both networks call it
    (`models.split`); `by` says who drew a box: `set`, `coco` (the vehicle network) or `own` (this
    detector's earlier round).
    """

    pictures: pd.DataFrame
    boxes: pd.DataFrame


@dataclass(frozen=True)
class LabelledPicture:
    """One picture's path, and the boxes its set gives it."""

    path: Path
    boxes: tuple[tuple[str, Box], ...]


def gather(folders: Sequence[Path], plates: Sequence[Plate] = ()) -> Prepared:
    """Read every set below `folders`, each in the form it comes in.

    Which pictures are held out depends on the reader's `plates` too.
    """
    pictures: list[tuple[object, ...]] = []
    boxes: list[dict[str, object]] = []
    for data in folders:
        for folder in sets_below(data):
            source = folder.relative_to(data).as_posix()
            for labelled in labelled_pictures(folder):
                picture = labelled.path.relative_to(data).as_posix()
                height, width = _size(labelled.path)
                name = picture_named(folder.resolve().name, labelled.path.name)
                path = str(labelled.path.resolve())
                pictures.append((source, picture, path, width, height, "train", name))
                boxes.extend(box_row(picture, kind, box, "set") for kind, box in labelled.boxes)
    table = pd.DataFrame(pictures, columns=list(PICTURE_COLUMNS))
    out = table["name"].isin(held(table["name"], plates).pictures)
    return Prepared(
        table.assign(side=out.map({True: "held", False: "train"})),
        pd.DataFrame(boxes, columns=list(BOX_COLUMNS)),
    )


def never_taught(prepared: Prepared, split: Split) -> Prepared:
    """Leave of the held pictures those that weights whose sets were split so never learned from."""
    if split == TOGETHER:
        return prepared
    pictures = prepared.pictures
    own = pictures["name"].map(by_picture).astype(bool)
    return Prepared(pictures[own | (pictures["side"] != "held")], prepared.boxes)


def without_copies(prepared: Prepared) -> Prepared:
    """Leave out what would be learned from and looks like a held picture, by whatever name.

    Other cars before one barrier look alike too; of these the neighbouring ones go as well.
    """
    sides = {side: of["path"].map(Path).tolist() for side, of in prepared.pictures.groupby("side")}
    copies = {str(path) for path in crossing(sides.get("train", []), sides.get("held", []))}
    pictures = prepared.pictures[~prepared.pictures["path"].isin(copies)]
    boxes = prepared.boxes[prepared.boxes["picture"].isin(pictures["picture"])]
    return Prepared(pictures.reset_index(drop=True), boxes.reset_index(drop=True))


def sets_below(data: Path) -> list[Path]:
    """Return the folders below `data` that are sets; a folder without any is refused."""
    folders = sorted(found.parent for found in data.rglob("images") if found.is_dir())
    sets = [folder for folder in folders if any((folder / mark).exists() for mark in MARKS)]
    if not sets:
        raise Unreadable(
            f"no set of pictures below {data}",
            then="name a folder whose sets have images/ beside labels/ or annotations/",
        )
    return sets


def read_tables(run: Path) -> Prepared:
    """Read what `write_tables` kept in `run`."""
    then = "run `python -m models.detector prepare` first"
    try:
        pictures, boxes = (pd.read_csv(run / f"{name}.csv") for name in ("pictures", "boxes"))
    except (OSError, ValueError) as error:
        raise Unreadable(f"no prepared tables in {run}", then=then) from error
    if not {*PICTURE_COLUMNS} <= {*pictures.columns} or not {*BOX_COLUMNS} <= {*boxes.columns}:
        raise Unreadable(f"the tables in {run} are of an earlier version", then=then)
    return Prepared(pictures, boxes)


def write_tables(prepared: Prepared, run: Path) -> None:
    """Keep both tables in `run`."""
    for name in ("pictures", "boxes"):
        table: pd.DataFrame = getattr(prepared, name)
        write_whole(run / f"{name}.csv", table.to_csv(index=False).encode())


def boxes_of(boxes: pd.DataFrame) -> dict[str, list[tuple[str, Box]]]:
    """Return each picture's boxes with their kinds."""
    found: dict[str, list[tuple[str, Box]]] = {}
    for picture, kind, left, top, right, bottom in boxes[list(BOX_COLUMNS[:6])].itertuples(
        index=False, name=None
    ):
        found.setdefault(picture, []).append((kind, Box(left, top, right, bottom)))
    return found


def box_row(picture: str, kind: str, box: Box, by: str) -> dict[str, object]:
    """Return a row of the table of boxes."""
    values = (picture, kind, box.left, box.top, box.right, box.bottom, by)
    return dict(zip(BOX_COLUMNS, values, strict=True))


def labelled_pictures(folder: Path) -> Iterator[LabelledPicture]:
    """Give each picture of a set with its boxes; a picture without any label file is left out."""
    if (folder / "annotations.json").is_file():
        yield from _coco_set(folder)
        return
    names = _classes(folder / "classes.txt")
    for path in sorted(p for p in (folder / "images").iterdir() if p.suffix.lower() in PICTURES):
        text = folder / "labels" / f"{path.stem}.txt"
        xml = folder / "annotations" / f"{path.stem}.xml"
        if text.is_file():
            yield LabelledPicture(path, tuple(yolo_boxes(text, names)))
        elif xml.is_file():
            yield LabelledPicture(path, tuple(voc_boxes(xml)))


def yolo_boxes(path: Path, names: Sequence[str] = ("plate",)) -> Iterator[tuple[str, Box]]:
    """Read a YOLO text: class, centre and size in fractions, a line a box."""
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        words = line.split()
        if not words:
            continue
        try:
            name = names[int(words[0])]
            x, y, width, height = (float(word) for word in words[1:5])
        except (ValueError, IndexError) as error:
            raise Unreadable(
                f"{path} line {number} is not a class and four fractions",
                then="mend the line or leave the picture out",
            ) from error
        if (kind := known_kind(name)) is not None:
            yield kind, _inside(Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2))


def voc_boxes(path: Path) -> Iterator[tuple[str, Box]]:
    """Read a Pascal VOC annotation: corners in pixels, and the picture's size beside them."""
    corners = ("xmin", "ymin", "xmax", "ymax")
    try:
        root = ElementTree.parse(path).getroot()  # noqa: S314  a set that we chose, no stranger's
        width, height = (float(root.findtext(f"size/{side}", "")) for side in ("width", "height"))
        found: list[tuple[str, Box]] = []
        for item in root.iter("object"):
            left, top, right, bottom = (
                float(item.findtext(f"bndbox/{corner}", "")) for corner in corners
            )
            box = Box(left / width, top / height, right / width, bottom / height)
            found.append((item.findtext("name", ""), box))
    except (ElementTree.ParseError, ValueError, ZeroDivisionError) as error:
        raise Unreadable(
            f"{path} is not a Pascal VOC annotation", then="mend it or leave the picture out"
        ) from error
    for name, box in found:
        if (kind := known_kind(name)) is not None:
            yield kind, _inside(box)


def coco_boxes(path: Path) -> dict[str, tuple[tuple[str, Box], ...]]:
    """Read a COCO annotation file: for each picture's file name its boxes."""
    try:
        document = json.loads(path.read_text())
        names = {item["id"]: str(item["name"]) for item in document["categories"]}
        sizes = {
            item["id"]: (str(item["file_name"]), float(item["width"]), float(item["height"]))
            for item in document["images"]
        }
        found: dict[str, list[tuple[str, Box]]] = {name: [] for name, _, _ in sizes.values()}
        for item in document["annotations"]:
            name, width, height = sizes[item["image_id"]]
            x, y, w, h = (float(value) for value in item["bbox"])
            if (kind := known_kind(names[item["category_id"]])) is not None:
                box = Box(x / width, y / height, (x + w) / width, (y + h) / height)
                found[name].append((kind, _inside(box)))
    except (ValueError, KeyError, TypeError, ZeroDivisionError) as error:
        raise Unreadable(
            f"{path} is not a COCO annotation file", then="mend it or leave the set out"
        ) from error
    return {name: tuple(boxes) for name, boxes in found.items()}


def known_kind(name: str) -> str | None:
    """Return our name of what a set calls `name`; None for what we do not look for."""
    plain = re.sub(r"[\s-]+", "_", name.strip().lower())
    if plain in NAMES_OF_PLATES:
        return "plate"
    return plain if plain in KINDS else None


def sha_of(prepared: Prepared) -> str:
    """Return one hash over every picture's bytes and every box: what exactly was learned from."""
    digest = hashlib.sha256()
    for name, path in sorted(prepared.pictures[["picture", "path"]].itertuples(index=False)):
        digest.update(name.encode())
        digest.update(hashlib.sha256(Path(path).read_bytes()).digest())
    rows = prepared.boxes.sort_values(list(BOX_COLUMNS)).round(5)
    digest.update(rows.to_csv(index=False).encode())
    return digest.hexdigest()


def _classes(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text().split("\n")) if path.is_file() else ("plate",)


def _coco_set(folder: Path) -> Iterator[LabelledPicture]:
    for name, boxes in sorted(coco_boxes(folder / "annotations.json").items()):
        yield LabelledPicture(folder / "images" / name, boxes)


def _size(path: Path) -> tuple[int, int]:
    image = cv2.imread(str(path))
    if image is None:
        raise Unreadable(f"{path} is not a picture", then="leave it out of the set")
    height, width = image.shape[:2]
    return height, width


def _inside(box: Box) -> Box:
    left, right = sorted(min(max(x, 0.0), 1.0) for x in (box.left, box.right))
    top, bottom = sorted(min(max(y, 0.0), 1.0) for y in (box.top, box.bottom))
    return Box(left, top, right, bottom)
