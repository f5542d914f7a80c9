"""The actions that read stored events."""

from collections.abc import Iterable

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.util.json import JsonValueType

from .api import MAX_PAGE_SIZE, Direction, Event, Json, NotFoundError
from .engine.search import Search, search
from .errors import action_errors
from .event_payload import MAX_PAYLOAD, event_payload, fit
from .runtime import XProtectRuntime
from .service_fields import (
    ATTR_EVENT,
    aware,
    entry_of,
    find_sources,
    mistake,
    read_guid,
)

ATTR_START = "start"
ATTR_END = "end"
ATTR_NEWEST_FIRST = "newest_first"
ATTR_LIMIT = "limit"
ATTR_INCLUDE_DATA = "include_data"
ATTR_EVENT_ID = "event_id"

# Bytes of data in one response, which scripts and each of their traces keep in memory.
MAX_RESPONSE = 8 * 2**20
# The least bytes for each event; small data, such as a licence plate, always fits.
MIN_ROOM = 4096
# Bytes of a single event that is read by its id: one or two pictures.
MAX_EVENT = 2**20

# The default number of events.
DEFAULT_LIMIT = 100
# The largest number of events: one page of the server.
MAX_LIMIT = MAX_PAGE_SIZE


async def async_get_events(call: ServiceCall) -> ServiceResponse:
    """Return stored events in the form of bus events."""
    entry = entry_of(call)
    runtime = entry.runtime_data
    start, end = aware(call.data.get(ATTR_START)), aware(call.data.get(ATTR_END))
    if start is not None and end is not None and start > end:
        raise mistake("start_after_end")
    wanted = Search(
        start=start,
        end=end,
        sources=frozenset(find_sources(runtime, call.data)),
        event_types=_find_event_types(runtime, call.data.get(ATTR_EVENT, ())),
        direction=(
            Direction.DESCENDING
            if call.data[ATTR_NEWEST_FIRST]
            else Direction.ASCENDING
        ),
        limit=call.data[ATTR_LIMIT],
        include_data=call.data[ATTR_INCLUDE_DATA],
    )
    with action_errors(call.hass, entry):
        found = await search(runtime.client.events, wanted)
    room = MAX_RESPONSE // max(1, len(found.events))
    room = max(MIN_ROOM, min(MAX_PAYLOAD, room))
    response: dict[str, JsonValueType] = {
        "events": [
            _describe(entry.entry_id, runtime, event, room) for event in found.events
        ]
    }
    if found.is_truncated:
        response["truncated"] = True
    return response


async def async_get_event(call: ServiceCall) -> ServiceResponse:
    """Return one stored event with its data."""
    entry = entry_of(call)
    runtime = entry.runtime_data
    event_id = read_guid(call.data[ATTR_EVENT_ID])
    if event_id is None:
        raise mistake("event_id_invalid", event_id=call.data[ATTR_EVENT_ID])
    with action_errors(call.hass, entry):
        try:
            event = await runtime.client.events.get(event_id, include_data=True)
        except NotFoundError as err:
            raise mistake("event_not_stored", event_id=event_id) from err
    return {"event": _describe(entry.entry_id, runtime, event, MAX_EVENT)}


def _find_event_types(runtime: XProtectRuntime, names: Iterable[str]) -> frozenset[str]:
    """Return all types with these names; cameras and hardware share some names.

    A GUID that is in no list is accepted, because plug-ins send such types.
    """
    found: set[str] = set()
    for name in names:
        named = runtime.inventory.catalog.find(name)
        if not named:
            type_id = read_guid(name)
            if type_id is None:
                raise mistake("event_type_not_found", event=name)
            named = (type_id,)
        found.update(named)
    return frozenset(found)


def _describe(
    entry_id: str, runtime: XProtectRuntime, event: Event, room: int
) -> dict[str, Json]:
    """Return a stored event in the form of a bus event, of `room` bytes at most.

    `missed` and `origin` are `None`, because XProtect does not store them.
    """
    return fit(
        event_payload(
            event,
            entry_id=entry_id,
            device_id=runtime.devices.device_id(event.source),
            catalog=runtime.inventory.catalog,
            inventory=runtime.inventory.data,
            missed=None,
            origin=None,
            picture_root=runtime.pictures.root if runtime.pictures else None,
        ),
        room,
    )
