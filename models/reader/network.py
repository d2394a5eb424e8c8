"""The reader's network: convolutions, two glances down the columns, one look across the plate.

Plates have one row or two. Instead of folding rows by position, which a tilted plate defies,
two learned glances choose in every column where their row lies; the moments of the first
glance and then those of the second are what CTC reads, so a plate of one row leaves the
second glance blank. One attention layer lets every moment know the whole plate: which rows
there are, and which country's letters these might be.
"""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from models.reader.data import ALPHABET, REGIONS

HEIGHT = 48  # a plate of 100 px is 50 px high in America, 21 in Europe
WIDTH = 144  # 36 moments a row: ten characters and the blanks between them fit
CHANNELS = 3  # colour parts yellow letters from a teal plate of the same grey
MEAN, SCALE = 127.5, 1 / 64

_ROWS = 2
COLUMNS = WIDTH // 4  # moments a row


class Reader(nn.Module):  # type: ignore[misc]  # torch is Any where it is missing
    """[N, CHANNELS, HEIGHT, WIDTH] to CTC logits [N, 72, 1 + characters] and region logits."""

    def __init__(self, widths: tuple[int, int, int, int] = (16, 32, 80, 160)) -> None:
        super().__init__()
        first, second, third, last = widths
        self.body = nn.Sequential(
            _Step(CHANNELS, first, (2, 2)),  # 24 x 72
            _Step(first, second, (2, 2)),  # 12 x 36
            _Residual(second),
            _Step(second, third, (2, 1)),  # 6 x 36
            _Residual(third),
            _Step(third, last, (2, 1)),  # 3 x 36
            _Residual(last),
        )
        self.glances = nn.Conv2d(last, _ROWS, 1)
        self.places = nn.Parameter(torch.randn(1, _ROWS * COLUMNS, last) * 0.02)
        self.across = _Across(last)
        self.norm = nn.LayerNorm(last)
        self.characters = nn.Linear(last, 1 + len(ALPHABET))
        self.region = nn.Linear(last, len(REGIONS))

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        seen = self.body(crops)  # [N, C, 3, 36]
        shares = self.glances(seen).softmax(2)  # [N, 2, 3, 36]
        rows = (seen.unsqueeze(1) * shares.unsqueeze(2)).sum(3)  # [N, 2, C, 36]
        moments = rows.permute(0, 1, 3, 2).flatten(1, 2) + self.places  # [N, 72, C]
        moments = self.norm(self.across(moments))
        return self.characters(moments), self.region(moments.mean(1))


class _Step(nn.Sequential):  # type: ignore[misc]  # torch is Any where it is missing
    def __init__(self, entering: int, leaving: int, stride: tuple[int, int]) -> None:
        super().__init__(
            nn.Conv2d(entering, leaving, 3, stride, 1, bias=False),
            nn.BatchNorm2d(leaving),
            nn.ReLU(inplace=True),
        )


class _Residual(nn.Module):  # type: ignore[misc]  # torch is Any where it is missing
    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner = nn.Sequential(
            _Step(width, width, (1, 1)),
            nn.Conv2d(width, width, 3, 1, 1, bias=False),
            nn.BatchNorm2d(width),
        )

    def forward(self, seen: Tensor) -> Tensor:
        return torch.relu(seen + self.inner(seen))


class _Across(nn.Module):  # type: ignore[misc]  # torch is Any where it is missing
    """Attention between all moments of both rows, then each by itself."""

    def __init__(self, width: int, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.asked = nn.Linear(width, 3 * width)
        self.answered = nn.Linear(width, width)
        self.alone = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width)
        )

    def forward(self, moments: Tensor) -> Tensor:
        n, t, width = moments.shape
        asked = self.asked(self.norm(moments)).view(n, t, 3, self.heads, width // self.heads)
        # each [N, heads, T, width / heads]
        query, key, value = asked.permute(2, 0, 3, 1, 4).unbind(0)
        heard = functional.scaled_dot_product_attention(query, key, value)
        heard = heard.transpose(1, 2).reshape(n, t, width)
        moments = moments + self.answered(heard)
        return moments + self.alone(moments)
