"""The actions of the integration: their names and schemas."""

from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
import probatio as vol

from .const import DOMAIN
from .service_alarm import (
    ATTR_ALARM_ID,
    ATTR_COMMENT,
    async_acknowledge_alarm,
    async_close_alarm,
)
from .service_fields import ATTR_EVENT, ATTR_SOURCE
from .service_picture import (
    ATTR_FILENAME,
    ATTR_HOURS,
    DEFAULT_HOURS,
    MAX_HOURS,
    async_get_event_picture,
    async_save_event_picture,
)
from .service_read import (
    ATTR_END,
    ATTR_EVENT_ID,
    ATTR_INCLUDE_DATA,
    ATTR_LIMIT,
    ATTR_NEWEST_FIRST,
    ATTR_START,
    DEFAULT_LIMIT,
    MAX_LIMIT,
    async_get_event,
    async_get_events,
)
from .service_record import async_start_recording, async_stop_recording
from .service_trigger import ATTR_DATA, ATTR_TAG, ATTR_TIME, async_trigger_event

SERVICE_TRIGGER_EVENT = "trigger_event"
SERVICE_GET_EVENTS = "get_events"
SERVICE_GET_EVENT = "get_event"
SERVICE_START_RECORDING = "start_recording"
SERVICE_STOP_RECORDING = "stop_recording"
SERVICE_ACKNOWLEDGE_ALARM = "acknowledge_alarm"
SERVICE_CLOSE_ALARM = "close_alarm"
SERVICE_GET_EVENT_PICTURE = "get_event_picture"
SERVICE_SAVE_EVENT_PICTURE = "save_event_picture"

# Characters; the server's names and paths have at most 255 of them.
MAX_TEXT = 255
# Of a comment; XProtect shows it in one line.
MAX_COMMENT = 1024
# Names or devices in one call. A site of 2,500 cameras is asked for as a whole, without
# naming any; a list without end would hold up Home Assistant.
MAX_LIST = 1000


def _sendable(value: str) -> str:
    """Return a text that can be sent. Raises `vol.Invalid` for half a character."""
    try:
        value.encode()
    except UnicodeEncodeError as err:
        raise vol.Invalid("expected whole characters") from err
    return value


# `cv.string`, because templates convert texts that look like numbers.
_STRING = vol.All(cv.string, _sendable)
_TEXT = vol.All(_STRING, vol.Length(min=1, max=MAX_TEXT))
_TEXTS = vol.All(cv.ensure_list, vol.Length(min=1, max=MAX_LIST), [_TEXT])
# Only needed with several sites.
_ENTRY = {vol.Optional(ATTR_CONFIG_ENTRY_ID): str}
_SOURCES = {
    vol.Optional(ATTR_DEVICE_ID): _TEXTS,
    vol.Optional(ATTR_SOURCE): _TEXT,
}

TRIGGER_EVENT_SCHEMA = vol.Schema(
    {
        **_ENTRY,
        vol.Required(ATTR_EVENT): _TEXT,
        **_SOURCES,
        vol.Optional(ATTR_TIME): cv.datetime,
        vol.Optional(ATTR_TAG): _STRING,
        vol.Optional(ATTR_DATA): dict,
    }
)
GET_EVENTS_SCHEMA = vol.Schema(
    {
        **_ENTRY,
        vol.Optional(ATTR_START): cv.datetime,
        vol.Optional(ATTR_END): cv.datetime,
        **_SOURCES,
        vol.Optional(ATTR_EVENT): _TEXTS,
        vol.Optional(ATTR_NEWEST_FIRST, default=True): cv.boolean,
        vol.Optional(ATTR_LIMIT, default=DEFAULT_LIMIT): vol.All(
            vol.Coerce(int), vol.Range(min=1, max=MAX_LIMIT)
        ),
        vol.Optional(ATTR_INCLUDE_DATA, default=False): cv.boolean,
    }
)
GET_EVENT_SCHEMA = vol.Schema({**_ENTRY, vol.Required(ATTR_EVENT_ID): _TEXT})
ALARM_SCHEMA = vol.Schema(
    {
        **_ENTRY,
        vol.Required(ATTR_ALARM_ID): _TEXT,
        vol.Optional(ATTR_COMMENT): vol.All(
            _STRING, vol.Length(min=1, max=MAX_COMMENT)
        ),
    }
)
RECORDING_SCHEMA = vol.Schema({vol.Required(ATTR_DEVICE_ID): _TEXTS})
GET_EVENT_PICTURE_SCHEMA = GET_EVENT_SCHEMA.extend(
    {
        vol.Optional(ATTR_HOURS, default=DEFAULT_HOURS): vol.All(
            vol.Coerce(int), vol.Range(min=1, max=MAX_HOURS)
        )
    }
)
SAVE_EVENT_PICTURE_SCHEMA = GET_EVENT_SCHEMA.extend(
    {vol.Required(ATTR_FILENAME): _STRING}
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions; every user of Home Assistant may read events."""
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_TRIGGER_EVENT,
        async_trigger_event,
        schema=TRIGGER_EVENT_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    _async_setup_alarm_services(hass)
    for name, handler in (
        (SERVICE_START_RECORDING, async_start_recording),
        (SERVICE_STOP_RECORDING, async_stop_recording),
    ):
        async_register_admin_service(
            hass, DOMAIN, name, handler, schema=RECORDING_SCHEMA
        )
    hass.services.async_register(
        DOMAIN,
        SERVICE_GET_EVENTS,
        async_get_events,
        schema=GET_EVENTS_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_GET_EVENT,
        async_get_event,
        schema=GET_EVENT_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_GET_EVENT_PICTURE,
        async_get_event_picture,
        schema=GET_EVENT_PICTURE_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_SAVE_EVENT_PICTURE,
        async_save_event_picture,
        schema=SAVE_EVENT_PICTURE_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )


@callback
def _async_setup_alarm_services(hass: HomeAssistant) -> None:
    for name, handling in (
        (SERVICE_ACKNOWLEDGE_ALARM, async_acknowledge_alarm),
        (SERVICE_CLOSE_ALARM, async_close_alarm),
    ):
        async_register_admin_service(
            hass,
            DOMAIN,
            name,
            handling,
            schema=ALARM_SCHEMA,
            supports_response=SupportsResponse.OPTIONAL,
        )
