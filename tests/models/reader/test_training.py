"""A whole small training: drawn plates in, a file out that the edge's engine can be fed from."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is only where models are trained")

from models.reader import export, pool, train  # noqa: E402
from models.reader.data import ALPHABET, REGIONS  # noqa: E402
from models.reader.network import HEIGHT, WIDTH, Reader  # noqa: E402
from models.reader.samples import Mixture  # noqa: E402

pytestmark = [  # the exporter that needs no further package warns that a newer one exists
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
SMALL = train.Settings(steps=6, batch=4, check_steps=3, primed_steps=2, loaders=0, warm_steps=2)


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    pool.draw(tmp_path / "pool", 12, seed=0)
    return tmp_path / "pool"


def test_steps_lower_the_loss_on_one_batch(drawn: Path) -> None:
    run = train.Run(drawn / "none", SMALL)
    mixture = Mixture([], [pool.opened(drawn)], real=0.0, size=(HEIGHT, WIDTH))
    one = next(iter(train.Batches(mixture, SMALL, 0)))
    losses = [run.learn(one) for _ in range(6)]
    assert losses[-1] < losses[0]


def test_a_run_goes_on_where_it_was_kept(drawn: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    half = train.Settings(steps=3, batch=4, check_steps=3, primed_steps=2, loaders=0, warm_steps=2)
    train.train(train.Run(folder, half), [], [], [drawn])
    again = train.Run(folder, SMALL)
    assert again.step == 3
    train.train(again, [], [], [drawn])
    assert train.Run(folder, SMALL).step == 6


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
    settings = train.Settings()
    rates = [train.rate_at(step, settings) for step in range(settings.steps)]
    assert max(rates) == settings.rate
    assert rates[0] < settings.rate / 100
    assert rates[settings.steps // 2] == settings.rate
    assert rates[-1] < settings.rate / 20
