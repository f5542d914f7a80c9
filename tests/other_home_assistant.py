"""Lets the test plugin run with a newer Home Assistant than its own.

Loaded with `-p` before every other plugin, by `scripts/test --homeassistant`.
"""

# This comes first: Home Assistant 2026.11 replaces httpx by its own HTTP client, which
# fails once another plugin has imported httpx.
from homeassistant.components import logger
from homeassistant.components.logger import helpers

# The plugin imports this from its place in 2026.10.
vars(logger).setdefault("_clear_logger_overwrites", helpers._clear_logger_overwrites)
