"""The sentences of the logbook, which finds the causes of events by their context."""

from collections.abc import Callable, Mapping
from typing import Any

from homeassistant.components.logbook import (
    DOMAIN as LOGBOOK,
    LOGBOOK_ENTRY_ICON,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
    async_log_entry,
)
from homeassistant.components.logbook.models import LazyEventPartialState
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .const import DOMAIN, EVENT_MISSED

type Describe = Callable[[LazyEventPartialState], dict[str, str]]


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[[str, str, Describe], None],
) -> None:
    """Describe missed events. Home Assistant has no translations for sentences.

    Live ones have lines by their event entities, or else by `async_log_event`: with
    a line for the bus event, too, each of them would appear twice.
    """

    @callback
    def describe(event: LazyEventPartialState) -> dict[str, str]:
        # An error for one event would end the whole page.
        name, message = _sentence(hass, event.data)
        return {
            # Without an icon the page shows an empty square.
            LOGBOOK_ENTRY_ICON: "mdi:cctv",
            LOGBOOK_ENTRY_NAME: name,
            LOGBOOK_ENTRY_MESSAGE: f"{message}, which reached Home Assistant late",
        }

    async_describe_event(DOMAIN, EVENT_MISSED, describe)


@callback
def async_log_event(
    hass: HomeAssistant, data: Mapping[str, Any], context: Context
) -> None:
    """Add a line for a live event that no event entity shows.

    `data` has the fields of the bus event that the sentence needs.
    """
    if LOGBOOK in hass.config.components:
        name, message = _sentence(hass, data)
        async_log_entry(hass, name, message, domain=DOMAIN, context=context)


@callback
def async_log_alarm(
    hass: HomeAssistant, data: Mapping[str, Any], context: Context
) -> None:
    """Add a line for an alarm that the event entity does not show.

    `data` has the fields of the bus event. The bus event itself cannot be described,
    because the logbook cannot know which alarms the entity shows.
    """
    if LOGBOOK in hass.config.components:
        name, _ = _sentence(hass, data)
        message = f"raised the alarm {data['name'] or data['alarm_id']}"
        if data["missed"]:
            message += ", which reached Home Assistant late"
        async_log_entry(hass, name, message, domain=DOMAIN, context=context)


def _sentence(hass: HomeAssistant, data: Mapping[str, Any]) -> tuple[str, str]:
    """Return the name of the device, and the sentence about the event.

    Users may fire such events by hand, so every field may be missing.
    """
    device = dr.async_get(hass).async_get(str(data.get("device_id")))
    event_type, place = data.get("type"), data.get("source_name")
    message = f"reported {event_type or 'an event'}"
    if _is_server(device) and place not in (None, event_type):
        # The event of a source without a device appears at the server's device.
        message += f" at {place}"
    if data.get("origin") == "home_assistant":
        message += ", triggered by Home Assistant"
    name = device.name_by_user or device.name if device else None
    return name or "XProtect", message


def _is_server(device: dr.DeviceEntry | dr.ChildDeviceEntry | None) -> bool:
    """Whether this is the server's device, which also stands for deleted devices."""
    return (
        not isinstance(device, dr.DeviceEntry)
        or device.entry_type is dr.DeviceEntryType.SERVICE
    )
