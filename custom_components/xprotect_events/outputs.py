"""What the outputs of a site can do, where the options say that they are switched."""

import logging

from homeassistant.config_entries import ConfigEntry

from .api import (
    ApiError,
    NotFoundError,
    PermissionDeniedError,
    RejectedError,
    Resource,
    Task,
    XProtectClient,
)
from .const import CONF_SWITCH_OUTPUTS
from .engine.inventory import SiteInventory

_LOGGER = logging.getLogger(__name__)

# What outputs offer from 2024 R2 on.
SWITCHED = frozenset({Task.ACTIVATE, Task.DEACTIVATE})


async def async_read_output_tasks(
    entry: ConfigEntry,
    client: XProtectClient,
    inventory: SiteInventory,
    *,
    is_connected: bool,
) -> frozenset[Task]:
    """Ask the first output for its tasks: all outputs of a site have the same.

    None are offered to a user without the right, or by a server that is too old.
    """
    if not entry.options.get(CONF_SWITCH_OUTPUTS):
        return frozenset()
    outputs = [one for one in inventory.devices if one.resource is Resource.OUTPUTS]
    if not outputs or not is_connected:
        # One may be added before the next reload, and no start waits for a server.
        return SWITCHED
    try:
        return await client.tasks.offered(str(outputs[0].source))
    except (PermissionDeniedError, NotFoundError, RejectedError) as err:
        _LOGGER.warning("XProtect lets this user switch no outputs: %s", err)
        return frozenset()
    except ApiError as err:
        # Whoever switches one is told whether it works.
        _LOGGER.debug("Cannot ask what outputs can do: %s", err)
        return SWITCHED
