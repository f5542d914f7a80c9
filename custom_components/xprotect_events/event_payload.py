"""The data of an event on Home Assistant's bus."""

from .api import Event, Json, Resource
from .bounded_json import MAX_DEPTH, NULL_SIZE, cut, fits, json_size
from .engine.catalog import Catalog
from .engine.inventory import SiteInventory

# Bytes. The recorder does not store larger event data; with less, data would be cut.
MAX_PAYLOAD = 32768

_CAMERAS = Resource.CAMERAS.value


def event_payload(
    event: Event,
    *,
    entry_id: str,
    device_id: str,
    catalog: Catalog,
    inventory: SiteInventory,
    missed: bool | None,
    origin: str | None,
    picture_root: str | None = None,
) -> dict[str, Json]:
    """Return an event with names, as documented in docs/events.md.

    `missed` and `origin` are `None` for stored events, where they are unknown.
    `picture_root` is the path of pictures, `None` while they are off.
    """
    state = catalog.states.get(event.type_id)
    source = event.source
    payload: dict[str, Json] = {
        "entry_id": entry_id,
        "device_id": device_id,
        "event_id": event.id,
        "local_id": event.local_id,
        "type": catalog.names.get(event.type_id, event.type_id),
        "type_id": event.type_id,
        "source": str(source) if source else None,
        "source_type": source.resource if source else None,
        "source_name": inventory.source_names.get(source) if source else None,
        "time": event.time_text,
        "state_group": state.group_name if state else None,
        "state": state.name if state else None,
        "tag": event.tag,
        "datatype": event.datatype,
        "data": event.data,
        "missed": missed,
        "origin": origin,
    }
    if picture_root is not None and source and source.resource == _CAMERAS:
        payload["picture"] = picture_root + event.id
    return payload


def fit(payload: dict[str, Json], room: int = MAX_PAYLOAD) -> dict[str, Json]:
    """Return the payload with `data` cut, so that the whole has at most `room` bytes.

    `data_truncated` is set if a part of `data` is `null` or missing.
    """
    if payload["data"] is None or fits(payload, room):
        return payload
    rest: dict[str, Json] = {**payload, "data": None, "data_truncated": True}
    left = room - (json_size(rest) or room) + NULL_SIZE
    return {**rest, "data": cut(payload["data"], max(left, NULL_SIZE), MAX_DEPTH - 1)}
