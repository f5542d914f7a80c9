"""Lets the test plugin run on a Home Assistant newer than the one it was made from.

Loaded with `-p` before every other plugin, by `scripts/test --homeassistant`.
"""

# First of all: Home Assistant 2026.11 puts its own HTTP client in the place of httpx,
# which it can't do any more once another plugin has imported that.
from homeassistant.components import logger
from homeassistant.components.logger import helpers

# The plugin imports this from where 2026.10 had it.
vars(logger).setdefault("_clear_logger_overwrites", helpers._clear_logger_overwrites)
