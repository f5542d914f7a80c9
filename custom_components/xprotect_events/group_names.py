"""The names of XProtect's groups of devices, for forms that offer them."""

import asyncio
import logging

from .api import ApiError, Configuration
from .engine.groups import DeviceGroup, read_groups

_LOGGER = logging.getLogger(__name__)

# Seconds that a form waits for the names, which it does not need.
PATIENCE = 15.0


async def async_read_group_names(
    configuration: Configuration,
) -> tuple[DeviceGroup, ...]:
    """Return the groups; none if they cannot be read now."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await read_groups(configuration)
    except (TimeoutError, ApiError) as err:
        _LOGGER.debug("The groups of devices cannot be read: %s", err)
        return ()
