"""Names that three or more files share."""

from typing import Final

DOMAIN: Final = "xprotect_events"

EVENT_LIVE: Final = "xprotect_events_event"
EVENT_MISSED: Final = "xprotect_events_missed_event"

CONF_AUTHENTICATION: Final = "authentication"
CONF_CA_CERTIFICATE: Final = "ca_certificate"

AUTHENTICATION_BASIC: Final = "basic"
