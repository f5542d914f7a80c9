"""Checks requests that trigger events, and creates the events."""

from .. import times
from ..errors import ApiError, bad_request, forbidden
from ..happening.ledger import StoredEvent
from ..happening.world import World
from ..identifiers import is_guid
from ..sign_in.users import Principal
from ..site import event_ids
from ..site.event_types import MIP_DEVICE
from ..site.items import DEVICE_KINDS
from ..site.security import TRIGGER

_DATATYPES = ("none", "analytics")

# Kinds of sources that occur in events but have no list in the configuration.
_UNLISTED_KINDS = ("services", "mipKinds", "storages", "servers", "alarmDefinitions")

_LISTED_KINDS = (
    "sites",
    "recordingServers",
    "hardware",
    *DEVICE_KINDS,
    "cameraGroups",
    "userDefinedEvents",
    "analyticsEvents",
)
_RECORDING_RULE = {
    event_ids.REQUEST_START_RECORDING: event_ids.RECORDING_STARTED,
    event_ids.REQUEST_STOP_RECORDING: event_ids.RECORDING_STOPPED,
}
_CANONICAL = {kind.lower(): kind for kind in (*_LISTED_KINDS, *_UNLISTED_KINDS)}


def trigger(
    world: World, principal: Principal, body: object, *, triggers_rules: bool = True
) -> StoredEvent:
    """Create the event of a request. Raises ApiError to refuse it."""
    if not isinstance(body, dict):
        text = "The event must be a JSON object"
        raise bad_request(text)
    type_id = _type(world, principal, body.get("type"))
    source = _source(world, principal, type_id, body.get("source"))
    datatype, data = _data(world, type_id, body)
    tag = body.get("tag")
    if tag is not None and not isinstance(tag, str):
        text = "Property 'tag' must be a string"
        raise bad_request(text)
    event = world.record(
        type_id,
        source,
        ticks=_time(body.get("time")),
        datatype=datatype,
        tag=tag,
        data=data,
    )
    if triggers_rules:
        _follow_rules(world, event)
    return event


def _follow_rules(world: World, event: StoredEvent) -> None:
    """Start or stop recording, like the default rule of every installation."""
    recording = _RECORDING_RULE.get(event.type)
    if recording is not None and (event.source or "").startswith("cameras/"):
        world.emit(recording, event.source)


def _type(world: World, principal: Principal, value: object) -> str:
    if not isinstance(value, str) or not is_guid(value.lower()):
        text = "Property 'type' must be the GUID of an event type"
        raise bad_request(text)
    event_type = world.event_types.get(value.lower())
    if event_type is None:
        text = f"Unknown event type. {value}"
        raise bad_request(text)
    if not principal.is_service and not event_type.is_open_to_users:
        raise forbidden()
    is_user_defined = world.find(f"userDefinedEvents/{event_type.id}") is not None
    if is_user_defined and not principal.may("userDefinedEvents", TRIGGER):
        raise forbidden()
    return event_type.id


def _source(
    world: World, principal: Principal, type_id: str, value: object
) -> str | None:
    """Return the resource path of a source given as path, GUID or null."""
    if value is None:
        if world.find(f"userDefinedEvents/{type_id}") is None:
            text = "Property 'source' is required for this event type"
            raise bad_request(text)
        return f"userDefinedEvents/{type_id}"
    if not isinstance(value, str):
        text = "Property 'source' must be a string"
        raise bad_request(text)
    path = _path(world, value)
    if not principal.may_see(path):
        raise forbidden()
    return path


def _path(world: World, value: str) -> str:
    kind, _, item_id = value.rpartition("/")
    item_id = item_id.lower()
    if not is_guid(item_id):
        text = f"Invalid source. {value}"
        raise bad_request(text)
    if not kind:
        for known in _LISTED_KINDS:
            if world.find(f"{known}/{item_id}") is not None:
                return f"{known}/{item_id}"
        text = f"Source not found. {value}"
        raise bad_request(text)
    canonical = _CANONICAL.get(kind.lower())
    if canonical is None:
        text = f"Invalid source. Unknown resource: {kind}"
        raise bad_request(text)
    path = f"{canonical}/{item_id}"
    if canonical in _LISTED_KINDS and world.find(path) is None:
        text = f"Source not found. {path}"
        raise bad_request(text)
    return path


def _data(
    world: World, type_id: str, body: dict[str, object]
) -> tuple[str, dict[str, object] | None]:
    datatype = body.get("datatype")
    if datatype is None:
        datatype = "none"
    if not isinstance(datatype, str) or datatype.lower() not in _DATATYPES:
        text = "Property 'datatype' must be one of none, analytics"
        raise bad_request(text)
    datatype = datatype.lower()
    data = body.get("data")
    if data is not None and not isinstance(data, dict):
        text = "Property 'data' must be an object"
        raise bad_request(text)
    if data and datatype == "none":
        text = "Property 'data' needs the datatype analytics"
        raise bad_request(text)
    if datatype == "analytics":
        event_type = world.event_types[type_id]
        if event_type.generator_type != MIP_DEVICE:
            raise ApiError(400, "This event type does not support analytics data")
    return datatype, data


def _time(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, str):
        text = "Property 'time' must be a date-time"
        raise bad_request(text)
    try:
        return times.parse(value)
    except ValueError as error:
        text = f"Invalid time. {error}"
        raise bad_request(text) from error
