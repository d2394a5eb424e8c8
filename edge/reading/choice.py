"""A reader is chosen by name and imported only then: a lot pays for the engine that it uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.reading import Reader
from edge.reading.asked import Asked, OpenAlprAsked
from edge.weights import Device, named, threads_here
from lot.errors import WrongUsage

WEIGHTS = Path("models/plate_recognizer.onnx")  # from the root of the tree
ENSEMBLE = "ensemble"
_USUAL = Asked()


@dataclass(frozen=True, slots=True)
class _With:
    """What an engine may need to open."""

    weights: Path
    threads: int
    device: Device
    openalpr: OpenAlprAsked


def _crnn(given: _With) -> Reader:
    from edge.reading.crnn import crnn_reader

    return crnn_reader(given.weights, threads=given.threads, device=given.device)


def _openalpr(given: _With) -> Reader:
    from edge.reading.openalpr import openalpr_reader

    return openalpr_reader(given.openalpr)


def _rapidocr(given: _With) -> Reader:
    from edge.reading.rapidocr import rapidocr_reader

    return rapidocr_reader(threads=given.threads, device=given.device)


def _tesseract(_: _With) -> Reader:
    from edge.reading.tesseract import tesseract_reader

    return tesseract_reader()


def _easyocr(given: _With) -> Reader:
    from edge.reading.easyocr import easyocr_reader

    return easyocr_reader(given.weights, device=given.device)


def _fast_plate_ocr(given: _With) -> Reader:
    from edge.reading.fast_plate import fast_plate_reader

    return fast_plate_reader(given.weights, threads=given.threads, device=given.device)


_ENGINES: Mapping[str, Callable[[_With], Reader]] = {
    "crnn": _crnn,
    "openalpr": _openalpr,
    "rapidocr": _rapidocr,
    "tesseract": _tesseract,
    "easyocr": _easyocr,
    "fast-plate-ocr": _fast_plate_ocr,
}
NAMES = (*_ENGINES, ENSEMBLE)

# How much an engine's word counts beside our own reader's: measured (docs/engines.md), and where
# nobody could, little, so that it decides only where ours is in doubt.
_VOICES: Mapping[str, float] = {"crnn": 1.0, "rapidocr": 0.5}
_VOICE_UNMEASURED = 0.2


def reader(
    name: str,
    weights: Path,
    *,
    threads: int | None = None,
    device: Device = "cpu",
    asked: Asked = _USUAL,
) -> Reader:
    """Open the engine called `name` with `weights`; threads default to the cores, at most 4."""
    if name == ENSEMBLE:
        return _ensemble(weights, threads=threads, device=device, asked=asked)
    if name not in _ENGINES:
        raise WrongUsage(f"there is no reader {name!r}", then=f"choose {' or '.join(NAMES)}")
    return _ENGINES[name](_With(weights, threads or threads_here(), device, asked.openalpr))


def weights_of(name: str, weights: Path, asked: Asked = _USUAL) -> Sequence[Path]:
    """Return the files that decide what the engine reads, as far as they are files of ours.

    OpenALPR and Tesseract keep theirs where their installation does, a dozen of them.
    """
    if name == ENSEMBLE:
        members = _members(asked.ensemble, weights)
        return [path for member, own in members.items() for path in weights_of(member, own)]
    if name == "rapidocr":
        from edge.reading.rapidocr import network_path

        return [network_path()]
    if name == "easyocr":
        from edge.reading.easyocr import NETWORK

        return [weights / NETWORK]
    return [] if name in ("openalpr", "tesseract") else [weights]


def _ensemble(weights: Path, *, threads: int | None, device: Device, asked: Asked) -> Reader:
    from edge.reading.ensemble import EnsembleReader

    members = {
        name: reader(name, own, threads=threads, device=device, asked=asked)
        for name, own in _members(asked.ensemble, weights).items()
    }
    return EnsembleReader(members, {name: _VOICES.get(name, _VOICE_UNMEASURED) for name in members})


def _members(words: Sequence[str], weights: Path) -> dict[str, Path]:
    """Return the weights of each engine that votes; a word is NAME or NAME=WEIGHTS."""
    found: dict[str, Path] = {}
    for word in words:
        name, own = named(word)
        if name not in _ENGINES or name in found:
            raise WrongUsage(
                f"{word!r} cannot vote in LOT_ENSEMBLE",
                then=f"name each once, as NAME or NAME=WEIGHTS, of {', '.join(_ENGINES)}",
            )
        found[name] = own or weights
    if len(found) < 2:
        raise WrongUsage(
            "an ensemble needs two engines", then="name them, as LOT_ENSEMBLE=crnn,openalpr"
        )
    return found
