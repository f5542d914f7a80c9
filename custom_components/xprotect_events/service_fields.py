"""Reads the fields that several actions share, and raises their errors."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from uuid import UUID

from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_DEVICE_ID
from homeassistant.core import ServiceCall
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.service import async_get_config_entry
from homeassistant.util import dt as dt_util

from .api import YEARS, Source
from .const import DOMAIN
from .engine.inventory import LISTED
from .runtime import XProtectConfigEntry, XProtectRuntime

ATTR_EVENT = "event"
ATTR_SOURCE = "source"

# No event is older or newer.
FIRST_MOMENT = datetime(YEARS.start, 1, 1, tzinfo=UTC)
LAST_MOMENT = datetime(YEARS[-1], 12, 31, 23, 59, 59, tzinfo=UTC)


def mistake(key: str, **placeholders: str) -> ServiceValidationError:
    """Return the error for a wrong field of a call."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
    )


def entry_of(call: ServiceCall) -> XProtectConfigEntry:
    """Return the loaded config entry in a call, or the only one."""
    entry: XProtectConfigEntry = async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    return entry


def find_sources(
    runtime: XProtectRuntime, data: Mapping[str, object]
) -> tuple[Source, ...]:
    """Return the sources in a call, given as devices or as one source, or none."""
    device_ids = data.get(ATTR_DEVICE_ID)
    raw = data.get(ATTR_SOURCE)
    if isinstance(device_ids, list):
        if raw is not None:
            raise mistake("device_and_source")
        # Ignore duplicates.
        found = [_source_of_device(runtime, device_id) for device_id in device_ids]
        return tuple(dict.fromkeys(found))
    return (_check_source(runtime, raw),) if isinstance(raw, str) else ()


def check_listed(runtime: XProtectRuntime, sources: Iterable[Source]) -> None:
    """Raise the error for a source that XProtect had, and does not list any more."""
    inventory = runtime.inventory.data
    for source in sources:
        if source not in inventory.source_names and inventory.would_list(source):
            raise mistake("source_not_found", source=str(source))


def aware(time: datetime | None) -> datetime | None:
    """Return a time in UTC; without zone it is in Home Assistant's zone.

    A time before or after all valid ones becomes the first or the last of them.
    """
    if time is None:
        return None
    try:
        moment = dt_util.as_utc(time)
    except OverflowError:
        # The first or the last day of all, which has no time in UTC.
        return FIRST_MOMENT if time.year < YEARS.start else LAST_MOMENT
    return min(max(moment, FIRST_MOMENT), LAST_MOMENT)


def read_guid(value: str) -> str | None:
    """Return a GUID in XProtect's form, `None` if the text is not one.

    Windows shows GUIDs in braces, which XProtect does not accept.
    """
    try:
        return str(UUID(value.strip()))
    except ValueError:
        return None


def _source_of_device(runtime: XProtectRuntime, device_id: str) -> Source:
    source = runtime.devices.source(device_id)
    if source is None:
        raise mistake("device_is_no_source", device_id=device_id)
    return source


def _check_source(runtime: XProtectRuntime, raw: str) -> Source:
    """Return a source that can exist; the server would accept any without an error."""
    source = Source.parse(raw)
    inventory = runtime.inventory.data
    if source.resource is None:
        guid = read_guid(source.id)
        if guid is None:
            raise mistake("source_not_found", source=raw)
        return inventory.sources_by_id.get(guid, Source(None, guid))
    if (
        source.resource in LISTED - inventory.unreadable
        and source not in inventory.source_names
    ):
        raise mistake("source_not_found", source=raw)
    return source
