"""A whole small training: drawn plates in, a file out that the edge's engine can be fed from."""

import json
from dataclasses import replace
from hashlib import sha256
from itertools import permutations
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lot.errors import Unreadable, WrongUsage

torch = pytest.importorskip("torch", reason="torch is only where models are trained")

import onnx  # noqa: E402  # as torch
from onnx import numpy_helper  # noqa: E402  # as torch

from models.reader import export, pool, train  # noqa: E402  # torch may be missing
from models.reader.data import ALPHABET, COLUMNS, REGIONS, Crop  # noqa: E402  # torch may be missing
from models.reader.network import CHANNELS, HEIGHT, WIDTH, Reader  # noqa: E402  # torch may be missing
from models.reader.samples import Mixture  # noqa: E402  # torch may be missing
from models.reader.settings import (  # noqa: E402  # torch may be missing
    PRECISIONS,
    Precision,
    Settings,
    device_here,
    settings_on,
)
from models.restoring import restore  # noqa: E402  # torch may be missing
from models.split import held_by_text, parted  # noqa: E402  # torch may be missing

pytestmark = [  # the exporter that needs no further package warns that a newer one exists
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
SMALL = Settings(steps=6, batch=4, check_steps=3, primed_steps=2, loaders=0, warm_steps=2)


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    pool.draw(tmp_path / "pool", 12, seed=0)
    return tmp_path / "pool"


DEVICES = pytest.mark.parametrize(
    "device",
    [
        "cpu",
        pytest.param(
            "cuda",
            marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no GPU"),
        ),
    ],
)


@DEVICES
@pytest.mark.parametrize("precision", PRECISIONS)
def test_steps_lower_the_loss_on_one_batch(precision: Precision, device: str, drawn: Path) -> None:
    run = train.Run(drawn / "none", replace(SMALL, device=device, precision=precision))
    mixture = Mixture([], [pool.opened(drawn)], real=0.0, size=(HEIGHT, WIDTH))
    one = next(iter(train.Batches(mixture, SMALL, 0)))
    losses = [run.learn(one) for _ in range(6)]
    assert losses[-1] < losses[0]
    samples = mixture.samples(np.random.default_rng(0), easy=1.0)
    assert np.isfinite(run.learn(train.batch([next(samples) for _ in range(4)])))


@DEVICES
def test_a_run_goes_on_where_it_was_kept_on_any_device(
    device: str, drawn: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    train.train(train.Run(folder, replace(SMALL, steps=3, device=device)), [], [], [drawn])
    again = train.Run(folder, SMALL)
    assert again.step == 3
    train.train(again, [], [], [drawn])
    assert train.Run(folder, replace(SMALL, device=device)).step == 6
    assert export.averaged(folder)[1]["step"] in (3, 6)


def test_the_mean_of_a_run_lies_between_its_best_and_its_end(drawn: Path, tmp_path: Path) -> None:
    run = train.Run(tmp_path, replace(SMALL, steps=3))
    train.train(run, [], [], [drawn])
    run.learn(
        next(
            iter(
                train.Batches(
                    Mixture([], [pool.opened(drawn)], real=0.0, size=(HEIGHT, WIDTH)), SMALL, 3
                )
            )
        )
    )
    run.keep(score=-2.0)  # no better: only the end moves on
    best, end, mean = (export.averaged(tmp_path, name) for name in ("best.pt", "last.pt", "mean"))
    for name, value in mean[0].state_dict().items():
        if value.is_floating_point():
            between = (best[0].state_dict()[name] + end[0].state_dict()[name]) / 2
            assert torch.allclose(value, between)
    assert mean[1]["checkpoints"] == [3, 4]
    assert not torch.equal(best[0].characters.weight, end[0].characters.weight)


@pytest.mark.parametrize(("first", "then"), list(permutations(PRECISIONS, 2)))
def test_what_was_kept_in_one_precision_goes_on_in_another(
    first: Precision, then: Precision, drawn: Path, tmp_path: Path
) -> None:
    train.train(train.Run(tmp_path, replace(SMALL, steps=3, precision=first)), [], [], [drawn])
    scaled = bool(torch.load(tmp_path / train.CHECKPOINT, weights_only=True)["scaler"])
    assert scaled is (first == "float16")
    again = train.Run(tmp_path, replace(SMALL, precision=then))
    train.train(again, [], [], [drawn])
    assert again.step == 6


def test_a_gpu_takes_more_crops_a_step_and_more_loaders_and_is_refused_where_none_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cpu, gpu = (settings_on(device) for device in ("cpu", "cuda"))
    assert replace(cpu, precision="float32") == Settings()
    assert cpu.precision in ("float32", "bfloat16")
    assert gpu.precision == "float16"
    assert gpu.batch > cpu.batch
    assert gpu.loaders >= cpu.loaders
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert device_here(None) == device_here("cpu") == "cpu"
    with pytest.raises(WrongUsage, match="sees no GPU"):
        device_here("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert device_here(None) == "cuda"


def test_the_written_file_agrees_with_the_network_and_tells_how_to_feed_it(
    tmp_path: Path,
) -> None:
    network, out = Reader(), tmp_path / "reader.onnx"
    export.exported(network, out, export.facts(1.3, "2026-01-01T00:00:00+00:00"))
    crops = np.random.default_rng(0).integers(0, 256, (3, HEIGHT, WIDTH, 3), np.uint8)
    written = export.Written(out)
    assert export.disagreement(network, written, crops) < export.AGREEMENT
    logits, region = written.run(crops)
    assert logits.shape[0] == 3
    assert logits.shape[2] == 1 + len(ALPHABET)
    assert region.shape == (3, len(REGIONS))
    assert export.onnx_fact(out, "alphabet") == ALPHABET
    assert export.onnx_fact(out, "temperature") == "1.3"


def test_the_rate_rises_stays_and_cools() -> None:
    settings = Settings()
    steps = range(settings.steps)
    rates = [train.rate_at(step, step / settings.steps, settings) for step in steps]
    assert max(rates) == settings.rate
    assert rates[0] < settings.rate / 100
    assert rates[settings.steps // 2] == settings.rate
    assert rates[-1] < settings.rate / 20


def test_a_run_with_minutes_ends_with_them_whatever_the_steps(drawn: Path, tmp_path: Path) -> None:
    run = train.Run(tmp_path, replace(SMALL, steps=10_000, minutes=1e-6))
    train.train(run, [], [], [drawn])
    assert run.step == 1
    assert run.done == 1.0


def test_a_run_that_gets_no_better_cools_at_once_and_its_best_stays(
    drawn: Path, tmp_path: Path
) -> None:
    settings = replace(SMALL, steps=60, check_steps=2, patience=3)
    run = train.Run(tmp_path, settings)
    train.train(run, [], [], [drawn])  # nothing is watched: no check is better than the first
    level = 2 * (1 + 3)  # steps until patience ended; cooling then is a third of the whole
    assert level < run.step <= round(level / (1 - settings.cooled_share)) + 1
    assert torch.load(tmp_path / train.BEST, weights_only=True)["step"] == 2
    assert torch.load(tmp_path / train.CHECKPOINT, weights_only=True)["step"] == run.step


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["--pools", "missing"], 3, "holds no whole pool"),
        (["--pools", "POOL", "--start", "POOL/plates.json"], 2, "none is given"),
        (["--pools", "POOL", "--sets", "missing"], 3, "cannot read"),
        (["--pools", "POOL", "--sets", "SET", "--start", "POOL/plates.json"], 3, "no ONNX file"),
    ],
)
def test_wrong_words_are_a_line_and_a_status(
    words: list[str],
    status: int,
    said: str,
    drawn: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    sets = tmp_path / "set"
    sets.mkdir()
    rows = [f"{path.name},AB{number},DE,,," for number, path in enumerate(painted(sets))]
    (sets / "truth.csv").write_text("\n".join([",".join(COLUMNS), *rows, ""]))
    found = [word.replace("POOL", str(drawn)).replace("SET", str(sets)) for word in words]
    assert train.main([str(tmp_path / "run"), *found]) == status
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("minutes", ["0", "-1", "nan", "soon"])
def test_a_run_cannot_last_nothing(minutes: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        train.main([str(tmp_path), "--pools", "x", "--minutes", minutes])
    assert ended.value.code == 2


def test_a_run_begins_where_a_released_file_ended(drawn: Path, tmp_path: Path) -> None:
    crops = [Crop(path, "A1", None, "street", path.name) for path in painted(tmp_path)]
    released, out = Reader(), tmp_path / "reader.onnx"
    with torch.no_grad():
        for norm in (m for m in released.modules() if isinstance(m, torch.nn.BatchNorm2d)):
            norm.running_mean.normal_()
            norm.running_var.uniform_(0.5, 2)
            norm.bias.normal_()
    export.exported(released, out, export.facts(1.0, "2026-01-01T00:00:00+00:00"))
    run = train.Run(tmp_path / "run", SMALL)
    run.begin_from(out, crops)
    pixels = train.prepared(torch.randint(0, 256, (3, HEIGHT, WIDTH, 3), dtype=torch.uint8))
    with torch.inference_mode():
        wanted, found = (network.eval()(pixels)[0] for network in (released, run.network))
    assert torch.allclose(wanted, found, atol=1e-3)
    assert run.step >= SMALL.primed_steps
    run.keep(0.5)
    again = train.Run(tmp_path / "run", SMALL)
    assert again.from_released
    assert again.split == "alone"  # no card beside the file says otherwise


def test_a_release_can_be_the_mean_of_a_run_and_of_what_it_began_from(
    drawn: Path, tmp_path: Path
) -> None:
    made = "2026-01-01T00:00:00+00:00"
    old, new = tmp_path / "old.onnx", tmp_path / "new.onnx"
    export.exported(Reader(), old, export.facts(1.0, made))
    old.with_suffix(".json").write_text('{"split": "together"}')
    run = train.Run(tmp_path / "run", SMALL)
    run.keep(0.5)
    words = [str(run.folder), "--sets", str(a_set(tmp_path, drawn)), "--out", str(new)]
    assert export.main(words) == 0
    alone = weights(new)
    assert export.main([*words, "--mean-with", str(old), "--share", "0.25"]) == 0
    mean, before = weights(new), weights(old)
    for name, value in mean.items():
        assert np.allclose(value, 0.25 * alone[name] + 0.75 * before[name], atol=1e-6)
    assert export.main([*words, "--mean-with", str(tmp_path / "none.onnx")]) == 3
    told = json.loads(new.with_suffix(".json").read_text())["training"]
    assert told["split"] == "together"
    assert told["mean"] == {"share": 0.25, "and_of": sha256(old.read_bytes()).hexdigest()}
    card = json.loads(new.with_suffix(".json").read_text())
    assert export.onnx_fact(new, "temperature") == str(card["temperature"])


def weights(path: Path) -> dict[str, NDArray[np.float32]]:
    """Return what the file's layers hold in floating numbers, by name."""
    layers = {
        one.name: numpy_helper.to_array(one) for one in onnx.load(str(path)).graph.initializer
    }
    return {name: value for name, value in layers.items() if value.dtype == np.float32}


def a_set(folder: Path, drawn: Path) -> Path:
    """Write the drawn plates as a set of crops with a table, oftener than once: some are held."""
    plates, rows = pool.opened(drawn), ["file,text,region,state,note,picture"]
    for number, image in enumerate(np.concatenate([plates.images] * 4)):
        name = f"{number}.png"
        (folder / "set").mkdir(exist_ok=True)
        cv2.imwrite(str(folder / "set" / name), image)
        rows.append(f"{name},ABC{1000 + number},US,TX,,")
    (folder / "set" / "truth.csv").write_text("\n".join(rows) + "\n")
    return folder / "set"


def test_what_chooses_a_checkpoint_was_never_taught_to_the_weights_it_began_from() -> None:
    taught, held = (
        [Crop(Path(f"{n}.png"), f"{side}{n}", None, "street", f"{side}{n}") for n in range(400)]
        for side in "TH"
    )
    teaches, measures, chooses = train.sides(taught, held, "together", from_released=True)
    assert list(teaches) == taught
    assert set(chooses) | set(measures) == set(held)
    assert not set(chooses) & set(measures)
    assert 60 < len(chooses) < 140
    teaches, measures, chooses = train.sides(taught, held, "together", from_released=False)
    assert list(measures) == held
    assert set(chooses) < set(taught)
    assert not set(chooses) & set(teaches)


def test_weights_of_before_are_neither_measured_nor_chosen_by_what_they_were_taught() -> None:
    # Held for their pictures alone, which the reader's rule did not look at then.
    plates = [Crop(Path("1.png"), f"A{n}", None, "street", f"street/{n}") for n in range(400)]
    taught, held = parted(plates)
    unknown = held_by_text(plates).texts
    for from_released in (True, False):
        _, measures, chooses = train.sides(taught, held, "alone", from_released=from_released)
        assert {crop.text for crop in measures} <= unknown
        assert not from_released or {crop.text for crop in (*measures, *chooses)} == unknown
    assert unknown < {crop.text for crop in held}


def test_another_network_is_no_start(tmp_path: Path) -> None:
    out = tmp_path / "reader.onnx"
    export.exported(Reader((8, 16, 32, 64)), out, export.facts(1.0, "2026-01-01T00:00:00+00:00"))
    pixels = torch.zeros(2, CHANNELS, HEIGHT, WIDTH)
    with pytest.raises(Unreadable, match="another network"):
        restore(Reader(), out, pixels)
    out.write_bytes(b"no network")
    with pytest.raises(Unreadable, match="no ONNX file"):
        restore(Reader(), out, pixels)


def painted(folder: Path) -> list[Path]:
    rng = np.random.default_rng(3)
    paths = [folder / f"{number}.png" for number in range(6)]
    for path in paths:
        cv2.imwrite(str(path), rng.integers(0, 256, (40, 90, 3), np.uint8))
    return paths
