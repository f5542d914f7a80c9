"""Setting config entries up, and waiting for their first polls."""

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant

# The options of tests that let hours pass in which no event matters: the longest
# interval of the form makes them ten times as short.
POLLS_RARELY = {"delivery": "poll", "poll_interval": 20}


async def set_up(hass: HomeAssistant, entry: ConfigEntry) -> ConfigEntryState:
    """Set an entry up, wait for its first poll, and return its state."""
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    return entry.state


async def load(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Set an entry up successfully; its first poll is over."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)


async def reload(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Reload an entry successfully; its first poll is over."""
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
