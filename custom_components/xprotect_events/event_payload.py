"""An event as automations see it on Home Assistant's bus."""

import math
import sys

from homeassistant.helpers.json import json_bytes

from .api import Event, Json
from .engine.catalog import Catalog
from .engine.inventory import SiteInventory

# The recorder does not store event data larger than this, in bytes.
MAX_PAYLOAD = 32768


def event_payload(
    event: Event,
    *,
    entry_id: str,
    device_id: str,
    catalog: Catalog,
    inventory: SiteInventory,
    missed: bool | None,
    origin: str | None,
) -> dict[str, Json]:
    """Describe an event with names, as documented in the README.

    `missed` and `origin` are `None` where nobody knows any more.
    """
    state = catalog.state(event.type_id)
    return {
        "entry_id": entry_id,
        "device_id": device_id,
        "event_id": event.id,
        "local_id": event.local_id,
        "type": catalog.type_name(event.type_id),
        "type_id": event.type_id,
        "source": event.source,
        "source_type": _source_type(event.source),
        "source_name": inventory.source_names.get(event.source or ""),
        "time": event.time_text,
        "state_group": state.group_name if state else None,
        "state": state.name if state else None,
        "tag": event.tag,
        "datatype": event.datatype,
        "data": event.data,
        "missed": missed,
        "origin": origin,
    }


def fit_recorder(payload: dict[str, Json]) -> dict[str, Json]:
    """Leave the analytics data out, and say so, when the recorder could not keep it."""
    return _fit(payload, MAX_PAYLOAD)


def fit_response(payload: dict[str, Json]) -> dict[str, Json]:
    """Leave the analytics data out, and say so, when nobody could be sent it."""
    return _fit(payload, sys.float_info.max)


def json_size(value: Json) -> float:
    """Return how many bytes Home Assistant needs to keep or show a value."""
    try:
        return len(json_bytes(value))
    except TypeError:
        # A number or text that Home Assistant's JSON does not have.
        return math.inf


def _fit(payload: dict[str, Json], limit: float) -> dict[str, Json]:
    if payload["data"] is None or json_size(payload) <= limit:
        return payload
    return {**payload, "data": None, "data_truncated": True}


def _source_type(source: str | None) -> str | None:
    resource, slash, _ = (source or "").partition("/")
    return resource if slash else None
