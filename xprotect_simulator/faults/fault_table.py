"""The table of faults: name, effect and default value."""

from .alarm_fault_table import ALARM_FAULTS
from .faults import FaultKind
from .recorder_fault_table import RECORDER_FAULTS
from .socket_fault_table import SOCKET_FAULTS
from .state_fault_table import STATE_FAULTS
from .video_fault_table import VIDEO_FAULTS

# Faults of whole requests, in the order in which they are applied.
REQUEST_FAULTS = (
    FaultKind(
        name="slow",
        doc="Answers are delayed by VALUE seconds of the simulator's clock.",
        default="5",
        is_number=True,
    ),
    FaultKind(
        name="reset",
        doc="The connection is reset before the request is handled, or `after` it.",
        default="before",
        choices=("before", "after"),
    ),
    FaultKind(
        name="gateway_missing",
        doc="No API Gateway is installed: IIS answers 404 pages below /api.",
        path="/api/*",
    ),
    FaultKind(
        name="events_api_missing",
        doc="The gateway is older than 2023 R2 and has no events.",
        path="/api/rest/v1/event[s]*",
    ),
    FaultKind(
        name="event_server_down",
        doc="Events, sessions and WebSockets answer VALUE; the rest works.",
        default="503",
        is_number=True,
        least=200,
        most=599,
        path="/api/*",
    ),
    FaultKind(
        name="idp_down",
        doc="The identity provider answers VALUE; everything else works.",
        default="503",
        is_number=True,
        least=200,
        most=599,
    ),
    FaultKind(
        name="redirect",
        doc="Requests are redirected (307) to the origin VALUE, or to https.",
        is_origin=True,
    ),
    FaultKind(
        name="server_error",
        doc="Requests answer the 5xx status VALUE with HTML instead of JSON.",
        default="500",
        is_number=True,
        least=200,
        most=599,
    ),
    FaultKind(
        name="too_many_requests",
        doc="Requests answer 429 with Retry-After: VALUE seconds.",
        default="5",
        path="/api/rest/*",
    ),
    FaultKind(
        name="starting",
        doc="Requests answer 503 with Retry-After: VALUE seconds.",
        default="30",
        path="/api/rest/*",
    ),
    FaultKind(
        name="unauthorized",
        doc="REST requests answer 401 although the token is good.",
        path="/api/rest/*",
    ),
    FaultKind(
        name="unauthorized_once",
        doc="One REST request answers 401 although the token is good.",
        count=1,
        path="/api/rest/*",
    ),
    FaultKind(
        name="forbidden",
        doc="The resources VALUE (by comma) answer 403; `*`: every one.",
        default="*",
        path="/api/rest/*",
    ),
    FaultKind(
        name="html",
        doc="Answers are 200 with an HTML page instead of JSON.",
    ),
    FaultKind(
        name="garbage",
        doc="Answers have the content type JSON, but are not JSON.",
    ),
    FaultKind(
        name="truncated",
        doc="The connection ends in the middle of the answer.",
    ),
)

