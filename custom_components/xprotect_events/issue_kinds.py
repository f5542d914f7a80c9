"""The kinds of repairs, and how long some causes must last before they are shown."""

from dataclasses import dataclass
from enum import StrEnum

# Seconds. A server needs some minutes after its start before everything works.
PUSH_PATIENCE = 300.0
# Seconds. Tokens are refused for a moment when the identity provider restarts.
TOKEN_PATIENCE = 600.0


class Issue(StrEnum):
    """The kinds of repairs; the values are their translation keys."""

    ADMINISTRATOR = "administrator"
    ALARMS_FORBIDDEN = "alarms_forbidden"
    ALARMS_MISSING = "alarms_missing"
    CAMERAS_HIDDEN = "cameras_hidden"
    CERTIFICATE_CHANGED = "certificate_changed"
    CLEAR_TEXT = "clear_text"
    EVENTS_RENAMED = "events_renamed"
    EVENTS_UNREACHABLE = "events_unreachable"
    LISTS_FORBIDDEN = "lists_forbidden"
    NOT_PUSHED = "not_pushed"
    OPTIONS_STALE = "options_stale"
    OUTPUTS_FORBIDDEN = "outputs_forbidden"
    PERMISSION_DENIED = "permission_denied"
    PLAYBACK_FORBIDDEN = "playback_forbidden"
    PTZ_FORBIDDEN = "ptz_forbidden"
    PUSH_UNAVAILABLE = "push_unavailable"
    RECORDER_CERTIFICATE = "recorder_certificate"
    RIGHTS_LOST = "rights_lost"
    SERVER_CLOCKS_DIFFER = "server_clocks_differ"
    SERVER_TOO_OLD = "server_too_old"
    SOURCE_CLOCKS_DIFFER = "source_clocks_differ"
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - no password
    TOO_MANY_BUTTONS = "too_many_buttons"
    TOO_MANY_DEVICES = "too_many_devices"
    TOO_MANY_EVENT_TYPES = "too_many_event_types"
    TOO_MANY_NEW_DEVICES = "too_many_new_devices"
    TOO_MANY_STATE_SENSORS = "too_many_state_sensors"
    TOO_MANY_STATES = "too_many_states"
    TRIGGER_FORBIDDEN = "trigger_forbidden"
    TYPES_NOT_STORED = "types_not_stored"


# Repairs of severity error: no events arrive at all.
ERRORS = {
    Issue.CERTIFICATE_CHANGED,
    Issue.PERMISSION_DENIED,
    Issue.SERVER_TOO_OLD,
    Issue.TOKEN_REFUSED,
}
# Repairs with a fix flow.
FIXABLE = {
    Issue.CERTIFICATE_CHANGED,
    Issue.EVENTS_RENAMED,
    Issue.OPTIONS_STALE,
    Issue.RECORDER_CERTIFICATE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A repair that is shown only after its cause has lasted for some seconds."""

    issue: Issue
    patience: float


PUSH_TIMER = Timer(issue=Issue.PUSH_UNAVAILABLE, patience=PUSH_PATIENCE)
TOKEN_TIMER = Timer(issue=Issue.TOKEN_REFUSED, patience=TOKEN_PATIENCE)
