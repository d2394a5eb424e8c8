"""What every command goes by: the settings of `.env` and the environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lot.settings import given_values
from server.settings import ServerSettings, settings_from

ENV_FILE = ".env"  # beside where the command is started, as the units' WorkingDirectory says


def settings(env: Mapping[str, str]) -> ServerSettings:
    """Return the settings, or name every wrong one at once."""
    return settings_from(given_values(env, Path(ENV_FILE)))
