"""The integration's actions."""

from collections.abc import Mapping
from datetime import datetime
import json
from uuid import UUID

from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_DEVICE_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import (
    async_get_config_entry,
    async_register_admin_service,
)
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType
import probatio as vol

from .api import (
    NewEvent,
    TriggerResult,
    source_path,
)
from .const import DOMAIN
from .engine.site import LISTED
from .runtime import XProtectConfigEntry, XProtectRuntime
from .triggering import async_trigger

SERVICE_TRIGGER_EVENT = "trigger_event"

ATTR_EVENT = "event"
ATTR_SOURCE = "source"
ATTR_TIME = "time"
ATTR_TAG = "tag"
ATTR_DATA = "data"

TRIGGER_EVENT_SCHEMA = vol.Schema(
    {
        vol.Required(ATTR_CONFIG_ENTRY_ID): str,
        vol.Required(ATTR_EVENT): vol.All(str, vol.Length(min=1)),
        vol.Optional(ATTR_DEVICE_ID): vol.All(cv.ensure_list, [str], vol.Length(min=1)),
        vol.Optional(ATTR_SOURCE): vol.All(str, vol.Length(min=1)),
        vol.Optional(ATTR_TIME): cv.datetime,
        vol.Optional(ATTR_TAG): str,
        vol.Optional(ATTR_DATA): dict,
    }
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_TRIGGER_EVENT,
        _async_trigger_event,
        schema=TRIGGER_EVENT_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )


async def _async_trigger_event(call: ServiceCall) -> ServiceResponse:
    entry: XProtectConfigEntry = async_get_config_entry(
        call.hass, DOMAIN, call.data[ATTR_CONFIG_ENTRY_ID]
    )
    runtime = entry.runtime_data
    type_id = _find_event_type(runtime, call.data[ATTR_EVENT])
    data = call.data.get(ATTR_DATA)
    if data is not None and runtime.inventory.catalog.is_user_defined(type_id):
        raise _mistake("data_not_supported", event=call.data[ATTR_EVENT])
    if not _is_json(data):
        raise _mistake("data_not_json")
    events = [
        NewEvent(
            type_id=type_id,
            source=source,
            time=_aware(call.data.get(ATTR_TIME)),
            tag=call.data.get(ATTR_TAG),
            data=data,
        )
        for source in _find_sources(runtime, call.data)
    ]
    results = await async_trigger(call.hass, entry, events, call.context)
    refused = [result for result in results if not result.succeeded]
    if len(refused) == len(results) or (refused and not call.return_response):
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="trigger_refused",
            translation_placeholders={
                "refused": str(len(refused)),
                "count": str(len(results)),
                "error": refused[0].error_text or f"HTTP {refused[0].status}",
            },
        )
    return {
        "events": [
            _describe(event, result)
            for event, result in zip(events, results, strict=True)
        ]
    }


def _find_event_type(runtime: XProtectRuntime, name_or_id: str) -> str:
    catalog = runtime.inventory.catalog
    found = catalog.find(name_or_id)
    if len(found) > 1:
        # XProtect allows a user-defined event to be called like a built-in type.
        triggerable = [type_id for type_id in found if catalog.is_triggerable(type_id)]
        found = tuple(triggerable) or found[:1]
    if len(found) > 1:
        raise _mistake("event_ambiguous", event=name_or_id, ids=", ".join(found))
    if not found:
        if "eventTypes" in runtime.inventory.data.unreadable and _is_guid(name_or_id):
            return name_or_id.lower()
        raise _mistake("event_not_found", event=name_or_id)
    type_id = found[0]
    if catalog.is_generic(type_id):
        raise _mistake("event_generic", event=name_or_id)
    if not catalog.is_triggerable(type_id):
        raise _mistake("event_not_triggerable", event=name_or_id)
    return type_id


def _find_sources(
    runtime: XProtectRuntime, data: Mapping[str, object]
) -> list[str | None]:
    device_ids = data.get(ATTR_DEVICE_ID)
    raw = data.get(ATTR_SOURCE)
    if isinstance(device_ids, list):
        if raw is not None:
            raise _mistake("device_and_source")
        return [_source_of_device(runtime, device_id) for device_id in device_ids]
    return [_check_source(runtime, raw) if isinstance(raw, str) else None]


def _source_of_device(runtime: XProtectRuntime, device_id: str) -> str:
    source = runtime.devices.source(device_id)
    if source is None:
        raise _mistake("device_is_no_source", device_id=device_id)
    return source


def _check_source(runtime: XProtectRuntime, raw: str) -> str:
    """Refuse a source that cannot exist: the server would take it without a word."""
    source = source_path(raw)
    inventory = runtime.inventory.data
    names = inventory.source_names
    resource, slash, _ = source.partition("/")
    if not slash:
        known = [path for path in names if path.endswith(f"/{source}")]
        if known:
            return known[0]
        if not _is_guid(source):
            raise _mistake("source_not_found", source=raw)
    if resource in LISTED - inventory.unreadable and source not in names:
        raise _mistake("source_not_found", source=raw)
    return source


def _aware(time: datetime | None) -> datetime | None:
    """Read a time without zone as Home Assistant's own."""
    return dt_util.as_utc(time) if time is not None else None


def _describe(event: NewEvent, result: TriggerResult) -> dict[str, JsonValueType]:
    taken = result.event
    described: dict[str, JsonValueType] = {
        "event_id": taken.id if taken else None,
        "type_id": event.type_id,
        "source": taken.source if taken else event.source,
        "time": taken.time_text if taken else None,
        "status": result.status,
    }
    if taken is None:
        described["error"] = result.error_text or f"HTTP {result.status}"
    return described


def _is_json(data: object) -> bool:
    """Tell what can be sent from what YAML can hold besides: dates, numbers as keys."""
    try:
        json.dumps(data, allow_nan=False)
    except TypeError, ValueError:
        return False
    return True


def _is_guid(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True


def _mistake(key: str, **placeholders: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
    )
