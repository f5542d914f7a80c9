"""The action that triggers events."""

from collections.abc import Sequence
import json

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.json import JsonValueType

from .api import Json, NewEvent, TriggerResult
from .bounded_json import json_size
from .const import DOMAIN
from .engine.inventory import EVENT_TYPES
from .runtime import XProtectRuntime
from .service_fields import (
    ATTR_EVENT,
    FIRST_MOMENT,
    LAST_MOMENT,
    aware,
    check_listed,
    entry_of,
    find_sources,
    mistake,
    read_guid,
)
from .triggering import async_trigger

ATTR_TIME = "time"
ATTR_TAG = "tag"
ATTR_DATA = "data"

# GUIDs in an error text; users would not read more.
MAX_IDS = 10


async def async_trigger_event(call: ServiceCall) -> ServiceResponse:
    """Trigger an event, once for each source, and return the results."""
    entry = entry_of(call)
    runtime = entry.runtime_data
    type_id = _find_event_type(runtime, call.data[ATTR_EVENT])
    data = call.data.get(ATTR_DATA)
    if data is not None and type_id in runtime.inventory.catalog.user_defined:
        raise mistake("data_not_supported", event=call.data[ATTR_EVENT])
    if not _is_json(data):
        raise mistake("data_not_json")
    time = aware(call.data.get(ATTR_TIME))
    if time in (FIRST_MOMENT, LAST_MOMENT):
        raise mistake("time_out_of_range", time=str(call.data[ATTR_TIME]))
    sources = find_sources(runtime, call.data)
    check_listed(runtime, sources)
    events = [
        NewEvent(
            type_id=type_id,
            source=source,
            time=time,
            tag=call.data.get(ATTR_TAG),
            data=data,
        )
        for source in sources or (None,)
    ]
    results = await async_trigger(call.hass, entry, events, call.context)
    raise_for_refused(results, has_response=call.return_response)
    return {
        "events": [
            _describe(event, result)
            for event, result in zip(events, results, strict=True)
        ]
    }


def raise_for_refused(results: Sequence[TriggerResult], *, has_response: bool) -> None:
    """Raise `HomeAssistantError` when XProtect refused events.

    If it refused only some and the action `has_response`, the response has the errors.
    """
    refused = [result for result in results if not result.succeeded]
    if len(refused) == len(results) or (refused and not has_response):
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="trigger_refused",
            translation_placeholders={
                "refused": str(len(refused)),
                "count": str(len(results)),
                "error": _reason(refused[0]),
            },
        )


def _find_event_type(runtime: XProtectRuntime, name_or_id: str) -> str:
    catalog = runtime.inventory.catalog
    guid = read_guid(name_or_id)
    found = catalog.find(guid or name_or_id)
    if len(found) > 1:
        # A user-defined event may have the name of a built-in type.
        triggerable = [type_id for type_id in found if catalog.is_triggerable(type_id)]
        found = tuple(triggerable) or found[:1]
    if len(found) > 1:
        raise mistake(
            "event_ambiguous", event=name_or_id, ids=", ".join(found[:MAX_IDS])
        )
    if not found:
        if guid and EVENT_TYPES in runtime.inventory.data.unreadable:
            return guid
        raise mistake("event_not_found", event=name_or_id)
    type_id = found[0]
    if catalog.is_generic(type_id):
        raise mistake("event_generic", event=name_or_id)
    if not catalog.is_triggerable(type_id):
        raise mistake("event_not_triggerable", event=name_or_id)
    return type_id


def _describe(event: NewEvent, result: TriggerResult) -> dict[str, JsonValueType]:
    taken = result.event
    source = taken.source if taken else event.source
    described: dict[str, JsonValueType] = {
        "event_id": taken.id if taken else None,
        "type_id": event.type_id,
        "source": str(source) if source else None,
        "time": taken.time_text if taken else None,
        "status": result.status,
    }
    if taken is None:
        described["error"] = _reason(result)
    return described


def _reason(result: TriggerResult) -> str:
    return result.error_text or f"HTTP {result.status}"


def _is_json(data: dict[str, Json] | None) -> bool:
    """Whether data can be sent; YAML also has dates, and numbers as keys.

    Home Assistant, which encodes requests, would send dates as text, but cannot encode
    whole numbers above 64 bits, half a character, and more than 254 levels.
    """
    try:
        json.dumps(data, allow_nan=False)
    except TypeError, ValueError, RecursionError:
        return False
    return json_size(data) is not None
