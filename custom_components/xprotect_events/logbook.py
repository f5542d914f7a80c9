"""Sentences for the logbook; who caused an event it finds by the context."""

from collections.abc import Callable

from homeassistant.components.logbook import (
    LOGBOOK_ENTRY_ICON,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.components.logbook.models import LazyEventPartialState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .const import DOMAIN, EVENT_LIVE, EVENT_MISSED

type Describe = Callable[[LazyEventPartialState], dict[str, str]]


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[[str, str, Describe], None],
) -> None:
    """Describe both bus events. Home Assistant has no translations for these."""
    devices = dr.async_get(hass)

    @callback
    def describe(event: LazyEventPartialState) -> dict[str, str]:
        # People fire such events by hand, too, and one that cannot be described ends
        # the whole page.
        data = event.data
        device = devices.async_get(str(data.get("device_id")))
        event_type, place = data.get("type"), data.get("source_name")
        message = f"reported {event_type or 'an event'}"
        if _is_server(device) and place not in (None, event_type):
            # What has no device of its own stands at the server's.
            message += f" at {place}"
        if data.get("origin") == "home_assistant":
            message += ", triggered by Home Assistant"
        if data.get("missed"):
            message += ", which reached Home Assistant late"
        name = device.name_by_user or device.name if device else None
        return {
            # Without one the page shows an empty square.
            LOGBOOK_ENTRY_ICON: "mdi:cctv",
            LOGBOOK_ENTRY_NAME: name or "XProtect",
            LOGBOOK_ENTRY_MESSAGE: message,
        }

    for event_type in (EVENT_LIVE, EVENT_MISSED):
        async_describe_event(DOMAIN, event_type, describe)


def _is_server(device: dr.DeviceEntry | dr.ChildDeviceEntry | None) -> bool:
    """Whether this is the server's device, which is also that of what is gone."""
    return (
        not isinstance(device, dr.DeviceEntry)
        or device.entry_type is dr.DeviceEntryType.SERVICE
    )
