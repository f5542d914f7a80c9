"""Reads the tasks of the site's outputs, if the options allow switching them."""

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

# The tasks of outputs from 2024 R2 on (protocol §3.3).
SWITCHED = frozenset({Task.ACTIVATE, Task.DEACTIVATE})


async def async_read_output_tasks(
    entry: ConfigEntry,
    client: XProtectClient,
    inventory: SiteInventory,
    *,
    is_connected: bool,
) -> frozenset[Task]:
    """Return the tasks of the first output; all outputs of a site have the same.

    A user without the right, or an older server, has none.
    """
    if not entry.options.get(CONF_SWITCH_OUTPUTS):
        return frozenset()
    outputs = [one for one in inventory.devices if one.resource is Resource.OUTPUTS]
    if not outputs or not is_connected:
        # An output may be added later, and the set-up does not wait for the server.
        return SWITCHED
    try:
        return await client.tasks.offered(str(outputs[0].source))
    except (PermissionDeniedError, NotFoundError, RejectedError) as err:
        _LOGGER.warning("This user may not switch outputs in XProtect: %s", err)
        return frozenset()
    except ApiError as err:
        # If the outputs have no such tasks, using a switch shows the error.
        _LOGGER.debug("The tasks of outputs cannot be read: %s", err)
        return SWITCHED
