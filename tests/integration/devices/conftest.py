"""The devices of a site, and a new reading of its lists."""

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from xprotect_simulator import Simulator

# Seconds. The lists are read every hour, even without a change.
AN_HOUR = timedelta(hours=1, minutes=1)

A_GUID = "1b671a64-40d5-491e-99b0-da01ff1f3341"

type DeviceNames = Callable[[], list[str]]


class ReadInventory(Protocol):
    """Reads the lists again."""

    async def __call__(self) -> None:
        """Return when the lists are read and all changes applied."""


def readings(simulator: Simulator) -> int:
    """Return the number of readings of the site."""
    return sum(request.path.endswith("/sites") for request in simulator.requests)


@pytest.fixture
def read_inventory(hass: HomeAssistant) -> ReadInventory:
    """Return a function that lets the hour until the next reading pass."""

    async def read() -> None:
        async_fire_time_changed(hass, dt_util.utcnow() + AN_HOUR)
        await hass.async_block_till_done(wait_background_tasks=True)

    return read


@pytest.fixture
def device_names(
    device_registry: dr.DeviceRegistry, entry: MockConfigEntry
) -> DeviceNames:
    """Return a function that lists the names of all devices of the entry."""

    def names() -> list[str]:
        return sorted(
            str(device.name)
            for device in dr.async_entries_for_config_entry(
                device_registry, entry.entry_id
            )
        )

    return names
