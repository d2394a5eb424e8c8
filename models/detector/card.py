"""The card beside the weights: what they are, what from, how good, and where they are weak.

Its figures are written by the program that measured them and never by hand. What only a person
can say, where the weights are weak, stays in the card when it is written anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from edge.values import KINDS
from lot.errors import Damaged
from lot.files import write_whole
from models.detector.data import Prepared
from models.detector.measure import Looked, average_precision, plate_figures, vehicle_figures

SOURCES = Path(__file__).with_name("sources.json")
WHAT = (
    "YOLO11n finding cars, motorcycles, buses, trucks and plates in a gate camera's picture; "
    "begun from COCO's weights, fine-tuned on plates with the boxes of open sets, on "
    "vehicles that the COCO network found, and on drawn gate scenes"
)
LICENCE = (
    "AGPL-3.0-only: the architecture, the starting weights and the trainer are Ultralytics', "
    "under AGPL-3.0. No picture is shipped; the sets' own licences are named with them"
)


def write_card(path: Path, weights: Path, prepared: Prepared, facts: Mapping[str, object]) -> None:
    """Write the card of `weights`, keeping what a person wrote under `weak`."""
    card = {
        "what": WHAT,
        "licence": LICENCE,
        "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "kinds": list(KINDS),
        **facts,
        "data": sources(prepared),
        "weak": weak_points(path),
    }
    write_whole(path, (json.dumps(card, indent=2, ensure_ascii=False) + "\n").encode())


def sources(prepared: Prepared) -> list[dict[str, object]]:
    """Return for each set where it is from, its licence as stated, and how much of it was used."""
    stated = json.loads(SOURCES.read_text(encoding="utf-8"))
    boxes = prepared.boxes.merge(prepared.pictures[["picture", "source"]], on="picture")
    found: list[dict[str, object]] = []
    for source, pictures in prepared.pictures.groupby("source"):
        name = str(source).rsplit("/", 1)[-1]
        of = boxes[boxes["source"] == source]
        plates = of[of["kind"] == "plate"]["by"].value_counts()
        found.append(
            {
                "set": name,
                **stated.get(name, {"from": "not known", "licence": "not known"}),
                "pictures_learned_from": int((pictures["side"] == "train").sum()),
                "pictures_held_out": int((pictures["side"] == "held").sum()),
                "plates_by_the_set": int(plates.get("set", 0)),
                "plates_found_by_an_earlier_round": int(plates.get("own", 0)),
                "vehicles_by_the_set": int(((of["kind"] != "plate") & (of["by"] == "set")).sum()),
                "vehicles_by_the_coco_network": int((of["by"] == "coco").sum()),
            }
        )
    return found


def figures(looked: Sequence[Looked], threshold: float, vehicle: float) -> dict[str, object]:
    """Return what was measured on held-out pictures, for all and for each set."""
    names = sorted({picture.source for picture in looked})
    return {
        "plates": asdict(plate_figures(looked, threshold)),
        "plates_by_set": {
            name: asdict(plate_figures([p for p in looked if p.source == name], threshold))
            for name in names
        },
        "plate_ap50": round(average_precision(looked, "plate"), 4),
        "vehicles_against_boxes_of_the_coco_network": asdict(vehicle_figures(looked, vehicle)),
    }


def weak_points(path: Path) -> list[str]:
    """Return what a person wrote in an earlier card about where the weights are weak."""
    if not path.is_file():
        return []
    try:
        return [str(point) for point in json.loads(path.read_text(encoding="utf-8"))["weak"]]
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged(
            f"{path} is no card with a list `weak`", then="mend it or move it away"
        ) from error
