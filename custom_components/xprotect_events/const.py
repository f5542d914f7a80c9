"""Constants that three or more files share."""

from typing import Final

from homeassistant.exceptions import HomeAssistantError

DOMAIN: Final = "xprotect_events"

EVENT_LIVE: Final = "xprotect_events_event"
EVENT_MISSED: Final = "xprotect_events_missed_event"
EVENT_ALARM: Final = "xprotect_events_alarm"

CONF_AUTHENTICATION: Final = "authentication"
CONF_CA_CERTIFICATE: Final = "ca_certificate"
CONF_CERTIFICATE_FINGERPRINT: Final = "certificate_fingerprint"

CONF_POLL_INTERVAL: Final = "poll_interval"
CONF_MISSED_EVENTS: Final = "missed_events"
CONF_CATCH_UP_HOURS: Final = "catch_up_hours"

# Seconds: short enough for a light, long enough for a server with many clients.
DEFAULT_POLL_INTERVAL: Final = 2
# Automations hardly need events that are older than a day.
DEFAULT_CATCH_UP_HOURS: Final = 24

MISSED_FIRE: Final = "fire"
MISSED_IGNORE: Final = "ignore"

CONF_ALARMS: Final = "alarms"
CONF_DELIVERY: Final = "delivery"
CONF_EVENT_TYPES: Final = "event_types"
CONF_LIVE_VIEW: Final = "live_view"
CONF_SOURCES: Final = "sources"
CONF_EXCLUDE_EVENT_TYPES: Final = "exclude_event_types"
CONF_EXCLUDE_SOURCES: Final = "exclude_sources"
CONF_AREA_GROUPS: Final = "area_groups"
CONF_PTZ_PRESETS: Final = "ptz_presets"
CONF_SOURCE_GROUPS: Final = "source_groups"
CONF_STATE_GROUPS: Final = "state_groups"
CONF_SWITCH_OUTPUTS: Final = "switch_outputs"

CONF_PICTURES: Final = "pictures"
CONF_RECORDER_ADDRESSES: Final = "recorder_addresses"
CONF_RECORDER_CERTIFICATES: Final = "recorder_certificates"

PICTURES_OFF: Final = "off"
PICTURES_GATEWAY: Final = "gateway"
PICTURES_RECORDERS: Final = "recorders"

DELIVERY_AUTO: Final = "auto"
DELIVERY_POLL: Final = "poll"

# Errors from a stored file that was edited, or was cut by a full disk.
UNREADABLE: Final = (
    AttributeError,
    HomeAssistantError,
    KeyError,
    NotImplementedError,
    TypeError,
    ValueError,
)
