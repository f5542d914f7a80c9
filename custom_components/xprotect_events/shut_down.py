"""Ends what must not outlive the config entry, or Home Assistant."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback


@callback
def async_at_end(hass: HomeAssistant, entry: ConfigEntry, stop: CALLBACK_TYPE) -> None:
    """Call `stop` when the entry unloads, or Home Assistant begins to stop.

    Entries are not unloaded then, timers go on, and the connections are closed. Home
    Assistant cancels timers with `cancel_on_shutdown`, but none of `async_call_later`.
    """
    entry.async_on_unload(stop)
    entry.async_on_unload(hass.async_add_shutdown_job(HassJob(stop)))