# Faults of single answers, which the parts of the server apply.
BEHAVIOUR_FAULTS = (
    FaultKind(
        name="unreachable_names",
        doc="Discovery documents name the unreachable host VALUE.",
        default="http://xprotect.invalid",
        is_origin=True,
    ),
    FaultKind(
        name="idp_elsewhere",
        doc="There is no identity provider here; discovery names the one at VALUE.",
        default="http://xprotect.invalid",
        is_origin=True,
    ),
    FaultKind(
        name="no_date",
        doc="No answer has a Date header.",
    ),
    FaultKind(
        name="windows_login_off",
        doc="The identity provider answers 401 without offering a Windows login.",
    ),
    FaultKind(
        name="windows_login_cut",
        doc="The connection closes at each step of a Windows login, as with proxies.",
    ),
    FaultKind(
        name="strict_queries",
        doc="Configuration listings answer 400 to every parameter but `disabled`.",
    ),
    FaultKind(
        name="empty_lists",
        doc="Lists of the resources VALUE (by comma; `*`: all) are empty, without 403.",
        default="*",
    ),
    FaultKind(
        name="upper_groups",
        doc="Lists of groups lack those that are in other groups.",
    ),
    FaultKind(
        name="event_types_without_state",
        doc="Event types have no `state`.",
    ),
    FaultKind(
        name="recorders_without_parent",
        doc="Recording servers do not name their site.",
    ),
    FaultKind(
        name="state_groups_without_id",
        doc="State groups have an id only in their relations, as in 2023 R2.",
    ),
    FaultKind(
        name="output_tasks",
        doc="Outputs offer only the task VALUE.",
        default="Trigger",
        choices=("Trigger", "Activate", "Deactivate"),
    ),
    FaultKind(
        name="recorder_silent",
        doc="Tasks of devices answer VALUE, because the recorder does not answer.",
        default="502",
        is_number=True,
        least=200,
        most=599,
    ),
    FaultKind(
        name="event_repeated",
        doc="Events come twice in a `reply`, or again in the `next` session reply.",
        default="reply",
        choices=("reply", "next"),
    ),
    FaultKind(
        name="out_of_order",
        doc="The events of a reply are shuffled.",
    ),
    FaultKind(
        name="session_forgotten",
        doc="An event session is forgotten when it is read.",
        count=1,
    ),
    FaultKind(
        name="window_reading",
        doc="maxSize of new sessions limits the whole session, not one reply.",
    ),
    FaultKind(
        name="no_deletions",
        doc="Event sessions never return removed ids.",
    ),
    FaultKind(
        name="wrapped_session",
        doc="A new session is answered inside `data` or `result`.",
        default="data",
        choices=("data", "result"),
    ),
    FaultKind(
        name="session_status",
        doc="A new session is answered with the status VALUE.",
        default="200",
        is_number=True,
        least=200,
        most=599,
    ),
    FaultKind(
        name="session_path",
        doc="Sessions are read only with the `suffix` /events, or only `short`.",
        default="suffix",
        choices=("suffix", "short"),
    ),
    FaultKind(
        name="expiry_answer",
        doc="Unknown sessions answer 404, 400 (UnknownSession) or 410.",
        default="400",
        choices=("400", "404", "410"),
    ),
    FaultKind(
        name="empty_filters_refused",
        doc="Sessions without a filter or without an order are refused with 400.",
    ),
    FaultKind(
        name="size_clamped",
        doc="A page or a reply has VALUE events at most, whatever size is requested.",
        default="100",
        is_number=True,
        least=1,
    ),
    FaultKind(
        name="session_begins_empty",
        doc="New sessions omit events that are stored already.",
    ),
    FaultKind(
        name="session_newest_first",
        doc="New sessions return the newest events first, whatever is requested.",
    ),
    FaultKind(
        name="pages_newest_first",
        doc="Pages have the newest events first, whatever order is requested.",
    ),
    FaultKind(
        name="pages_ignore",
        doc="Pages of events ignore the parameters VALUE (`time`, `page`; by comma).",
        default="time,page",
        choices=("time", "page", "time,page"),
    ),
    FaultKind(
        name="time_filter_ignored",
        doc="New event sessions ignore filters on time.",
    ),
)

ALL_FAULTS = (
    *REQUEST_FAULTS,
    *BEHAVIOUR_FAULTS,
    *STATE_FAULTS,
    *ALARM_FAULTS,
    *SOCKET_FAULTS,
    *RECORDER_FAULTS,
    *VIDEO_FAULTS,
)


def describe() -> str:
    """Return the table as text, one fault a line."""
    width = max(len(kind.name) for kind in ALL_FAULTS)
    return "\n".join(
        f"  {kind.name:<{width}}  {kind.doc}"
        + (f" Default: {kind.default}." if kind.default else "")
        for kind in ALL_FAULTS
    )
