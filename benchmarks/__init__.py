"""One module a figure; each prints a ratio measured in one run."""

from pathlib import Path

TREE = Path(__file__).resolve().parent.parent
