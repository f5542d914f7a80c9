"""The faults of the Events and State WebSocket."""

from .faults import FaultKind

_MOTION_STARTED = "6eb95dd6-7ccc-4bce-99f8-af0d0b582d77"

SOCKET_FAULTS = (
    FaultKind(
        name="ws_unavailable",
        doc="Upgrades answer the status VALUE (404: an older server).",
        default="503",
        choices=("400", "401", "403", "404", "500", "502", "503"),
        is_number=True,
    ),
    FaultKind(
        name="ws_no_authenticate",
        doc="Only the header signs in: there is no `authenticate`, as in 2023 R3.",
    ),
    FaultKind(
        name="ws_authenticate_refused",
        doc="The command `authenticate` is refused although the token is valid.",
    ),
    FaultKind(
        name="ws_refused",
        doc="The command VALUE is refused with 500; `*`: every command.",
        default="*",
    ),
    FaultKind(
        name="ws_resume_refused",
        doc="Sessions are not resumed: a new one is started, with 201.",
    ),
    FaultKind(
        name="ws_events_first",
        doc="A resumed session pushes the missed events before its reply.",
    ),
    FaultKind(
        name="ws_slow_state",
        doc="getState answers after VALUE seconds, with the states of its request.",
        default="60",
        is_number=True,
    ),
    FaultKind(
        name="ws_close",
        doc="Connections are closed with the code VALUE, at once and at each event.",
        default="1001",
        is_number=True,
        least=1000,
        most=4999,
    ),
    FaultKind(
        name="ws_drop",
        doc="Connections are reset, at once and at each event.",
    ),
    FaultKind(
        name="ws_close_early",
        doc="Connections are closed with the code VALUE after their subscription.",
        default="1001",
        is_number=True,
        least=1000,
        most=4999,
    ),
    FaultKind(
        name="ws_idle",
        doc="A proxy drops connections that are idle for VALUE seconds.",
        default="60",
        is_number=True,
        least=0.01,
    ),
    FaultKind(
        name="ws_unsubscribed",
        doc="All subscriptions are lost at once, but not their sessions.",
    ),
    FaultKind(
        name="ws_flood",
        doc="100,000 `pings` or empty `messages` are sent, at once and on opening.",
        default="pings",
        choices=("pings", "messages"),
    ),
    FaultKind(
        name="ws_silent",
        doc="Open connections send no `events`, also no `replies`, also no `pings`.",
        default="events",
        choices=("events", "replies", "pings"),
    ),
    FaultKind(
        name="ws_ping",
        doc="The server pings every VALUE seconds.",
        default="30",
        is_number=True,
        least=0.01,
    ),
    FaultKind(
        name="ws_lost",
        doc="Events are not pushed at all.",
    ),
    FaultKind(
        name="ws_not_pushed",
        doc="Events whose type or source has the GUID VALUE are never pushed.",
        default=_MOTION_STARTED,
    ),
    FaultKind(
        name="ws_late",
        doc="Events are pushed VALUE seconds after they happened.",
        default="5",
        is_number=True,
    ),
    FaultKind(
        name="ws_duplicate",
        doc="Events are pushed twice, `together` or again after the `next` one.",
        default="together",
        choices=("together", "next"),
    ),
    FaultKind(
        name="ws_out_of_order",
        doc="Each event is pushed after the next one.",
    ),
    FaultKind(
        name="ws_null_group",
        doc="Events without a state have the stategroupid `null`, or the `nil` GUID.",
        default="null",
        choices=("null", "nil"),
    ),
    FaultKind(
        name="ws_bare",
        doc="Pushed events have no datatype, tag and data.",
    ),
)
